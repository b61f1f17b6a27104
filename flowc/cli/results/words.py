"""Times, sizes, statuses and tables as people read them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from flowc.diagnostics.render.cells import plain, text_width
from flowc.diagnostics.render.style import paint
from flowc.diagnostics.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLES = {"succeeded": "add", "failed": "error", "broken": "error", "killed": "warning", "running": "help",
           "unfinished": "help"}  # fmt: skip

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def clock(seconds: float | None) -> str:
    """A moment in local time; empty where unknown."""
    if seconds is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # a clock that jumped out of the calendar
        return ""


def span(started: float | None, ended: float | None) -> str:
    """How long something took; empty where unknown."""
    return "" if started is None or ended is None else duration(max(ended - started, 0.0))


def duration(seconds: float) -> str:
    """`0.03 s`, `12.3 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def size(count: float) -> str:
    """`29 B`, `1.2 KiB`, `1.0 GiB`."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1023.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:,.1f} TiB"


def type_name(recorded: object) -> str:
    """A recorded type without `builtins`."""
    return plain(str(recorded or "?").removeprefix("builtins."))


def raised(failure: Mapping[str, object], width: int) -> str:
    """What an attempt raised, on one line of at most `width` characters: `ValueError: negative rate`."""
    kind = str(failure.get("type", "")).removeprefix("builtins.")
    message = str(failure.get("message", "")).strip().partition("\n")[0]
    return shortened(plain(f"{kind}: {message}" if message else kind), width)


def coloured_status(status: str, *, colour: bool) -> str:
    """A status in its colour."""
    return paint(status, _STYLES[status], colour=colour) if status in _STYLES else status


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> list[str]:
    """Lines with aligned columns; columns that are empty in every row are left out.

    `right` names the columns that are aligned to the right, by their headers, separated by blanks.
    """
    kept = [i for i, _ in enumerate(header) if any(row[i] for row in rows)]
    lines = [[header[i] for i in kept], *([row[i] for i in kept] for row in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(kept))]
    numeric = {i for i, name in enumerate(lines[0]) if name in right.split()}
    return [
        "  ".join(_cell(text, widths[i], i in numeric) for i, text in enumerate(line)).rstrip()
        for line in lines
    ]


def _cell(text: str, width: int, to_right: bool) -> str:
    padding = " " * (width - _width(text))
    return padding + text if to_right else text + padding


def _width(text: str) -> int:
    """The cells a text takes: the escape sequences of colours take none."""
    return text_width(_COLOUR.sub("", text))
