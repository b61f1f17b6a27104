"""Colours of the terminal, or none: the only place that knows escape sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "bold": "1",
    "gutter": "1;34",
    "secondary": "1;34",
    "help": "1;36",
    "add": "32",
    "remove": "31",
}


def paint(text: str, style: str, *, colour: bool) -> str:
    """`text` in a style of the table above; unchanged without colour."""
    if not colour or not text:
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to `stream`: NO_COLOR wins, then FORCE_COLOR, then whether it is a terminal."""
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR")
    if forced:
        return forced != "0"
    try:
        return stream.isatty() and environ.get("TERM") != "dumb"
    except ValueError:  # the stream is closed
        return False
