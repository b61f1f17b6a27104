"""`NAME` or `NAME:attribute=value,…`: a decorator as text, as `--with` takes it.

A value is JSON where it can be read as such, else a number, else the text itself, as in Metaflow.
A JSON list, object or string ends where JSON says, so that it may hold commas and `=`; any other
value ends before the next `,attribute=`.

Invariant: every offset counts characters of the text given.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flowc.ir.values import Constant

_NEXT = re.compile(r",(?=[\s\w]+=)")
_BLANKS = re.compile(r"\s*")


class BadDecospecError(Exception):
    """A text that is no decorator; `start` and `end` are the part at fault, `remedy` the way out."""

    def __init__(self, message: str, start: int, end: int, remedy: str) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.remedy = remedy


class Given(NamedTuple):
    """One attribute with its value; the name begins at `start`, the value fills `value_start` to `end`."""

    name: str
    value: Constant
    start: int
    value_start: int
    end: int


def parse_decospec(text: str) -> tuple[str, list[Given]]:
    """The decorator's name and its attributes in order. Raises BadDecospecError."""
    name, _, rest = text.partition(":")
    if not name:
        raise BadDecospecError("`--with` names no decorator", 0, len(text), "write `--with retry`")
    given: list[Given] = []
    at = len(text) - len(rest)
    while at < len(text):
        found = _attribute(text, at)
        if any(found.name == other.name for other in given):
            message = f"`{found.name}` is given twice"
            raise BadDecospecError(message, found.start, found.end, "keep one of the two")
        given.append(found)
        at = found.end + 1
    return name, given


def _attribute(text: str, at: int) -> Given:
    start = _skip_blanks(text, at)
    equals = text.find("=", start)
    if equals <= start:
        message = f"`{text[at:]}` is no `attribute=value`"
        raise BadDecospecError(
            message, at, len(text), "write `--with retry:times=2,minutes_between_retries=0`"
        )
    begin = _skip_blanks(text, equals + 1)
    value, end = _structured(text, begin) or _plain(text, begin)
    return Given(text[start:equals].rstrip(), value, start, begin, end)


def _skip_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _structured(text: str, start: int) -> tuple[Constant, int] | None:
    """A JSON value with an end of its own, and the offset after it."""
    if text[start : start + 1] not in ("{", "[", '"'):
        return None
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    end = _skip_blanks(text, end)
    return (value, end) if text[end : end + 1] in ("", ",") else None


def _plain(text: str, start: int) -> tuple[Constant, int]:
    """A value that ends before the next attribute, or with the text."""
    following = _NEXT.search(text, start)
    end = following.start() if following else len(text)
    return _read(text[start:end].strip()), end


def _read(text: str) -> Constant:
    readers = (_json, int, float)
    for reader in readers:
        try:
            value: Constant = reader(text)
        except (ValueError, RecursionError):
            continue
        return value
    return text


def _json(text: str) -> Constant:
    # A shell's habit, which Metaflow writes itself: quotes inside a value are escaped.
    value: Constant = json.loads(text.replace('\\"', '"'))
    return value
