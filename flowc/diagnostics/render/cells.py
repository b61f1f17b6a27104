"""How text looks on a terminal: the cells each character takes, tabs, and what must not be printed raw.

Invariant: `shown` leaves no control character, no bidirectional override and no lone surrogate in
what it returns, so that a hostile source line cannot draw outside its place.
"""

from __future__ import annotations

import unicodedata

TAB = 4


def width(char: str) -> int:
    """The cells of one printable character: 0 for a combining one, 2 for a wide one."""
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def text_width(text: str) -> int:
    """The cells of a whole text that `shown` has made."""
    return len(text) if text.isascii() else sum(map(width, text))


def shown(char: str, column: int) -> str:
    """What is printed for `char` when it begins at cell `column`."""
    if char == "\t":
        return " " * (TAB - column % TAB)
    if char.isprintable() or char == "\u200d":
        return char
    category = unicodedata.category(char)
    if char < " ":
        return chr(0x2400 + ord(char))
    if category == "Zs":
        return " "
    if category in {"Mn", "Me"}:
        return char
    return "\ufffd"


def lay_out(line: str) -> tuple[str, list[int]]:
    """The printable form of a source line, and the cell at which each character (and the end) begins."""
    if line.isascii() and line.isprintable():
        return line, list(range(len(line) + 1))
    out: list[str] = []
    cells = [0]
    for char in line:
        printed = shown(char, cells[-1])
        out.append(printed)
        cells.append(cells[-1] + text_width(printed))
    return "".join(out), cells


def plain(text: str) -> str:
    """One line of message text without anything a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(shown(char, 0) if char != "\t" else " " for char in text)


def cut_cells(text: str, start: int, end: int) -> str:
    """The part of a printable text in the cells [start, end); half a wide character becomes a blank."""
    if text.isascii():
        return text[start:end]
    out: list[str] = []
    at = 0
    for char in text:
        size = width(char)
        if at >= end and size:
            break
        if at >= start and at + size <= end:
            out.append(char)
        elif at + size > start and at < end:
            out.append(" " * (min(at + size, end) - max(at, start)))
        at += size
    return "".join(out)
