"""Tasks carried out by the process that a run's tasks are forked from, before the first of those.

Python learns from what it runs: it keeps where methods were found, puts special instructions in place of
general ones, binds symbols of libraries. Each forked task would learn that anew, and write it to copies of
its own of the pages that hold it. One rehearsed task takes a millisecond and saves each later one a tenth of
its time; some more teach the rest.

Invariant: nothing of the user's flow runs, and nothing stays but what was learned. What goes wrong here is
told nobody: a task will meet it where it matters.
"""

from __future__ import annotations

import contextlib
import os
import sys

from flowc import contract, dsl
from flowc.runtime.attempt import run_attempt
from flowc.runtime.records import Run
from flowc.runtime.settings import TaskSettings
from flowc.runtime.store.files import FileStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY = os.path.join(os.path.dirname(__file__), "rehearsed_flow.py")
_TIMES = 4


def rehearse() -> bool:
    """Carry out a few tasks of a flow of our own, in a folder that is removed again; whether they succeeded."""
    place = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - a new name in it, gone at once
    folder = os.path.join(place, f".flowc-rehearsal-{os.getpid()}-{os.urandom(8).hex()}")
    path, streams = sys.path.copy(), (sys.stdout, sys.stderr)
    with contextlib.suppress(OSError):
        os.mkdir(folder, 0o700)
        try:
            with _silence():
                return _carry_out(Run(FileStore(folder), "RehearsedFlow", "run"))
        finally:
            _remove(folder)
            sys.path[:] = path
            sys.stdout, sys.stderr = streams
            sys.modules.pop("rehearsed_flow", None)
            dsl.current._source = ()  # noqa: SLF001 - no task runs any more
    return False


def _carry_out(run: Run) -> bool:
    items: list[tuple[str, str, tuple[str, ...]]] = [
        ("each", f"r.{number}", ("../start",)) for number in range(_TIMES)
    ]
    for step, path, inputs in [("start", "r", ()), *items]:
        settings = TaskSettings(
            datastore="file://",
            flow=run.flow,
            run_id=run.run_id,
            run_uid="rehearsal",
            step=step,
            path=path,
            attempt="a",
            entry=_ENTRY,
            inputs=inputs,
            control_folder="",
        )
        if run_attempt(settings, run) != contract.EXIT_OK:
            return False
    return True


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _remove(folder: str) -> None:
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(place, name))
        for name in folders:
            os.rmdir(os.path.join(place, name))
    os.rmdir(folder)
