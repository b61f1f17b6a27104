"""Waiting for a run on an engine, with a line whenever something has changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowc.cli.deploying.states import ending_line, progress_line, trouble_line
from flowc.cli.output import say
from flowc.deploy.faults import Unreachable
from flowc.deploy.status import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.cli.deploying.remote import Remote
    from flowc.deploy.status import RunStatus, Trouble

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0  # seconds between two looks
_UNREACHABLE = 24  # looks without an answer before it is given up: two minutes
_UNTAKEN = 12  # looks at a run that no controller takes up before that is said


def follow(remote: Remote, *, quiet: bool) -> RunStatus:
    """The run once it has ended; what an interruption leaves is told. Raises DeployFault."""
    show = _Lines(quiet=quiet)
    try:
        for status in _looks(remote):
            show.changed(status)
            if status.state.ended:
                break
    except KeyboardInterrupt:
        say(f"the run goes on: `flowc status {remote.run_id}`, `flowc cancel {remote.run_id}`")
        raise
    show.ended(status)
    return status


def _looks(remote: Remote) -> Iterator[RunStatus]:
    """The run again and again, less often with time. An engine may be out of reach for a while."""
    pause, missed = _FIRST_PAUSE, 0
    while True:
        try:
            yield remote.look()
            missed = 0
        except Unreachable:
            missed += 1
            if missed > _UNREACHABLE:
                raise
        time.sleep(_LONGEST_PAUSE if missed else pause)
        pause = min(pause * 1.2, _LONGEST_PAUSE)


class _Lines:
    """What has been told of a run, so that nothing is told twice."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._line = ""
        self._troubles: set[Trouble] = set()
        self._untaken = 0

    def changed(self, status: RunStatus) -> None:
        """Tell what is new."""
        if self._quiet:
            return
        line = progress_line(status)
        if line != self._line:
            say(f"{time.strftime('%H:%M:%S')} {line}")
        for trouble in status.troubles:
            if trouble not in self._troubles:
                say(f"         {trouble_line(trouble)}")
        self._line = line
        self._troubles.update(status.troubles)
        self._untaken += status.state is State.PENDING
        if self._untaken == _UNTAKEN:
            say(
                "nothing has taken the run up yet: does the workflow controller run, and does it watch this namespace?"
            )

    def ended(self, status: RunStatus) -> None:
        """How the run ended, and where to look."""
        if status.state is State.SUCCEEDED and self._quiet:
            return
        say(ending_line(status))
        failed = next((trouble for trouble in status.troubles if trouble.failed and trouble.path), None)
        if failed is not None:
            say(f"what it printed: flowc logs {status.run_id}/{failed.step}/{failed.path}")
