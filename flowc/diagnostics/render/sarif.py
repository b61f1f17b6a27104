"""SARIF 2.1.0, the interchange format of static analysis that code hosts and editors take.

Columns count characters (`unicodeCodePoints`); paths are URI references relative to where the
command ran.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowc.diagnostics.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Diagnostic, Fix, Label, Rule
    from flowc.diagnostics.render import Look
    from flowc.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def render(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """The log, indented, with a newline at its end."""
    codes = sorted({d.rule.code for d in diagnostics})
    driver = {
        "name": "flowc",
        "rules": [_rule(RULES[code]) for code in codes],
    }
    results = [_result(d, codes.index(d.rule.code), look) for d in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": f"flowc explain {rule.code}"},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(diagnostic: Diagnostic, index: int, look: Look) -> dict[str, object]:
    text = "\n".join((diagnostic.message, *diagnostic.notes, *(f"help: {h}" for h in diagnostic.helps)))
    result: dict[str, object] = {
        "ruleId": diagnostic.rule.code,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": text},
        "locations": [_location(diagnostic.primary, look)],
    }
    if diagnostic.secondary:
        result["relatedLocations"] = [
            {"id": i, **_location(s, look)} for i, s in enumerate(diagnostic.secondary, 1)
        ]
    if diagnostic.fix and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix, look)]
    return result


def _location(label: Label, look: Look) -> dict[str, object]:
    place = {"artifactLocation": _artifact(label.span, look), "region": _region(label.span)}
    location: dict[str, object] = {"physicalLocation": place}
    if label.text:
        location["message"] = {"text": label.text}
    return location


def _artifact(span: Span, look: Look) -> dict[str, str]:
    raw = look.display(span.file).replace("\\", "/").encode(errors="surrogateescape")
    return {"uri": "".join(chr(b) if chr(b) in _BARE else f"%{b:02X}" for b in raw)}


def _region(span: Span) -> dict[str, int]:
    line, column = span.file.place(span.start)
    last, end = span.file.place(span.end)
    return {"startLine": line, "startColumn": column, "endLine": last, "endColumn": end}


def _fix(fix: Fix, look: Look) -> dict[str, object]:
    changes: dict[str, dict[str, object]] = {}
    replacements: dict[str, list[object]] = {}
    for edit in fix.edits:
        path = edit.span.file.path
        changes.setdefault(path, {"artifactLocation": _artifact(edit.span, look)})
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        replacements.setdefault(path, []).append(replacement)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{**changes[path], "replacements": replacements[path]} for path in changes],
    }
