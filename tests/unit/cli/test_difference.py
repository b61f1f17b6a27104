"""The difference of two manifests in words."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from flowc.cli.bundle.difference import changes, describe
from flowc.diagnostics.model import Sink
from flowc.ir.program import Program
from flowc.ir.region import Block
from tests.graphs import flow

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = Program(graph=flow("start -> fit\nfit -> end"), body=Block(()), wiring={})


def check(committed: object, current: object, name: str = "x.json") -> list[str]:
    texts = [c if isinstance(c, str) else json.dumps(c) for c in (committed, current)]
    return describe(name, texts[0].encode(), texts[1].encode(), PROGRAM)


def container(step: str, memory: str, **more: object) -> dict[str, object]:
    env = [{"name": "FLOWC_STEP", "value": step}]
    return {
        "name": f"t-{step}",
        "container": {"env": env, "resources": {"limits": {"memory": memory}}, **more},
    }


def document(**content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_a_resource_of_a_step() -> None:
    old, new = (
        [container("start", "1M"), container("fit", "60000M")],
        [container("start", "1M"), container("fit", "120000M")],
    )
    assert check({"templates": old}, {"templates": new}) == [
        "`fit` asks for 120000 MB (committed: 60000 MB), from flow.txt:2"
    ]


def test_the_same_twice_is_said_once() -> None:
    both: list[object] = [
        {"r": {"requests": {"cpu": c}, "limits": {"cpu": c}}, **container("fit", "1M")} for c in ("500m", "2")
    ]
    assert check(both[0], both[1]) == ["`fit` asks for 2 CPU (committed: 0.5 CPU), from flow.txt:2"]


def test_an_inserted_element_does_not_shift_the_others() -> None:
    old, new = [container("fit", "1M")], [container("start", "2M"), container("fit", "1M")]
    assert check(old, new) == ["t-start is new: {name, container}"]


@pytest.mark.parametrize(
    ("committed", "current", "lines"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b is `2` (committed: `1`)"]),
        ({"a": 1}, {}, ["a is gone (committed: `1`)"]),
        ({}, {"a": [1, 2]}, ["a is new: 2 elements"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a.1 is `3` (committed: `2`)"]),
        ({"a": "x" * 99}, {"a": "y"}, [f"a is `y` (committed: `{'x' * 59}…`)"]),
        ({"d": document(k=1)}, {"d": document(k=2)}, ["d.k is `2` (committed: `1`)"]),
        ({"d": "eyJ"}, {"d": "eyJ0"}, ["d is `eyJ0` (committed: `eyJ`)"]),
        (
            [{"Type": "MEMORY", "Value": "1"}],
            [{"Type": "MEMORY", "Value": "2"}],
            ["MEMORY.Value is `2` (committed: `1`)"],
        ),
    ],
)  # fmt: skip
def test_leaves(committed: object, current: object, lines: list[str]) -> None:
    assert check(committed, current) == lines


def test_layout_alone() -> None:
    assert check('{"a":1}', '{"a": 1}') == [
        "only its layout differs", "--- committed", "+++ current", "@@ -1 +1 @@", '-{"a":1}', '+{"a": 1}',
    ]  # fmt: skip


def test_yaml_streams_match_objects_by_kind_and_name() -> None:
    one = "kind: A\nmetadata: {name: n}\nspec: {x: 1}\n"
    two = "kind: B\nmetadata: {name: n}\nspec: {x: 1}\n"
    assert check(f"{one}---\n{two}", f"{two}---\n{one.replace('x: 1', 'x: 2')}", "x.yaml") == [
        "A n.spec.x is `2` (committed: `1`)"
    ]


@pytest.mark.parametrize("name", ["x.yaml", "x.json", "code.zip"])
def test_what_cannot_be_read_is_compared_as_it_is(name: str) -> None:
    assert describe(name, b"{[\xff", b"{", PROGRAM) == ["its bytes differ (3 committed, 1 now)"]


def test_deep_objects_do_not_exhaust_the_stack() -> None:
    deep: Mapping[str, object] = {"x": 1}
    other: Mapping[str, object] = {"x": 2}
    for _ in range(300):
        deep, other = {"a": deep}, {"a": other}
    assert len(list(changes(deep, other))) == 1
    assert len(Sink()) == 0
