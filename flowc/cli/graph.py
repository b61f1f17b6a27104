"""`flowc graph`: a flow as a picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.options import configure, entry_of, flow_option, setting_options
from flowc.cli.output import write
from flowc.cli.pictures.model import picture
from flowc.cli.reading import read_program

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.target.settings import Settings

_HELP = """Draw the flow in FILE: steps with what they need, regions as boxes with their limits.

\b
Examples:
  flowc graph flow.py                              mermaid, for Markdown
  flowc graph flow.py --format html > flow.html    a page of the flow, in one file
  flowc graph flow.py --format svg > flow.svg
  flowc graph flow.py --format json | jq '.steps[].name'
"""


@click.command("graph", help=_HELP)
@click.argument("file", type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "svg", "html", "json"]),
    default="mermaid",
    show_default=True,
)
@flow_option
@setting_options
def command(*, file: str, form: str, flow: str | None, **flags: object) -> int:
    """See the help above."""
    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    program = read_program(entry, configuration, flow, "text")
    if program is None:
        return 1
    write(sys.stdout, draw(program, configuration.settings, form))
    return 0


def draw(program: Program, settings: Settings, form: str) -> str:
    """The picture in one of the formats."""
    made = picture(program, settings)
    match form:
        case "dot":
            from flowc.cli.pictures.dot import render

            return render(made)
        case "svg":
            from flowc.cli.pictures.svg import render as render_svg

            return render_svg(made)
        case "html":
            from flowc.cli.pictures.html import render as render_html

            return render_html(made)
        case "json":
            from flowc.cli.pictures.json import render as render_json

            return render_json(made, program)
        case _:
            from flowc.cli.pictures.mermaid import render as render_mermaid

            return render_mermaid(made)
