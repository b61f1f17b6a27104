"""Damaged sources: whatever is deleted, doubled or swapped, the compiler reports and never fails."""

from __future__ import annotations

import os
import re
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import EXAMPLES, TARGETS, compile_text, example_paths
from tests.differential.flows import FLOWS

Edit: TypeAlias = "tuple[str, str, int, int]"

_EDITS: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "swap", "indent"]),
        st.sampled_from(["line", "token"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=4,
)
_TOKEN = re.compile(r"\s+|\w+|.", re.DOTALL)


def _examples() -> list[str]:
    texts = []
    for path in example_paths():
        with open(os.path.join(EXAMPLES, path), encoding="utf-8") as stream:
            texts.append(stream.read())
    return texts


@given(source=st.one_of(FLOWS, st.sampled_from(_examples())), edits=_EDITS, target=st.sampled_from(TARGETS))
def test_edits(source: str, edits: list[Edit], target: str) -> None:
    for edit in edits:
        source = damaged(source, *edit)
    compiled = compile_text(source, target)
    assert not [line for line in compiled.errors if "FC901" in line]
    assert compiled.bundle is not None or compiled.errors


def damaged(source: str, kind: str, unit: str, first: int, second: int) -> str:
    """The source with one line or token deleted, doubled, swapped with another or indented."""
    parts = source.splitlines(keepends=True) if unit == "line" else _TOKEN.findall(source)
    if not parts:
        return source
    i, j = first % len(parts), second % len(parts)
    match kind:
        case "delete":
            del parts[i]
        case "double":
            parts.insert(i, parts[i])
        case "swap":
            parts[i], parts[j] = parts[j], parts[i]
        case _:
            parts[i] = "    " + parts[i]
    return "".join(parts)


def test_truncated_anywhere() -> None:
    """Every prefix of a flow, as an editor sees it while it is written."""
    with open(os.path.join(EXAMPLES, "switch_converging.py"), encoding="utf-8") as stream:
        source = stream.read()
    for end in range(0, len(source), 7):
        compiled = compile_text(source[:end], "argo")
        assert not [line for line in compiled.errors if "FC901" in line]
