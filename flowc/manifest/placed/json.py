"""JSON with places: the grammar of RFC 8259, nothing more.

Invariant: a text is read exactly when the standard library's reader takes it too (without its NaN
and Infinity, and no deeper than DEEPEST), to the same value; of two equal keys both are told.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined] # its stub leaves it out
from typing import TYPE_CHECKING

from flowc.manifest.placed.document import DEEPEST, Document, Path, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.source import SourceFile

_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


class JSONFaultError(Exception):
    """Why a text is no JSON, and the offset at which that shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def read_json(file: SourceFile, repeated: Callable[[Place, Place, str], None]) -> Document:
    """The one document of a file. `repeated` is told both places of a key that stands twice.

    Raises JSONFaultError, with the character at which it cannot be read.
    """
    reader = _Reader(file.text, repeated)
    try:
        value, end = reader.value((), _skip(file.text, 1 if file.text.startswith("\ufeff") else 0), (0, 0))
    except JSONDecodeError as error:
        raise JSONFaultError(error.msg[:1].lower() + error.msg[1:], error.pos) from None
    end = _skip(file.text, end)
    if end < len(file.text):
        raise JSONFaultError("something follows the document", end)
    return Document(file, value, reader.places)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


class _Reader:
    def __init__(self, text: str, repeated: Callable[[Place, Place, str], None]) -> None:
        self.text = text
        self.places: dict[Path, Place] = {}
        self._repeated = repeated

    def value(self, path: Path, at: int, key: tuple[int, int]) -> tuple[object, int]:
        """The value at an offset, and where it ends."""
        head = self.text[at : at + 1]
        value: object
        if len(path) > DEEPEST:
            raise JSONFaultError("it is nested too deeply", at)
        if head == "{":
            value, end = self._object(path, at)
        elif head == "[":
            value, end = self._array(path, at)
        elif head == '"':
            value, end = scanstring(self.text, at + 1, True)
        else:
            value, end = self._scalar(at)
        self.places[path] = Place(*key, at, end)
        return value, end

    def _scalar(self, at: int) -> tuple[object, int]:
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        match = _NUMBER.match(self.text, at)
        if match is None:
            raise JSONFaultError("a value is missing" if at < len(self.text) else "the text ends early", at)
        if len(match[1]) > 400:  # longer than any number an engine keeps; int() of it would cost
            raise JSONFaultError("the number is too long", at)
        is_whole = match[2] is None and match[3] is None
        return (int(match[1]) if is_whole else float(match[0])), match.end()

    def _object(self, path: Path, at: int) -> tuple[dict[str, object], int]:
        found: dict[str, object] = {}
        at = _skip(self.text, at + 1)
        if self.text.startswith("}", at):
            return found, at + 1
        while True:
            if not self.text.startswith('"', at):
                raise JSONFaultError("a key in double quotes is missing", at)
            key, key_end = scanstring(self.text, at + 1, True)
            span = (at, key_end)
            at = self._expect(":", key_end, "`:` is missing after the key")
            before = self.places.get((*path, key))
            found[key], at = self.value((*path, key), at, span)
            if before is not None:
                self._repeated(before, self.places[(*path, key)], key)
            at = _skip(self.text, at)
            if self.text.startswith("}", at):
                return found, at + 1
            at = self._expect(",", at, "`,` or `}` is missing")

    def _array(self, path: Path, at: int) -> tuple[list[object], int]:
        found: list[object] = []
        at = _skip(self.text, at + 1)
        if self.text.startswith("]", at):
            return found, at + 1
        while True:
            item, at = self.value((*path, len(found)), at, (at, at))
            found.append(item)
            at = _skip(self.text, at)
            if self.text.startswith("]", at):
                return found, at + 1
            at = self._expect(",", at, "`,` or `]` is missing")

    def _expect(self, mark: str, at: int, reason: str) -> int:
        at = _skip(self.text, at)
        if not self.text.startswith(mark, at):
            raise JSONFaultError(reason, at)
        return _skip(self.text, at + 1)
