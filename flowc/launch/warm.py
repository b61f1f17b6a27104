"""Starting the process that tasks are forked from, with what they need imported."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault, module_path, no_process
from flowc.launch.forked import PACKET, Forked, ended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.runtime.store import Store

# flowc is found where this process has it; the folder is of no concern to the flow.
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from flowc.launch.forkserver import main; main(int(sys.argv[2]))"
)
_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


async def start_forked(
    *,
    root: str,
    entry: str,
    steps: Mapping[str, Mapping[str, str]],
    preload: Sequence[str],
    store: Store,
    local: bool,
) -> Forked:
    """A server that is ready to fork. Modules that start threads are left out, one server after the other."""
    wanted = list(preload)
    while True:
        plan = {"root": root, "entry": entry, "steps": steps, "common": _common(steps)}
        plan |= {"preload": wanted, "modules": _stores(local)}
        server, ours = _start_server()
        try:
            answer = await _introduce(server, ours, json.dumps(plan).encode())
        except asyncio.CancelledError:
            server.kill()
            server.wait()
            raise
        if answer.get("ready"):
            return Forked(server, ours, store, local)
        ours.close()
        await ended(server)
        if answer.get("threads") not in wanted:
            raise LaunchFault(f"the process that starts tasks ended with exit code {server.returncode}")
        wanted.remove(answer["threads"])


def _start_server() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The process, and our end of its connection. Raises LaunchFault."""
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            server = subprocess.Popen(
                [sys.executable, "-c", _START, _OWN_FOLDER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                env={**os.environ, **module_path()},
                start_new_session=True,
            )
    except OSError as error:
        raise no_process(error.strerror) from error
    return server, ours


async def _introduce(
    server: subprocess.Popen[bytes], connection: socket.socket, plan: bytes
) -> dict[str, str]:
    """What the server answers to its plan; nothing where it has gone. No thread: a machine may have none left."""
    loop = asyncio.get_running_loop()
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, server.stdin)
    writing.write(plan)
    writing.write_eof()
    connection.setblocking(False)
    try:
        packet = await loop.sock_recv(connection, PACKET)
    except ConnectionError:
        packet = b""
    return json.loads(packet) if packet else {}


def _common(steps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What all steps are told alike."""
    told = list(steps.values())
    return {name: value for name, value in told[0].items() if all(t.get(name) == value for t in told)}


def _stores(local: bool) -> list[str]:
    """The modules of the datastore, imported before the forks; boto3 alone takes half a second."""
    return ["flowc.runtime.store.files"] if local else ["flowc.runtime.store.s3"]
