"""Names and texts as messages show them: in a row, with an article, cut to fit a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = 6  # names listed before "and 12 more"


def listed(names: Iterable[str]) -> str:
    """Names in backticks, the first few of many: "`a`, `b` and `c`"."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > _NAMES:
        quoted[_NAMES - 1 :] = [f"{len(quoted) - _NAMES + 1} more"]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def with_article(noun: str) -> str:
    """A noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def shortened(text: str, width: int) -> str:
    """The text, or as much of its beginning as fits `width` characters with a sign that it goes on."""
    return text if len(text) <= width else f"{text[: max(width - 1, 1)]}…"
