"""The process that tasks are forked from, as its parent starts it: `forkserver` is what runs in it.

It needs to know nothing of a run to import what tasks need and to rehearse them, so a command starts it
before it reads the flow: see `started_ahead`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# flowc is found where this process has it; the folder is of no concern to the flow.
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from flowc.launch.forkserver import main; main(int(sys.argv[2]))"
)
# Else each task would look up those symbols of libraries that it is the first to use.
_BIND_NOW = "LD_BIND_NOW"
_FORGET_BINDING = f"import os; del os.environ[{_BIND_NOW!r}]; "
_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PATIENCE = 5.0  # seconds for one that is not needed to notice it


class ServerProcess(NamedTuple):
    """The process, and our end of its connection; its standard input waits for the plan."""

    process: subprocess.Popen[bytes]
    connection: socket.socket


_ahead: list[ServerProcess] = []  # at most one, which nobody has taken yet


def take_server() -> ServerProcess:
    """One that was started ahead, else a new one. Raises OSError."""
    return _ahead.pop() if _ahead else _start()


@contextlib.contextmanager
def started_ahead(isolate: str) -> Iterator[None]:
    """Have one start beside what is done in the block, where a run that is isolated so forks its tasks.

    One that the block does not take is ended with it.
    """
    if forks(isolate):
        with contextlib.suppress(OSError):  # whoever needs it will try again, and say what is wrong
            _ahead.append(_start())
    try:
        yield
    finally:
        end_unneeded()


def end_unneeded() -> None:
    """End what was started ahead and is not taken: it ends by itself, told by its closed input."""
    while _ahead:
        process, connection = _ahead.pop()
        connection.close()
        assert process.stdin is not None  # noqa: S101 - see `_start`
        process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def forks(isolate: str) -> bool:
    """Whether tasks that are isolated so (`fork`, `spawn`) are forked here: macOS's own libraries do not survive it."""
    return isolate == "fork" and sys.platform.startswith("linux")


def module_path() -> Mapping[str, str]:
    """PYTHONPATH in absolute words: tasks run in the project's folder, not in the caller's."""
    entries = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, entries.split(os.pathsep)))} if entries else {}


def _start() -> ServerProcess:
    code, environment = _START, {**os.environ, **module_path()}
    if _BIND_NOW not in environment:
        code, environment[_BIND_NOW] = _FORGET_BINDING + _START, "1"
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", code, _OWN_FOLDER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
    except OSError:
        ours.close()
        raise
    return ServerProcess(process, ours)
