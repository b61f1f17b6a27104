"""`flowc logs`: what tasks printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowc import contract
from flowc.cli.output import say, write_bytes
from flowc.cli.results.where import read_meant, reading_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.cli.results.where import Meant
    from flowc.runtime.client.facts import StoredAttempt, StoredTask

_HELP = """Print what a run, a step or a task printed, on both streams, in order.

Of several tasks each line begins with `[step/path]`. Without --attempt it is the attempt that won,
else the newest. Of an output longer than 10 MiB the first and the last half are kept.

\b
Examples:
  flowc logs latest
  flowc logs train-3f2a1c/fit/r.3 --attempt 1
  flowc logs latest/fit | grep -i error
"""


@click.command("logs", help=_HELP)
@click.argument("words", nargs=-1, metavar="RUN[/STEP[/PATH]]")
@click.option("--attempt", type=click.IntRange(1), help="Which attempt, counted from 1 as `flowc show` does.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of tasks that printed nothing.")
@reading_command
def command(
    *,
    words: tuple[str, ...],
    attempt: int | None,
    quiet: bool,
    datastore: str | None,
    profile: str | None,
) -> int:
    """See the help above."""
    meant = read_meant(words, datastore, profile)
    if meant.path is not None:
        _print_one(meant, attempt, quiet=quiet)
    else:
        _print_all(meant, attempt)
    return 0


def _print_one(meant: Meant, number: int | None, *, quiet: bool) -> None:
    """A task's log as it is, byte for byte."""
    name = f"the task {meant.run.flow}/{meant.run.run_id}/{meant.step}/{meant.path}"
    task = meant.run.task(meant.step or "", meant.path or "")
    chosen = task and _attempt(task, number)
    if task is None or chosen is None:
        tries = len(task.attempts) if task else 0
        raise click.UsageError(
            f"{name} has {tries} attempt{'s' * (tries != 1)}" + f", no attempt {number}" * bool(number)
        )
    log = meant.run.store.get(f"{chosen.prefix}/{contract.LOG_OBJECT}")
    write_bytes(log or b"")
    if not log and not quiet:
        say(f"{name[:1].upper()}{name[1:]} printed nothing.")


def _print_all(meant: Meant, number: int | None) -> None:
    """The logs of several tasks in the order in which they began, each line with its task."""
    from flowc.runtime.client.stored import side_by_side

    tasks = sorted(meant.run.tasks(meant.step), key=lambda task: task.started or 0.0)
    for log in side_by_side(meant.run.store, lambda task: b"".join(_lines(meant, task, number)), tasks):
        write_bytes(log)


def _lines(meant: Meant, task: StoredTask, number: int | None) -> Iterator[bytes]:
    from flowc.runtime.store import UnreadableObject

    chosen = _attempt(task, number)
    try:
        log = meant.run.store.get(f"{chosen.prefix}/{contract.LOG_OBJECT}") if chosen else None
    except UnreadableObject as error:  # the other tasks' may be well
        log = f"flowc: {error}".encode()
    sign = f"[{task.step}/{task.path}] ".encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    for line in (log or b"").splitlines():
        yield sign + line + b"\n"


def _attempt(task: StoredTask, number: int | None) -> StoredAttempt | None:
    if number is None:
        return task.decisive
    return task.attempts[number - 1] if number <= len(task.attempts) else None
