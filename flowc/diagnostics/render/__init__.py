"""How diagnostics are shown: one module a format, imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowc.diagnostics.model import Diagnostic
    from flowc.source import SourceFile

FORMATS = ("text", "concise", "json", "github", "sarif")


class Look(NamedTuple):
    """What a renderer may ask of the world: how a file's path is shown, colour, the terminal's width.

    `stats` are what flows need at most, where they were asked for: a member of the JSON document.
    """

    display: Callable[[SourceFile], str]
    colour: bool = False
    columns: int = 140
    stats: Sequence[Mapping[str, object]] | None = None


def render(form: str, diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """The diagnostics in one of FORMATS; each line ends in a newline, nothing is "" in the line formats."""
    match form:
        case "text":
            from flowc.diagnostics.render.text import render as chosen
        case "concise":
            from flowc.diagnostics.render.concise import render as chosen
        case "json":
            from flowc.diagnostics.render.json import render as chosen
        case "github":
            from flowc.diagnostics.render.github import render as chosen
        case "sarif":
            from flowc.diagnostics.render.sarif import render as chosen
        case _:
            raise ValueError(form)
    return chosen(diagnostics, look)
