"""A document of a manifest: plain values, and for each of them its place in the file.

A path is the keys and indices from the document's root. Invariant: every path that leads to a value
has a place; a path that leads nowhere (a field that is missing) is shown at its nearest parent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowc.source import Span

if TYPE_CHECKING:
    from flowc.source import SourceFile

DEEPEST = 200  # levels of a document; more than people write, and what every walk of one can stand
Path: TypeAlias = "tuple[str | int, ...]"


class Place(NamedTuple):
    """Offsets in characters, half open: of the key (equal ones for an item of a list) and of the value."""

    key: int
    key_end: int
    start: int
    end: int


class Document:
    """One value of a file with the places of its parts."""

    __slots__ = ("file", "places", "value")

    def __init__(self, file: SourceFile, value: object, places: dict[Path, Place]) -> None:
        self.file = file
        self.value = value
        self.places = places

    def where(self, path: Path) -> Span:
        """Where a reader looks for the value: a scalar itself, of a mapping or list its key or first line."""
        place = self._nearest(path)
        is_part = path in self.places
        if is_part and place.start == place.end:
            return self.key(path)
        text = self.file.text[place.start : place.end]
        if is_part and text[:1] not in {"{", "["} and "\n" not in text.rstrip("\n"):
            return Span(self.file, place.start, place.start + len(text.rstrip()))
        return self.key(path)

    def key(self, path: Path) -> Span:
        """The key of a value; of an item of a list, or the root, its first line."""
        place = self._nearest(path)
        if place.key < place.key_end:
            return Span(self.file, place.key, place.key_end)
        first, _, _ = self.file.text[place.start : place.end].partition("\n")
        return Span(self.file, place.start, place.start + len(first.rstrip()))

    def inside(self, path: Path, start: int, end: int) -> Span:
        """Characters of a text value, where it is written as it is read; else the whole value."""
        value = self.at(path)
        place = self.places.get(path)
        if isinstance(value, str) and place is not None:
            written = self.file.text[place.start : place.end]
            at = written.find(value)
            if at >= 0:
                return Span(self.file, place.start + at + start, place.start + at + end)
            # Indented or escaped, so that only the part itself can be found: as often as it came before.
            part, at = value[start:end], -1
            for _ in range(value.count(part, 0, start) + 1 if part else 0):
                at = written.find(part, at + 1)
            if at >= 0:
                return Span(self.file, place.start + at, place.start + at + len(part))
        return self.where(path)

    def at(self, path: Path) -> object:
        """The value a path leads to; None where it leads nowhere."""
        value = self.value
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and -1 < part < len(value):
                value = value[part]
            else:
                return None
        return value

    def part(self, path: Path) -> Document:
        """A value of this document as a document of its own."""
        depth = len(path)
        places = {at[depth:]: place for at, place in self.places.items() if at[:depth] == path}
        return Document(self.file, self.at(path), places)

    def _nearest(self, path: Path) -> Place:
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, Place(0, 0, 0, 0))


def shown(path: Path) -> str:
    """A path as people write it: `spec.templates[2].container`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").replace("-", "").replace("$", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"[{part!r}]"
    return text
