"""How a check says what it found: by the path of a value, shown where that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics.model import Label
from flowc.manifest.placed.document import shown

if TYPE_CHECKING:
    from flowc.diagnostics.model import Rule, Severity, Sink
    from flowc.manifest.placed.document import Document, Path
    from flowc.source import Span


class Findings:
    """What is found in one value of a document; paths are relative to it."""

    __slots__ = ("base", "document", "sink")

    def __init__(self, document: Document, sink: Sink, base: Path = ()) -> None:
        self.document = document
        self.sink = sink
        self.base = base

    @property
    def value(self) -> object:
        """The value that is judged."""
        return self.document.at(self.base)

    def below(self, *path: str | int) -> Findings:
        """The findings of a part."""
        return Findings(self.document, self.sink, (*self.base, *path))

    def report(
        self,
        rule: Rule,
        path: Path,
        message: str,
        *helps: str,
        at_key: bool = False,
        part: tuple[int, int] | None = None,
        severity: Severity | None = None,
        related: tuple[Label, ...] = (),
    ) -> None:
        """Add a fault of the value at `path`: at its key (`at_key`), or in characters `part` of its text."""
        whole = (*self.base, *path)
        where = self.document.key(whole) if at_key else self.document.where(whole)
        if part is not None:
            where = self.document.inside(whole, *part)
        notes = (f"at `{shown(whole)}`",) if whole else ()
        self.sink.report(rule, where, message, secondary=related, notes=notes, helps=helps, severity=severity)

    def label(self, path: Path, text: str) -> Label:
        """Another place that has part in a fault."""
        return Label(self.place(path), text)

    def place(self, path: Path) -> Span:
        """Where the value at `path` is shown."""
        return self.document.where((*self.base, *path))
