"""`flowc tag`: the tags of a run, as they are or changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.output import write
from flowc.cli.results.where import find_meant, only_word, open_results, reading_command, split_file
from flowc.runtime.client.flows import Run

if TYPE_CHECKING:
    from flowc.cli.results.where import Meant

_HELP = """Show the tags of RUN, its user's and its system's, or change the user's.

RUN is a run's id, FLOW/RUN, or `latest`. What is removed goes first; tags that a run has or lacks already are no fault.

\b
Examples:
  flowc tag latest
  flowc tag train-3f2a1c --add reviewed --remove candidate
  flowc runs --tag reviewed
"""


@click.command("tag", help=_HELP)
@click.argument("words", nargs=-1, metavar="RUN")
@click.option("--add", "added", multiple=True, metavar="TAG", help="Add this tag; may be repeated.")
@click.option("--remove", "removed", multiple=True, metavar="TAG", help="Remove this tag; may be repeated.")
@reading_command
def command(
    *,
    words: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    datastore: str | None,
    profile: str | None,
) -> int:
    """See the help above."""
    file, rest = split_file(words)
    run = _run(find_meant(open_results(file, datastore, profile), only_word(rest, "RUN")))
    if added or removed:
        run.replace_tags(removed, added)
    shown = [*sorted(run.user_tags), *(f"{tag}  (system)" for tag in sorted(run.system_tags))]
    write(sys.stdout, "".join(f"{line}\n" for line in shown))
    return 0


def _run(meant: Meant) -> Run:
    if meant.step is not None:
        raise click.UsageError("tags are of a run as a whole: leave out the step")
    return Run(f"{meant.run.flow}/{meant.run.run_id}", _store=meant.run.store)
