"""Printing: diagnostics in the format asked for, and text that may hold any character."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from flowc.cli.project import displayed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from flowc.diagnostics.model import Diagnostic

_NARROWEST = 60
_WIDEST = 140


def print_diagnostics(
    diagnostics: Sequence[Diagnostic],
    form: str,
    stream: TextIO,
    *,
    stats: Sequence[Mapping[str, object]] | None = None,
) -> None:
    """Render and write; the machine formats write a document even for nothing.

    `stats` stand beside the diagnostics in the JSON document; no other format has room for them.
    """
    from flowc.diagnostics.render import Look, render
    from flowc.diagnostics.render.style import wants_colour

    colour = form == "text" and wants_colour(stream, os.environ)
    write(stream, render(form, diagnostics, Look(displayed, colour, _columns(stream), stats)))


def _columns(stream: TextIO) -> int:
    """The width to draw in: the terminal's, between what is legible and what is comfortable."""
    try:
        return min(max(os.get_terminal_size(stream.fileno()).columns, _NARROWEST), _WIDEST)
    except (OSError, ValueError):  # no terminal
        return _WIDEST


def write(stream: TextIO, text: str) -> None:
    """Write text whatever the stream's encoding is: what it lacks becomes an escape."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text)
    stream.flush()


def write_bytes(content: bytes) -> None:
    """Bytes to standard output, as they are."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(content.decode(errors="replace"))
    else:
        buffer.write(content)
        buffer.flush()


def say(text: str) -> None:
    """One line for a person, on standard error: standard output belongs to the product."""
    write(sys.stderr, text + "\n")


def counted(number: int, noun: str) -> str:
    """`1 error`, `3 errors`, `1,000 errors`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
