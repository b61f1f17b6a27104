"""Applying the fixes of diagnostics to the text of files.

Invariant: of two fixes that touch, only the one found first is applied; the other is found again,
or not, when the result is checked. An edit that two fixes share is made once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics.model import Applicability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.diagnostics.model import Diagnostic, Edit, Fix
    from flowc.source import SourceFile


class Fixed(NamedTuple):
    """The new text of each file that changed, by the file, and the diagnostics that were mended."""

    texts: Mapping[SourceFile, str]
    mended: tuple[Diagnostic, ...]


def apply_fixes(diagnostics: Iterable[Diagnostic]) -> Fixed:
    """Apply every safe fix that does not overlap an earlier one, wholly or not at all."""
    taken: dict[SourceFile, list[Edit]] = {}
    mended = []
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or fix.applicability is not Applicability.SAFE or not fix.edits:
            continue
        fresh = _fresh(fix, taken)
        if fresh is None:
            continue
        for edit in fresh:
            taken.setdefault(edit.span.file, []).append(edit)
        mended.append(diagnostic)
    return Fixed({file: _rewrite(file.text, edits) for file, edits in taken.items()}, tuple(mended))


def _fresh(fix: Fix, taken: Mapping[SourceFile, list[Edit]]) -> list[Edit] | None:
    """The edits of a fix that are not yet made; None where one collides with another fix's."""
    fresh = []
    for edit in fix.edits:
        others = taken.get(edit.span.file, [])
        if any(_same(edit, other) for other in others):
            continue
        if any(_collide(edit, other) for other in others):
            return None
        fresh.append(edit)
    return fresh


def _same(left: Edit, right: Edit) -> bool:
    spans = (left.span.start, left.span.end) == (right.span.start, right.span.end)
    return spans and left.text == right.text and left.span.start < left.span.end


def _collide(left: Edit, right: Edit) -> bool:
    """Whether two edits share a character or begin at the same place, where their order would matter."""
    a, b = left.span, right.span
    return a.start == b.start or (a.start < b.end and b.start < a.end)


def _rewrite(text: str, edits: list[Edit]) -> str:
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join((*parts, text[at:]))
