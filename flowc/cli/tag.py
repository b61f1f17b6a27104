"""`flowc tag`: the tags of a run, as they are or changed."""

from __future__ import annotations

import sys

import click

from flowc.cli.output import write
from flowc.cli.results.where import open_results, reading_command, split_file, whole_run
from flowc.runtime.client.flows import Run

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
    stored = whole_run(open_results(file, datastore, profile), rest, "tag", "tags are of a whole run")
    run = Run(f"{stored.flow}/{stored.run_id}", _store=stored.store)
    if added or removed:
        run.replace_tags(removed, added)
    shown = [*sorted(run.user_tags), *(f"{tag}  (system)" for tag in sorted(run.system_tags))]
    write(sys.stdout, "".join(f"{line}\n" for line in shown))
    return 0
