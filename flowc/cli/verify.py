"""`flowc verify`: whether everything that runs stored is still there, byte for byte."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.output import counted, say, write
from flowc.cli.results.where import (
    newest_runs,
    open_results,
    reading_command,
    split_file,
    whole_run,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowc.cli.results.verification import Problem, Verified
    from flowc.runtime.client.stored import StoredRun

_HELP = """Read everything that RUN stored, or all runs, and compare it with its digests.

Each object that is missing or corrupt is listed with what needs it. Exit code 1 if there is one.

\b
Examples:
  flowc verify latest
  flowc verify                    every run in the datastore
  flowc verify --json | jq '.problems[].object'
"""


@click.command("verify", help=_HELP)
@click.argument("words", nargs=-1, metavar="[RUN]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/verify.schema.json).")
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@reading_command
def command(
    *, words: tuple[str, ...], as_json: bool, quiet: bool, datastore: str | None, profile: str | None
) -> int:
    """See the help above."""
    from flowc.cli.results.verification import verify_runs

    file, rest = split_file(words)
    results = open_results(file, datastore, profile)
    if rest:
        runs = [whole_run(results, rest, "verify", "a run is verified whole")]
    else:
        runs = newest_runs(results, results.flows)
    store = runs[0].store if runs else results.store
    verified = verify_runs(store, runs, _progress(quiet=quiet))
    if as_json:
        _print_json(runs, verified)
    else:
        _print(verified.problems)
        if not quiet:
            _summarize(runs, verified)
    return 1 if verified.problems else 0


def _progress(*, quiet: bool) -> Callable[[int, int], None]:
    """What tells of the progress: on a terminal a line that counts, and is gone at the end."""
    if quiet or not sys.stderr.isatty():
        return lambda _count, _total: None
    import time

    shown = time.monotonic()

    def tell(count: int, total: int) -> None:
        nonlocal shown
        if count == total:
            write(sys.stderr, "\r\x1b[K")
        elif time.monotonic() > shown + 0.1:
            shown = time.monotonic()
            write(sys.stderr, f"\r{count:,} of {total:,} values read")

    return tell


def _print_json(runs: Sequence[StoredRun], verified: Verified) -> None:
    from flowc.cli.results.documents import print_document

    print_document(
        {
            "runs": [f"{run.flow}/{run.run_id}" for run in runs],
            "checked": verified.pieces,
            "size": verified.size,
            "problems": [{**p._asdict(), "needed_by": list(p.needed_by)} for p in verified.problems],
        }
    )


def _print(problems: Sequence[Problem]) -> None:
    from flowc.diagnostics.render.cells import plain
    from flowc.diagnostics.render.style import paint, wants_colour

    colour = wants_colour(sys.stdout, os.environ)
    for found in problems:
        more = len(found.needed_by) - 1
        needed = plain(found.needed_by[0]) + (f" and {more:,} more" if more else "")
        kind = paint(found.problem, "error", colour=colour)
        write(sys.stdout, f"{kind}: {plain(found.object)}\n  needed by {needed}\n  {plain(found.message)}\n")


def _summarize(runs: Sequence[StoredRun], verified: Verified) -> None:
    from flowc.cli.results.words import size

    what = f"{counted(verified.pieces, 'value')} ({size(verified.size)}) of {counted(len(runs), 'run')}"
    bad = counted(len(verified.problems), "object") + (" is" if len(verified.problems) == 1 else " are")
    say(f"Read {what}: " + (f"{bad} missing or corrupt." if verified.problems else "all as stored."))
