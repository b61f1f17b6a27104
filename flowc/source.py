"""Source files and places in them.

`Sources` is the only way to a file: everything behind it is pure. Columns that leave this module
count characters; the UTF-8 byte columns of `ast` are converted here and nowhere else.

Invariant: nothing here imports, compiles to bytecode or runs what it reads.
"""

from __future__ import annotations

import ast
import os
import posixpath
import warnings
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    # What has a place in the source.
    Node = ast.expr | ast.stmt | ast.keyword | ast.alias | ast.arg | ast.pattern | ast.ExceptHandler

T = TypeVar("T")


class SourceFile:
    """One text file: its path, POSIX and relative to the project root, and its text.

    Two files are equal when they are the same object: `Sources` reads each path once. `root` is
    the project's folder, for showing the path from elsewhere; None for a text that is no file.
    """

    __slots__ = ("__dict__", "path", "root", "text")

    def __init__(self, path: str, text: str, root: str | None = None) -> None:
        self.path = path
        self.text = text
        self.root = root

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets, in characters, at which the lines begin; lines end as Python's tokenizer ends them."""
        starts = [0]
        text = self.text
        find = text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises SyntaxError, ValueError (null bytes) or RecursionError."""
        with warnings.catch_warnings():
            # An invalid escape in the user's text is Python's business, at run time.
            warnings.simplefilter("ignore")
            return ast.parse(self.text, self.path)

    def line(self, number: int) -> str:
        """Line `number`, from 1, without its end."""
        starts = self.line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end]

    def offset(self, line: int, byte_column: int) -> int:
        """The character offset of an `ast` position: `line` from 1, `byte_column` in UTF-8 bytes."""
        start = self.line_starts[line - 1]
        if self.text.isascii():
            return start + byte_column
        prefix = self.text[start : start + byte_column].encode()[:byte_column]
        return start + len(prefix.decode(errors="ignore"))

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1 and in characters, of a character offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def span(self, node: Node) -> Span:
        """The whole of a syntax node."""
        line, column = node.end_lineno, node.end_col_offset
        if line is None or column is None:
            line, column = node.lineno, node.col_offset
        if self.text.isascii():  # most files are, and there are more spans than anything else
            starts = self.line_starts
            return Span(self, starts[node.lineno - 1] + node.col_offset, starts[line - 1] + column)
        return Span(self, self.offset(node.lineno, node.col_offset), self.offset(line, column))


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in a file."""

    file: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        """The source text covered."""
        return self.file.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The first line covered, from 1."""
        return self.file.place(self.start)[0]

    def __repr__(self) -> str:
        line, column = self.file.place(self.start)
        return f"{self.file.path}:{line}:{column}"


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and where it was written."""

    value: T
    span: Span


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is there but cannot be taken as text, and why, in words for a user."""

    path: str
    reason: str


class Sources:
    """The files of one project, read once each.

    Paths are POSIX and relative to `root`. `texts` overlays the disk (an editor's unsaved buffers,
    a test's files); with `root=None` only the overlay is there.
    """

    def __init__(self, root: str | None, texts: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._texts = dict(texts or {})
        self._files: dict[str, SourceFile | Unreadable | None] = {}

    def get(self, path: str) -> SourceFile | Unreadable | None:
        """The file at `path`; None where there is no file."""
        path = posixpath.normpath(path)
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def read_bytes(self, path: str) -> bytes | None:
        """The raw bytes of a file (IncludeFile and Config defaults); None where it cannot be read."""
        path = posixpath.normpath(path)
        if path in self._texts:
            return self._texts[path].encode()
        if self.root is None:
            return None
        try:
            with open(os.path.join(self.root, path), "rb") as stream:
                return stream.read()
        except OSError:
            return None

    def files(self, patterns: Sequence[str]) -> list[str]:
        """The files that paths, folders (all below them) or globs name, sorted; hidden ones and bytecode apart."""
        found: set[str] = set()
        for pattern in patterns:
            clean = posixpath.normpath(pattern)
            found.update(p for p in self._texts if _covers(clean, p))
            if self.root is not None:
                found.update(_files_below(self.root, clean))
        return sorted(found)

    def _read(self, path: str) -> SourceFile | Unreadable | None:
        if path in self._texts:
            return SourceFile(path, _line_ends(self._texts[path]), self.root)
        if self.root is None:
            return None
        try:
            with open(os.path.join(self.root, path), "rb") as stream:
                raw = stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Unreadable(path, error.strerror or str(error))
        return decode_source(path, raw, self.root)


def _files_below(root: str, pattern: str) -> Iterator[str]:
    """Files of the disk that a path, folder or glob covers, as paths from `root`."""
    if os.path.isfile(os.path.join(root, pattern)):
        yield pattern
        return
    fixed = next((pattern[:at] for at, character in enumerate(pattern) if character in "*?["), pattern)
    start = pattern if fixed == pattern else posixpath.dirname(fixed)
    for folder, inner, names in os.walk(os.path.join(root, start)):
        inner[:] = sorted(n for n in inner if not n.startswith(".") and n != "__pycache__")
        relative = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in names:
            path = posixpath.normpath(posixpath.join(relative, name))
            if not name.startswith(".") and not name.endswith(".pyc") and _covers(pattern, path):
                yield path


def _covers(pattern: str, path: str) -> bool:
    from fnmatch import fnmatchcase  # only where files are included

    return pattern in (path, ".") or path.startswith(pattern + "/") or fnmatchcase(path, pattern)


def decode_source(path: str, raw: bytes, root: str | None = None) -> SourceFile | Unreadable:
    r"""Decode Python source by its BOM or coding line (PEP 263), with `\n` line ends."""
    try:
        text = raw.decode(_encoding(raw))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Unreadable(path, f"not {error.encoding} text: byte 0x{raw[error.start]:02x} in line {line}")
    except (SyntaxError, LookupError) as error:
        return Unreadable(path, str(error))
    return SourceFile(path, _line_ends(text), root)


def _encoding(raw: bytes) -> str:
    """The encoding of Python source. Raises SyntaxError for one that is not known or does not fit."""
    first_lines = raw.split(b"\n", 2)[:2]
    if raw.isascii() and not any(b"coding" in line for line in first_lines):
        return "utf-8"
    from io import BytesIO
    from tokenize import detect_encoding  # costs as much as the rest of this module

    return detect_encoding(BytesIO(raw).readline)[0]


def _line_ends(text: str) -> str:
    """The text with a newline at each end of a line, where Python's tokenizer sees one."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
