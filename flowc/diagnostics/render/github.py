"""Workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Diagnostic
    from flowc.diagnostics.render import Look


def render(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """Every line ends in a newline."""
    return "".join(_command(d, look) + "\n" for d in diagnostics)


def _command(diagnostic: Diagnostic, look: Look) -> str:
    span = diagnostic.primary.span
    line, column = span.file.place(span.start)
    last, end = span.file.place(max(span.start, span.end))
    fields = {
        "file": look.display(span.file),
        "line": str(line),
        "endLine": str(last),
        "title": f"{diagnostic.rule.code} {diagnostic.rule.name}",
    }
    if line == last:  # columns of different lines are refused
        fields |= {"col": str(column), "endColumn": str(end)}
    written = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    text = "\n".join((diagnostic.message, *diagnostic.notes, *(f"help: {h}" for h in diagnostic.helps)))
    return f"::{diagnostic.severity.value} {written}::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
