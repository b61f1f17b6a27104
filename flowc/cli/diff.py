"""`flowc diff`: what changed between two flow files, in meaning."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from flowc.backends.table import BACKENDS, backend
from flowc.cli.meaning.changes import compare
from flowc.cli.meaning.facts import meaning
from flowc.cli.meaning.render import FORMATS
from flowc.cli.options import configure, entry_of, flow_option, setting_options
from flowc.cli.output import write
from flowc.cli.reading import read_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from flowc.cli.meaning.facts import Meaning

_HELP = """Tell what changed from one flow file to another, or of FILE since a revision of git.

Steps, transitions, resources, limits, retries, schedules, images and the peak are compared, not the
text: comments, code inside of steps and the order of definitions make no difference.

\b
Examples:
  flowc diff old/train.py new/train.py
  flowc diff --git main flow.py
  flowc diff --git origin/main flow.py --format markdown    for a pull request
"""


@click.command("diff", help=_HELP)
@click.argument("files", nargs=-1, type=click.Path(), metavar="[OLD] NEW")
@click.option("--git", "revision", metavar="REV", help="Compare with the file as it is at this revision.")
@click.option("-t", "--target", type=click.Choice(tuple(BACKENDS)), help="Whose peak is shown.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="text", show_default=True)
@flow_option
@setting_options
def command(
    *,
    files: tuple[str, ...],
    revision: str | None,
    target: str | None,
    form: str,
    flow: str | None,
    **flags: object,
) -> int:
    """See the help above."""
    new = files[-1] if files else ""
    if len(files) != (2 if revision is None else 1):
        raise click.UsageError("give two files, OLD and NEW, or one file with `--git REV`")
    with _old(files[0], new, revision) as old:
        before = _meaning(old, target, flow, flags)
    after = _meaning(new, target, flow, flags)
    if before is None or after is None:
        return 1
    write(sys.stdout, FORMATS[form](compare(before, after)))
    return 0


def _old(first: str, new: str, revision: str | None) -> AbstractContextManager[str]:
    if revision is None:
        return nullcontext(first)
    from flowc.cli.meaning.revision import at_revision

    entry_of(new)  # a file that is not there is that file's fault, not the revision's
    return at_revision(new, revision)


def _meaning(path: str, target: str | None, flow: str | None, flags: Mapping[str, object]) -> Meaning | None:
    """What the flow in a file means; None after an error, which was shown."""
    from flowc.passes.bounds import certify

    entry = entry_of(path)
    configuration = configure(entry.root, flags)
    program = read_program(entry, configuration, flow, "text")
    if program is None:
        return None
    name = target or next(iter(configuration.targets), next(iter(BACKENDS)))
    settings = configuration.settings
    return meaning(program, settings, certify(program, settings, lowering=backend(name).lowering))
