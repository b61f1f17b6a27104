"""The words that travel through manifests: reversible, inert, unambiguous."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc import contract

identifiers = st.from_regex(r"[^\W\d]\w{0,20}", fullmatch=True).filter(str.isidentifier)


@given(identifiers)
def test_an_escaped_name_is_inert_and_comes_back(name: str) -> None:
    escaped = contract.escape_name(name)
    assert contract.is_inert(escaped)
    assert contract.unescape_name(escaped) == name


@given(identifiers, identifiers)
def test_two_names_never_share_a_spelling(one: str, other: str) -> None:
    assert (contract.escape_name(one) == contract.escape_name(other)) == (one == other)


@given(st.lists(identifiers, min_size=2, max_size=4, unique=True))
def test_keys_of_unlike_transitions_differ(names: list[str]) -> None:
    keys = [contract.goto_key(name) for name in names]
    keys += [contract.foreach_key(names[0]), contract.gang_key(names[0]), contract.fork_key(tuple(names))]
    assert len(set(keys)) == len(keys)
    assert all(contract.is_inert(key) for key in keys)


@pytest.mark.parametrize(
    ("path", "operations", "expected"),
    [
        ("r.3", "0", "r.3~0"),
        ("r.3~0", "+", "r.3~1"),
        ("r~1~4", "-+", "r~2"),
        ("r~1~4", "--", "r"),
        ("r~1", "-0", "r~0"),
    ],
)
def test_an_edge_is_followed_through_loops(path: str, operations: str, expected: str) -> None:
    assert contract.apply_path_operations(path, operations) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("r", ("", "", 0)), ("r.3", ("r", ".", 3)), ("r.3~12", ("r.3", "~", 12)), ("r~1.4", ("r~1", ".", 4))],
)
def test_a_path_splits_into_its_last_level(path: str, expected: tuple[str, str, int]) -> None:
    assert contract.last_level(path) == expected
