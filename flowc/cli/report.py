"""`flowc report`: a run as one HTML page that needs nothing else."""

from __future__ import annotations

import click

from flowc import share
from flowc.cli.output import say, write_bytes
from flowc.cli.results.where import open_results, reading_command, split_file, whole_run

_HELP = """Write a page of a run: when its tasks ran, what failed and why, what it left.

The page is one file without scripts and without references to anything outside, to be kept or sent.

\b
Examples:
  flowc report latest -o report.html
  flowc report argo-train-x7k2 > report.html
"""


@click.command("report", help=_HELP)
@click.argument("words", nargs=-1, metavar="RUN")
@click.option("-o", "--output", metavar="FILE", help="Write here instead of to standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
@reading_command
def command(
    *, words: tuple[str, ...], output: str | None, quiet: bool, datastore: str | None, profile: str | None
) -> int:
    """See the help above."""
    from flowc.cli.results.page import page_of

    file, rest = split_file(words)
    run = whole_run(open_results(file, datastore, profile), rest, "report", "a report is of a whole run")
    page = share.fill_template("report.html", **page_of(run)).encode("utf-8", "xmlcharrefreplace")
    if output is None:
        write_bytes(page)
        return 0
    from flowc.cli.bundle.atomic import write_file

    write_file(output, page)
    if not quiet:
        say(f"The report of {run.flow}/{run.run_id} is in {output}.")
    return 0
