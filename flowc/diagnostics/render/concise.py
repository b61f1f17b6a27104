"""One line a diagnostic: `path:line:col: error[FC301] message`, for editors and grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics.render.cells import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Diagnostic
    from flowc.diagnostics.render import Look


def render(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """Every line ends in a newline."""
    return "".join(_line(d, look) + "\n" for d in diagnostics)


def _line(diagnostic: Diagnostic, look: Look) -> str:
    span = diagnostic.primary.span
    line, column = span.file.place(span.start)
    path = plain(look.display(span.file))
    return f"{path}:{line}:{column}: {diagnostic.severity.value}[{diagnostic.rule.code}] {plain(diagnostic.message)}"
