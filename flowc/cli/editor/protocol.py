"""Diagnostics in the words of the Language Server Protocol.

Invariant: lines count from 0 and columns in the units that editor and server agreed on; both are
made here from character offsets, and nowhere else.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls import uris

from flowc.diagnostics.model import Applicability, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.diagnostics.model import Diagnostic, Fix, Label
    from flowc.source import SourceFile, Span

    Units = Callable[[str], int]  # how many of the agreed units a text has

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}


def diagnostic(found: Diagnostic, units: Units) -> types.Diagnostic:
    """A fault with its notes and helps in one message, and the other places as related information."""
    text = "\n".join((found.message, *found.notes, *(f"help: {h}" for h in found.helps)))
    primary = found.primary.text
    return types.Diagnostic(
        range=span_range(found.primary.span, units),
        severity=_SEVERITIES[found.severity],
        code=found.rule.code,
        source="flowc",
        message=f"{text}\n{primary}" if primary and primary not in text else text,
        related_information=[_related(label, units) for label in found.secondary] or None,
    )


def span_range(span: Span, units: Units) -> types.Range:
    """A span as a range of the editor's."""
    return types.Range(_position(span.file, span.start, units), _position(span.file, span.end, units))


def uri_of(file: SourceFile) -> str:
    """The address by which an editor knows a file."""
    return uris.from_fs_path(os.path.join(file.root or "", file.path)) or ""


def actions(found: Diagnostic, units: Units) -> Iterator[types.CodeAction]:
    """The repair of a fault, if flowc knows one; preferred where `check --fix` would make it."""
    if found.fix is None or not found.fix.edits:
        return
    yield types.CodeAction(
        title=found.fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(found, units)],
        is_preferred=found.fix.applicability is Applicability.SAFE,
        edit=types.WorkspaceEdit(changes=_changes(found.fix, units)),
    )


def _changes(fix: Fix, units: Units) -> dict[str, list[types.TextEdit]]:
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in fix.edits:
        made = types.TextEdit(range=span_range(edit.span, units), new_text=edit.text)
        changes.setdefault(uri_of(edit.span.file), []).append(made)
    return changes


def _related(label: Label, units: Units) -> types.DiagnosticRelatedInformation:
    place = types.Location(uri=uri_of(label.span.file), range=span_range(label.span, units))
    return types.DiagnosticRelatedInformation(location=place, message=label.text or "see also")


def _position(file: SourceFile, offset: int, units: Units) -> types.Position:
    line, column = file.place(offset)
    return types.Position(line=line - 1, character=units(file.line(line)[: column - 1]))
