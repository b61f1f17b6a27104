"""`flowc runs`: the runs in a datastore, newest first."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.output import say, write
from flowc.cli.results.where import newest_runs, open_results, reading_command, split_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.cli.results.documents import Document
    from flowc.cli.results.where import Results

_HELP = """List runs, newest first: of every flow in the datastore, or of FLOW.

A run has failed when one of its tasks failed for good. It is unfinished where nothing says that it ended: it still runs,
or was killed.

\b
Examples:
  flowc runs
  flowc runs Train --limit 5
  flowc runs --status failed --json | jq -r '.runs[].run'
"""


@click.command("runs", help=_HELP)
@click.argument("words", nargs=-1, metavar="[FLOW]")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only runs that carry this tag.")
@click.option("--status", type=click.Choice(["succeeded", "failed", "unfinished"]), help="Only these.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="How many; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/runs.schema.json).")
@click.option("-q", "--quiet", is_flag=True, help="Print only the runs' ids.")
@reading_command
def command(
    *,
    words: tuple[str, ...],
    tags: tuple[str, ...],
    status: str | None,
    limit: int,
    as_json: bool,
    quiet: bool,
    datastore: str | None,
    profile: str | None,
) -> int:
    """See the help above."""
    from flowc.cli.results.documents import print_document

    file, rest = split_file(words)
    results = open_results(file, datastore, profile)
    shown, count = _list(results, _flows(results, rest), frozenset(tags), status, limit)
    if as_json:
        print_document({"datastore": results.url, "runs": shown})
    elif quiet:
        write(sys.stdout, "".join(f"{row['flow']}/{row['run']}\n" for row in shown))
    else:
        _print(results, shown, count)
    return 0


def _flows(results: Results, words: Sequence[str]) -> Sequence[str]:
    from flowc.diagnostics.suggest import did_you_mean

    unknown = [word for word in words if word not in results.flows]
    if unknown:
        hint = "".join(f"; {line}" for line in did_you_mean(unknown[0], results.flows))
        raise click.UsageError(f"there is no flow `{unknown[0]}` in {results.url}{hint}")
    return words or results.flows


def _list(
    results: Results, flows: Sequence[str], tags: frozenset[str], status: str | None, limit: int
) -> tuple[list[Document], int]:
    """(the runs to show, how many there are): what becomes of a run is asked only where it matters."""
    from flowc.cli.results.documents import run_document
    from flowc.runtime.client.stored import side_by_side

    found = [run for run in newest_runs(results, flows) if not tags or tags.issubset(run.tags)]
    count = len(found)
    if status is None and limit:
        found = found[:limit]
    rows = list(side_by_side(results.store, run_document, found))
    if status is not None:
        rows = [row for row in rows if row["status"] == status]
        count = len(rows)
    return rows[: limit or count], count


def _print(results: Results, rows: Sequence[Document], count: int) -> None:
    from flowc.cli.results.words import clock, coloured_status, span, table
    from flowc.diagnostics.render.cells import plain
    from flowc.diagnostics.render.style import wants_colour

    colour = wants_colour(sys.stdout, os.environ)
    cells = [
        [
            plain(str(row["flow"])),
            plain(str(row["run"])),
            coloured_status(str(row["status"]), colour=colour),
            clock(row["created"]),
            span(row["created"], row["ended"]),
            plain(" ".join(row["tags"])),
            plain(str(row["origin_run"] or "")),
        ]
        for row in rows
    ]
    header = ("flow", "run", "status", "started", "time", "tags", "resumes")
    if cells:
        write(sys.stdout, "\n".join(table(header, cells, right="time")) + "\n")
    if count > len(rows):
        say(f"{count - len(rows):,} older runs are not shown: --limit 0 shows all.")
    elif not rows:
        say(f"There is no such run in {results.url}.")
    for url in results.others:
        say(f"Runs of deployed flows may be in {url}: --datastore {url}")
