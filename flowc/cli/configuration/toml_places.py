"""Where the keys of a TOML file stand, which Python's reader does not tell.

It follows only what separates keys from values: headers, dotted and quoted keys, strings, brackets
and comments. The reader has already accepted the file, so that nothing here is judged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(
    r"""[ \t]*(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<basic>(?:[^"\\\n]|\\.)*)"|'(?P<literal>[^'\n]*)')[ \t]*"""
)
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_TO_NEXT = re.compile(r"""[^"'#\[\]{}\n,]+""")


class Place(NamedTuple):
    """Offsets of a key and of its value, half-open; a header's value is the header itself."""

    key: tuple[int, int]
    value: tuple[int, int]


def key_places(text: str) -> dict[tuple[str, ...], Place]:
    """The place of every key that stands outside inline tables, by its full path."""
    places: dict[tuple[str, ...], Place] = {}
    for path, place in _statements(text):
        places.setdefault(path, place)
    return places


def find(places: dict[tuple[str, ...], Place], path: tuple[str, ...]) -> Place | None:
    """The place of a path, or of the nearest key around it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path)


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], Place]]:
    prefix: tuple[str, ...] = ()
    at = _skip_blank(text, 0)
    while at < len(text):
        if text[at] == "[":
            brackets = 2 if text.startswith("[[", at) else 1
            prefix, key, end = _key(text, at + brackets)
            at = end + brackets
            yield prefix, Place(key, key)
        else:
            path, key, end = _key(text, at)
            start = _blanks(text, end + 1)
            at = _value_end(text, start)
            yield prefix + path, Place(key, (start, start + len(text[start:at].rstrip())))
            for i in range(1, len(path)):
                yield prefix + path[:i], Place(key, key)
        at = _skip_blank(text, at)


def _key(text: str, at: int) -> tuple[tuple[str, ...], tuple[int, int], int]:
    """A dotted key that begins at `at`: its parts, its place and the offset after it."""
    parts: list[str] = []
    start = _blanks(text, at)
    end = start
    while match := _KEY_PART.match(text, at):
        parts.append(match[match.lastgroup or 0])
        at = match.end()
        end = match.start() + len(match[0].rstrip())
        if not text.startswith(".", at):
            break
        at += 1
    if not parts:  # never in a file that was accepted; moves on all the same
        return (), (start, start + 1), start + 1
    return tuple(parts), (start, end), at


def _value_end(text: str, at: int) -> int:
    """The offset after a value: the end of its line outside brackets and strings."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            match = _STRING.match(text, at)
            at = match.end() if match else at + 1
        elif char == "#":
            if not depth:
                return at
            at = _line_end(text, at)
        elif char == "\n" and not depth:
            return at
        elif char in "\n,":
            at += 1
        elif char in "[]{}":
            depth += 1 if char in "[{" else -1
            at += 1
        else:
            match = _TO_NEXT.match(text, at)
            at = match.end() if match else at + 1
    return at


def _skip_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _blanks(text: str, at: int) -> int:
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
