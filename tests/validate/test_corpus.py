"""Each manifest of the corpus has the one finding that its mistake deserves, and no other."""

from __future__ import annotations

import pytest

from flowc.diagnostics.model import Sink
from flowc.source import SourceFile
from flowc.validate.manifests import validate_files
from tests.validate.one_mistake import Case, cases

_CASES = cases()


def findings(*files: SourceFile) -> list[tuple[str, str, str]]:
    """Place, code and message of all that is found."""
    sink = Sink()
    validate_files(files, sink)
    found = []
    for each in sink:
        span = each.primary.span
        line, column = span.file.place(span.start)
        assert each.helps, f"{each.rule.code} says no remedy: {each.message}"
        found.append((f"{line}:{column}", each.rule.code, each.message))
    return found


@pytest.mark.parametrize("case", _CASES, ids=[case.title.replace(" ", "-") for case in _CASES])
def test_case(case: Case) -> None:
    got = findings(SourceFile(case.file, case.text))
    assert [g[:2] for g in got] == [e[:2] for e in case.expected], got
    assert all(part in message for (_, _, message), (_, _, part) in zip(got, case.expected, strict=True)), got


def test_there_are_enough() -> None:
    assert sum(bool(case.expected) for case in _CASES) >= 150
    assert len({case.title for case in _CASES}) == len(_CASES)
