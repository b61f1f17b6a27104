"""The nearest name: what a person would have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.suggest import did_you_mean, edit_distance, nearest

ATTRIBUTES = ["cpu", "memory", "gpu", "disk", "shared_memory", "image", "service_account", "use_tmpfs"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("memroy", "memory"),
        ("Memory", "memory"),
        ("shared-memory", "shared_memory"),
        ("cpus", "cpu"),
        ("sevice_acount", "service_account"),
        ("mem", "memory"),
        ("img", "image"),
        ("svcaccount", "service_account"),
        ("mem_mb", None),
        ("tmpfs", None),
        ("x", None),
        ("", None),
        ("m" * 5000, None),
        ("memory", None),
    ],
)
def test_nearest(word: str, meant: str | None) -> None:
    assert nearest(word, ATTRIBUTES) == meant


def test_ties_do_not_depend_on_order() -> None:
    assert nearest("stap", ["step", "stop"]) == nearest("stap", ["stop", "step"]) == "step"


def test_did_you_mean() -> None:
    assert did_you_mean("memroy", ATTRIBUTES) == ("did you mean `memory`?",)
    assert did_you_mean("zzz", ATTRIBUTES) == ()


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_symmetric_and_zero_only_for_equal_words(left: str, right: str) -> None:
    distance = edit_distance(left, right, 100)
    assert distance == edit_distance(right, left, 100)
    assert (distance == 0) == (left == right)
    assert edit_distance(left, right, 2) == min(distance, 3)
