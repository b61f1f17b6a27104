"""Names in a row and texts cut to fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.wording import listed, shortened, with_article

ROWS = [
    ("", ""),
    ("a", "`a`"),
    ("ab", "`a` and `b`"),
    ("abc", "`a`, `b` and `c`"),
    ("abcdef", "`a`, `b`, `c`, `d`, `e` and `f`"),
    ("abcdefgh", "`a`, `b`, `c`, `d`, `e` and 3 more"),
]


@pytest.mark.parametrize(("names", "row"), ROWS)
def test_names_in_a_row(names: str, row: str) -> None:
    assert listed(names) == row


def test_article() -> None:
    assert [with_article(noun) for noun in ("image", "datastore")] == ["an image", "a datastore"]


@given(st.text(), st.integers(2, 20))
def test_a_text_is_cut_only_where_it_does_not_fit(text: str, width: int) -> None:
    cut = shortened(text, width)
    assert len(cut) <= width
    assert cut == text or (len(text) > width and cut[-1] == "…" and text.startswith(cut[:-1]))
