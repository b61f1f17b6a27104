"""How a run ended, in words for its user, and as an exit code."""

from __future__ import annotations

import shlex
import signal
from typing import TYPE_CHECKING

from flowc.cli.output import counted, say
from flowc.cli.running.reuse import reuse

if TYPE_CHECKING:
    from flowc.local.early import Interrupted
    from flowc.local.progress import Progress
    from flowc.local.run import LocalRun, TaskFailed


EXIT_TROUBLE = 2  # nothing of the flow is at fault
_BY_SIGNAL = 128


def say_done(run: LocalRun, progress: Progress) -> int:
    """The run succeeded."""
    ran = counted(progress.finished - progress.adopted, "task")
    _say_reuse(run, progress)
    kept = f", {progress.adopted:,} taken over" if run.origin else ""
    say(f"Run {run.run_id} is done: {ran} ran{kept}.")
    return 0


def say_failed(failure: TaskFailed, run: LocalRun, progress: Progress, again: tuple[str, ...]) -> int:
    """A task failed for good."""
    _say_reuse(run, progress)
    task = failure.task
    say(f"Workflow failed.\n    Step failure:\n    Step {task.step} (task-id {task.path}) failed.")
    what = str(failure)
    say(f"{what[:1].upper()}{what[1:]}. {_kept(progress)}\n{_resume(run, again)}")
    return 1


def say_interrupted(failure: Interrupted, run: LocalRun, progress: Progress, again: tuple[str, ...]) -> int:
    """A signal ended the run."""
    name = signal.Signals(failure.number).name
    why = ": nobody reads its output any more" if failure.number == signal.SIGPIPE else ""
    say(f"Run {run.run_id} was ended by {name}{why}. {_kept(progress)}\n{_resume(run, again)}")
    return _BY_SIGNAL + failure.number


def say_stuck(error: Exception, run: LocalRun, progress: Progress, again: tuple[str, ...]) -> int:
    """Something that is no task's fault keeps the run from going on."""
    say(f"Run {run.run_id} cannot go on: {error}")
    if progress.finished:
        say(f"{_kept(progress)}\n{_resume(run, again)}")
    return EXIT_TROUBLE


def _say_reuse(run: LocalRun, progress: Progress) -> None:
    for line in reuse(progress, run.origin) if run.origin else ():
        say(line)


def _kept(progress: Progress) -> str:
    verb = "is" if progress.finished == 1 else "are"
    return f"{progress.finished:,} of {counted(max(progress.known, progress.finished), 'task')} {verb} kept."


def _resume(run: LocalRun, again: tuple[str, ...]) -> str:
    if not _has_begun(run):
        return "The first task did not get so far that the run could be resumed: start it again."
    return f"resume with: {shlex.join(['flowc', 'resume', *again, '--origin-run-id', run.run_id])}"


def _has_begun(run: LocalRun) -> bool:
    """Whether `flowc resume` would find the run: its first task has described it."""
    from flowc.runtime.records import Run
    from flowc.runtime.store import StoreError, open_store

    try:
        store = open_store(run.datastore, "scheduler")
        return Run(store, run.program.graph.name, run.run_id).describe() is not None
    except StoreError:
        return True  # which a later resume will find out
