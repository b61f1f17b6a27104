"""`flowc ir`: a flow as the compiler understands it, as text."""

from __future__ import annotations

import sys

import click

from flowc.cli.options import configure, entry_of, flow_option, format_option, setting_options
from flowc.cli.output import write
from flowc.cli.reading import read_program
from flowc.ir.print import print_program

_HELP = """Print the flow in FILE as the compiler understands it: its steps, and the regions they make.

The text is for people and for comparing; it is the same on every machine.

\b
Examples:
  flowc ir flow.py
  flowc ir flow.py --flow TrainFlow | diff - expected.ir
"""


@click.command("ir", help=_HELP)
@click.argument("file", type=click.Path())
@flow_option
@setting_options
@format_option
def command(*, file: str, flow: str | None, form: str, **flags: object) -> int:
    """See the help above."""
    entry = entry_of(file)
    program = read_program(entry, configure(entry.root, flags), flow, form)
    if program is None:
        return 1
    write(sys.stdout, print_program(program))
    return 0
