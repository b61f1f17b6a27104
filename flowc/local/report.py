"""A local run as its user sees it: plain lines, and on a terminal a line that shows how far it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, assert_never

from flowc import contract
from flowc.local.events import Adopted, Anew, AttemptFailed, Finished, Line, Split, Started, Stopped
from flowc.local.progress import Progress
from flowc.local.status import status_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.program import Program
    from flowc.local.events import Event, Task

_QUIET_SECONDS = 30.0  # without a line, a plain report says how far the run is


class Report(Protocol):
    """Takes what happens in a run; `tick` is called every `interval` seconds."""

    interval: float
    progress: Progress

    def tell(self, event: Event) -> None:
        """Show what happened."""

    def tick(self) -> None:
        """Show how time passes."""

    def close(self) -> None:
        """Leave nothing behind that is overwritten."""


class Plain:
    """Lines alone: for a file, a pipe, a CI job. Long silence is broken by a line of progress."""

    interval = 5.0

    def __init__(self, program: Program, run_id: str, write: Callable[[str], None]) -> None:
        self.progress = Progress(program)
        self._run_id = run_id
        self._write = write
        self._began = self._wrote = time.monotonic()

    def tell(self, event: Event) -> None:
        """See `Report`."""
        self.progress.take(event)
        for line in lines_of(event, self._run_id):
            self._write(line + "\n")
            self._wrote = time.monotonic()

    def tick(self) -> None:
        """See `Report`."""
        now = time.monotonic()
        if now - self._wrote > _QUIET_SECONDS:
            self._wrote = now
            self._write(f"{_stamp()} {status_line(self.progress, now - self._began, 100)}\n")

    def close(self) -> None:
        """See `Report`."""


class Live:
    """Lines above, and below them one that is drawn again and again. `write` goes to a terminal of `columns`."""

    interval = 0.1

    def __init__(
        self, program: Program, run_id: str, write: Callable[[str], None], columns: Callable[[], int]
    ) -> None:
        self.progress = Progress(program)
        self._run_id = run_id
        self._write = write
        self._columns = columns
        self._began = time.monotonic()
        self._shown = ""

    def tell(self, event: Event) -> None:
        """See `Report`."""
        self.progress.take(event)
        lines = lines_of(event, self._run_id)
        if lines:
            self._write(self._erased() + "".join(line + "\n" for line in lines) + self._shown)

    def tick(self) -> None:
        """See `Report`."""
        line = status_line(self.progress, time.monotonic() - self._began, self._columns() - 1)
        if line != self._shown:
            self._write(self._erased() + line)
            self._shown = line

    def close(self) -> None:
        """See `Report`."""
        self._write(self._erased())
        self._shown = ""

    def _erased(self) -> str:
        return "\r\x1b[2K" if self._shown else ""


# --------------------------------------------------------------------------- the text of an event
def lines_of(event: Event, run_id: str) -> list[str]:
    """The lines that an event is worth: what tasks print and how they fail."""
    match event:
        case Line(task=task, where=where, text=text):
            return [f"{_stamp()} [{_name(run_id, task, where)}] {text}"]
        case AttemptFailed(task=task, where=where):
            return [f"{_stamp()} [{_name(run_id, task, where)}] {line}" for line in _failure(event)]
        case Adopted() | Anew() | Finished() | Split() | Started() | Stopped():
            return []
        case _:
            assert_never(event)


def _name(run_id: str, task: Task, where: str) -> str:
    return f"{run_id}/{task} ({where})" if where else f"{run_id}/{task}"


def _failure(event: AttemptFailed) -> list[str]:
    meaning = _MEANING.get(event.code)
    reason = f" (exit code {event.code}{': ' + meaning if meaning else ''})"
    if event.delay is None:
        return [f"Task failed{reason}."]
    when = f" in {event.delay:g} s" if event.delay else ""
    return [f"Attempt {event.attempt} of {event.attempts} failed{reason}; trying again{when}."]


_MEANING = {
    contract.EXIT_FINAL: "nothing that trying again could mend",
    contract.EXIT_INFRASTRUCTURE: "the image, the datastore, the code or an input is missing",
    contract.EXIT_TIMEOUT: "its @timeout",
    contract.EXIT_TERMINATED: "ended from outside",
}


def _stamp() -> str:
    """The local time as Metaflow writes it: 2026-11-22 10:00:00.123."""
    now = time.time()
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}.{int(now * 1000) % 1000:03d}"
