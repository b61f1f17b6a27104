"""One check for passes over graphs: a flow as text, with a mark where each fault is.

    c -> end  # FC319 takes no `inputs`

says that the line's diagnostic of that code has these words. Every diagnostic must be marked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics.model import Sink
from flowc.passes.reachability import check_reachability
from flowc.passes.structure.regions import structure
from tests.graphs import flow

if TYPE_CHECKING:
    from flowc.diagnostics.model import Diagnostic

_MARK = re.compile(r"#\s*(FC\d+)\s+([^#\n]+)")


def faults(text: str) -> list[Diagnostic]:
    """What the checks of a flow's structure report, in order; a flow without regions is never silent."""
    sink = Sink()
    body = structure(check_reachability(flow(text), sink), sink)
    found = list(sink)
    assert body is not None or found
    return found


def check(text: str) -> None:
    """Compare the faults of a flow with its marks."""
    marked = [
        (number, mark[1], mark[2].strip())
        for number, line in enumerate(text.splitlines(), 1)
        for mark in _MARK.finditer(line)
    ]
    found = [(each.primary.span.line, each.rule.code, each.message) for each in faults(text)]
    assert len(found) == len(marked), found
    for (line, code, words), (found_line, found_code, message) in zip(
        sorted(marked), sorted(found), strict=True
    ):
        assert (found_line, found_code) == (line, code), found
        assert words in message


def told(diagnostic: Diagnostic) -> str:
    """All that a diagnostic says, as text: its message, then each place and what it is called."""
    rows = [f"{diagnostic.rule.code} {diagnostic.message}"]
    rows += [
        f"  {label.span.line}: {label.span.text}: {label.text}"
        for label in (diagnostic.primary, *diagnostic.secondary)
    ]
    rows += [f"  note: {note}" for note in diagnostic.notes]
    rows += [f"  help: {help_}" for help_ in diagnostic.helps]
    return "\n".join(rows)
