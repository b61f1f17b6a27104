"""Output is cut into lines wherever the pieces of it happen to end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.local.lines import LONGEST, Lines


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"on", b"e\ntw", b"o"], ["one", "two"]),
        ([b"\n\n"], ["", ""]),
        ([b"no end"], ["no end"]),
        ([b"windows\r\n"], ["windows"]),
        ([b"10 %\r50 %\r100 %\n"], ["100 %"]),
        (["é".encode()[:1], "é".encode()[1:] + b"\n"], ["é"]),
        ([b"\xff\n"], ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_lines(chunks: list[bytes], shown: list[str]) -> None:
    lines = Lines()
    assert [line for chunk in chunks for line in lines.feed(chunk)] + lines.flush() == shown


def test_a_line_without_end_is_shown_in_pieces() -> None:
    lines = Lines()
    pieces = lines.feed(b"x" * (LONGEST + 1))
    assert [len(piece) for piece in pieces] == [LONGEST + 1]
    assert lines.flush() == []


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_where_the_pieces_end_changes_nothing(text: bytes, cuts: list[int]) -> None:
    whole = Lines()
    expected = whole.feed(text) + whole.flush()
    pieces = Lines()
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    shown = [line for a, b in pairwise(places) for line in pieces.feed(text[a:b])]
    assert shown + pieces.flush() == expected
