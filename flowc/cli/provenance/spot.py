"""The value that a line of a manifest writes: the outermost one that begins there, else the innermost around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.manifest.placed.document import Document, Path, Place


class Spot(NamedTuple):
    """A value of a document, by its path."""

    document: Document
    path: Path

    @property
    def line(self) -> str:
        """The line of the file that the value begins on."""
        file = self.document.file
        return file.line(self.document.key(self.path).line).strip()


def spot_of(documents: Iterable[Document], line: int) -> Spot | None:
    """What line `line` (from 1) of the documents' file writes; None for a comment or an empty line."""
    for document in documents:
        starts = document.file.line_starts
        begin = starts[line - 1]
        end = starts[line] if line < len(starts) else len(document.file.text)
        found = _on_line(document, begin, end)
        if found is not None and document.file.text[begin:end].strip():
            return Spot(document, found)
    return None


def _on_line(document: Document, begin: int, end: int) -> Path | None:
    starting = [path for path, place in document.places.items() if begin <= _start(place) < end and path]
    if starting:
        return min(starting, key=len)
    around = [path for path, place in document.places.items() if place.start <= begin < place.end]
    return max(around, key=len) if around else None


def _start(place: Place) -> int:
    return place.key if place.key < place.key_end else place.start
