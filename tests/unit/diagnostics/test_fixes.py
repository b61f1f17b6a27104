"""Fixes as edits of text: `(start, end, new)` lists, one a fix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics import catalog
from flowc.diagnostics.fixes import apply_fixes
from flowc.diagnostics.model import Applicability, Edit, Fix, Sink
from flowc.source import SourceFile, Span

Edits = list[tuple[int, int, str]]


def check(text: str, *fixes: Edits, applicability: Applicability = Applicability.SAFE) -> str:
    """The text after the fixes, each of a diagnostic at its first edit."""
    file = SourceFile("flow.py", text)
    sink = Sink()
    for index, edits in enumerate(fixes):
        made = tuple(Edit(Span(file, start, end), new) for start, end, new in edits)
        where = Span(file, edits[0][0], edits[0][1])
        sink.report(catalog.UNUSED_IGNORE, where, f"fault {index}", fix=Fix("mend it", made, applicability))
    return apply_fixes(sink).texts.get(file, text)


@pytest.mark.parametrize(
    ("text", "fixes", "after"),
    [
        ("abc", [[(1, 2, "X")]], "aXc"),
        ("abc", [[(0, 1, "")], [(2, 3, "Z")]], "bZ"),
        ("abc", [[(0, 1, "A"), (2, 3, "C")]], "AbC"),
        ("abc", [[(1, 1, "-")]], "a-bc"),
        # Of two that overlap the first is applied; the second not even in part.
        ("abcd", [[(0, 2, "X")], [(1, 3, "Y"), (3, 4, "!")]], "Xcd"),
        # An edit that both make (an import both need) is made once.
        ("abcd", [[(0, 1, "A"), (2, 3, "C")], [(0, 1, "A"), (3, 4, "D")]], "AbCD"),
        # Two insertions at one place have no order.
        ("ab", [[(1, 1, "x")], [(1, 1, "y")]], "axb"),
    ],
)
def test_fixes(text: str, fixes: list[Edits], after: str) -> None:
    assert check(text, *fixes) == after


def test_a_suggestion_is_not_applied() -> None:
    assert check("abc", [(0, 1, "X")], applicability=Applicability.SUGGESTED) == "abc"


def test_several_files() -> None:
    one, two = SourceFile("one.py", "1"), SourceFile("two.py", "2")
    sink = Sink()
    edits = (Edit(Span(one, 0, 1), "one"), Edit(Span(two, 0, 1), "two"))
    sink.report(catalog.UNUSED_IGNORE, Span(one, 0, 1), "both", fix=Fix("spell them", edits))
    assert apply_fixes(sink).texts == {one: "one", two: "two"}


_EDIT = st.tuples(st.integers(0, 20), st.integers(0, 20), st.text(alphabet="XY", max_size=2)).map(
    lambda e: (min(e[:2]), max(e[:2]), e[2])
)


@given(st.lists(st.lists(_EDIT, min_size=1, max_size=3), max_size=5))
def test_characters_outside_every_edit_stay(fixes: list[Edits]) -> None:
    text = "abcdefghijklmnopqrst"
    after = check(text, *fixes)
    touched = {i for edits in fixes for start, end, _ in edits for i in range(start, end)}
    kept = [c for i, c in enumerate(text) if i not in touched]
    left = iter(after)
    assert all(c in left for c in kept)
