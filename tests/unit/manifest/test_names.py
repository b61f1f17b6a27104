"""Names in a target: legal, unique, stable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.manifest.names import Names, flow_label, is_label, is_subdomain, object_name, step_label

IDENTIFIERS = st.text(min_size=1, max_size=90).filter(str.isidentifier) | st.from_regex(
    r"\A[A-Za-z_][A-Za-z0-9_]{0,80}\Z"
)


@pytest.mark.parametrize(
    ("step", "label"),
    [
        ("start", "start"),
        ("fold_join", "fold-join"),
        ("a__b", "a-b-63e5c1"),
        ("Fit", "fit-9f872e"),
        ("fit", "fit"),
        ("_", "x-d2e2ad"),
        ("_fit", "fit-ce0432"),
        ("é", "x-4a9955"),
    ],
)
def test_steps(step: str, label: str) -> None:
    assert step_label(step) == label


@pytest.mark.parametrize(
    ("flow", "label"),
    [
        ("TrainFlow", "train-flow"),
        ("BigSum", "big-sum"),
        ("HelloAWS", "hello-aws"),
        ("AWSFlow2", "aws-flow2"),
        ("Ünïcode", "n-code-00b24b"),
    ],
)
def test_flows(flow: str, label: str) -> None:
    assert flow_label(flow) == label


def test_projects() -> None:
    assert object_name("TrainFlow") == "train-flow"
    assert object_name("TrainFlow", "shop") == "shop-train-flow"
    assert object_name("TrainFlow", "shop", production=True) == "shop-prod-train-flow"
    assert object_name("TrainFlow", "shop", "new_ui") == "shop-test-new-ui-train-flow"
    assert object_name("TrainFlow", "shop", "new_ui", production=True) == "shop-prod-new-ui-train-flow"
    assert len(object_name("F" * 60, "p" * 60)) == 52


@given(names=st.sets(IDENTIFIERS, max_size=20))
def test_labels_of_steps_are_legal_and_apart(names: set[str]) -> None:
    labels = {step_label(name) for name in names}
    assert len(labels) == len(names)
    assert all(is_label(label) for label in labels)


@given(name=IDENTIFIERS, project=IDENTIFIERS, branch=IDENTIFIERS)
def test_names_of_objects_are_legal(name: str, project: str, branch: str) -> None:
    assert is_label(flow_label(name), 52)
    assert is_label(object_name(name, project, branch), 52)


@given(wanted=st.lists(st.sampled_from(["a", "a-2", "b" * 63, "b" * 70]), max_size=12))
def test_claims_are_unique(wanted: list[str]) -> None:
    names = Names()
    claimed = [names.claim(name) for name in wanted]
    assert len(set(claimed)) == len(wanted)
    assert all(is_label(name) for name in claimed)


def test_subdomains() -> None:
    assert is_subdomain("registry.example.com")
    assert not is_subdomain("a..b")
    assert not is_subdomain("A.b")
