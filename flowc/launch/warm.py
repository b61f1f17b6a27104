"""Starting the process that tasks are forked from, with what they need imported."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault, no_process
from flowc.launch.forked import PACKET, Forked, ended
from flowc.launch.server_process import take_server

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Mapping, Sequence

    from flowc.runtime.store import Store


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
        try:
            server, ours = take_server()
        except OSError as error:
            raise no_process(error.strerror) from error
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
