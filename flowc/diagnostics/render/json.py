"""One JSON document, published as schemas/diagnostics.schema.json.

Invariant: an offset counts characters of the file from 0, lines and columns count from 1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Diagnostic, Fix, Label
    from flowc.diagnostics.render import Look
    from flowc.source import Span

VERSION = 1


def render(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """The document, indented, with a newline at its end."""
    severities = [d.severity.value for d in diagnostics]
    document = {
        "version": VERSION,
        "diagnostics": [_diagnostic(d, look) for d in diagnostics],
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        **({} if look.stats is None else {"stats": look.stats}),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(diagnostic: Diagnostic, look: Look) -> dict[str, object]:
    return {
        "code": diagnostic.rule.code,
        "name": diagnostic.rule.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_label(diagnostic.primary, look),
        "related": [_label(label, look) for label in diagnostic.secondary],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fix": _fix(diagnostic.fix, look) if diagnostic.fix else None,
    }


def _label(label: Label, look: Look) -> dict[str, object]:
    return {**_span(label.span, look), "label": label.text}


def _span(span: Span, look: Look) -> dict[str, object]:
    return {"path": look.display(span.file), "start": _point(span, span.start), "end": _point(span, span.end)}


def _point(span: Span, offset: int) -> dict[str, int]:
    line, column = span.file.place(offset)
    return {"line": line, "column": column, "offset": offset}


def _fix(fix: Fix, look: Look) -> dict[str, object]:
    edits = [{**_span(edit.span, look), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability.value, "edits": edits}
