"""What a step's container is told: inert words, and one document for all other text."""

# ruff: noqa: ANN401 - rows of a table hold values of any type
from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc import contract
from flowc.backends.task_settings import default_text, encode_document, flow_environment, task_environment
from flowc.ir.params import Parameter, ParameterType
from flowc.ir.spec import FlowSpecs, Project, Secret
from flowc.ir.values import Const, Unknown
from flowc.records import replace
from flowc.source import Located, SourceFile, Span
from flowc.target.settings import Settings
from tests.graphs import flow
from tests.unit.backends.argo.flows import program

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph

SPAN = Span(SourceFile("flow.py", ""), 0, 0)


def told(graph: FlowGraph, step: str, **options: Any) -> dict[str, str]:
    """The variables of one step."""
    return dict(task_environment(program(graph), Settings(), step, **options))


def document(variables: dict[str, str]) -> Any:
    """What the document says."""
    return json.loads(base64.b64decode(variables[contract.ENV_DOCUMENT]))


def with_spec(text: str, step: str, **spec: Any) -> FlowGraph:
    """The graph of `text` with more said of one step."""
    graph = flow(text)
    changed = replace(graph.steps[step], spec=replace(graph.steps[step].spec, **spec))
    return replace(graph, steps={**graph.steps, step: changed})


@pytest.mark.parametrize(
    ("text", "step", "expected"),
    [
        ("start -> end", "start", {}),
        ("start -> end", "end", {"FLOWC_INPUTS": "start"}),
        ("start -> foreach a in xs; a -> j; join j -> end", "start", {"FLOWC_MAX_NUM_SPLITS": "100"}),
        ("start[max_num_splits=7] -> foreach a in xs; a -> j; join j -> end", "start", {"FLOWC_MAX_NUM_SPLITS": "7"}),
        ("start -> a; a[timeout=60, retry=2] -> end", "a", {"FLOWC_INPUTS": "start", "FLOWC_TIMEOUT": "60", "FLOWC_RETRIES": "2"}),
        ("start -> a; a[catch] -> end", "a", {"FLOWC_INPUTS": "start", "FLOWC_CATCH": "", "FLOWC_NEXT": "end"}),
        ("start -> gang t by 2; t[parallel] -> j; join j -> end", "t", {"FLOWC_INPUTS": "../start", "FLOWC_GANG": "1"}),
        (
            "start -> a; a -> a | end",
            "a",
            {"FLOWC_INPUTS": "start~from", "FLOWC_TELLS": "a~+,end~-", "FLOWC_MAX_VISITS": "50"},
        ),
    ],
)  # fmt: skip
def test_settings(text: str, step: str, expected: dict[str, str]) -> None:
    assert told(flow(text), step) == {"FLOWC_STEP": step, **expected}


def test_the_flow_is_told_once() -> None:
    assert flow_environment(program(flow("start -> end", name="Ünï")), Settings()) == [
        ("FLOWC_FLOW", "-xdc-n-xef-"),
        ("FLOWC_ENTRY", "flow.txt"),
    ]


@pytest.mark.parametrize(
    ("branch", "production", "settings", "expected"),
    [
        (None, False, Settings(), "shop"),
        (None, False, Settings(branch="new_ui"), "shop.test.new_ui"),
        ("b", False, Settings(), "shop.test.b"),
        (None, True, Settings(), "shop.prod"),
        (None, False, Settings(branch="b", production=True), "shop.prod.b"),
    ],
)
def test_the_project_and_its_branch_are_told(
    branch: str | None, production: bool, settings: Settings, expected: str
) -> None:
    project = Project("shop", branch, production, SPAN)
    graph = replace(flow("start -> end"), specs=FlowSpecs(project=project))
    assert dict(flow_environment(program(graph), settings))["FLOWC_PROJECT"] == expected


def test_what_is_not_inert_goes_into_the_document() -> None:
    graph = with_spec(
        "start -> a; a -> end",
        "a",
        environment={"PLAIN": Located("a b/c", SPAN), "ODD": Located("{{=1}} $(x) ${y} é", SPAN)},
        secrets=(
            Secret(name="db", span=SPAN),
            Secret(
                name="key", type="inline", options={"env_vars": {"A": "1"}}, span=SPAN, allow_override=True
            ),
        ),
    )
    graph = replace(graph, file="flöws/train.py")
    variables = told(graph, "a")
    assert variables["PLAIN"] == "a b/c"
    assert "ODD" not in variables
    assert document(variables) == {
        "settings": {"FLOWC_ENTRY": "flöws/train.py"},
        "environment": {"ODD": "{{=1}} $(x) ${y} é"},
        "secrets": [
            {"type": "inline", "id": "key", "options": {"env_vars": {"A": "1"}}, "allow_override": True}
        ],
    }
    assert document(told(graph, "a", plain_secrets="aws-secrets-manager"))["secrets"][0] == {
        "type": "aws-secrets-manager",
        "id": "db",
    }
    assert contract.ENV_ENTRY not in dict(flow_environment(program(graph), Settings()))


def test_only_the_first_step_holds_defaults() -> None:
    graph = flow("start -> end")
    assert document(told(graph, "start", defaults={"p": "{{x}}"})) == {"defaults": {"p": "{{x}}"}}
    assert contract.ENV_DOCUMENT not in told(graph, "end", defaults={"p": "{{x}}"})


@given(value=st.text(), name=st.text("ABC_", min_size=1))
def test_every_word_is_inert_and_nothing_is_lost(name: str, value: str) -> None:
    variables = told(with_spec("start -> end", "start", environment={name: Located(value, SPAN)}), "start")
    assert all(contract.is_inert(word) for pair in variables.items() for word in pair)
    found = variables.get(name)
    assert value == (document(variables)["environment"][name] if found is None else found)


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("str", Const("a {{b}}"), "a {{b}}"),
        ("int", Const(3), "3"),
        ("float", Const(0.5), "0.5"),
        ("bool", Const(value=True), "true"),
        ("json", Const({"a": [1, None]}), '{"a": [1, null]}'),
        ("json", Const('{"a": 1}'), '{"a": 1}'),
        ("list", Const(["a", "b"]), "a|b"),
        ("file", Const("data/x.csv"), "data/x.csv"),
        ("str", None, None),
        ("str", Const(None), None),
        ("str", Unknown(SPAN, "it is called"), None),
    ],
)
def test_defaults_as_an_engine_passes_them(kind: str, default: Any, expected: str | None) -> None:
    parameter = Parameter(
        attribute="p",
        name="p",
        span=SPAN,
        type=ParameterType(kind),
        default=default,
        required=False,
        help="",
        separator="|",
    )
    assert default_text(parameter) == expected


def test_the_document_is_the_same_for_the_same_content() -> None:
    assert encode_document({"b": 1, "a": {"y": 2, "x": {3, 1}}}) == encode_document(
        {"a": {"x": {1, 3}, "y": 2}, "b": 1}
    )
