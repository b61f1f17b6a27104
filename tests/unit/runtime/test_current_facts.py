"""What `current` says in a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowc import dsl
from flowc.records import replace
from flowc.runtime.current_facts import later_facts, task_facts
from flowc.runtime.settings import TaskSettings

if TYPE_CHECKING:
    from flowc.runtime.records import Record

SETTINGS = TaskSettings(
    datastore="file:///d",
    flow="F",
    run_id="argo-f-1",
    run_uid="u",
    step="fit",
    path="r.3",
    attempt="a",
    entry="f.py",
)
RUN = {"uid": "u", "parameters": {"b": {}, "a": {}}, "user": "ann", "tags": ["t"], "origin_run": "argo-f-0"}


def current(settings: TaskSettings = SETTINGS, run: Record | None = None) -> dsl.Current:
    made = dsl.Current()
    described = run or RUN
    made._facts, made._later = task_facts(settings, described, 2), later_facts(settings, described)
    return made


def test_a_task_knows_itself() -> None:
    expected = {
        "flow_name": "F",
        "run_id": "argo-f-1",
        "step_name": "fit",
        "task_id": "r.3",
        "pathspec": "F/argo-f-1/fit/r.3",
        "retry_count": 2,
        "origin_run_id": "argo-f-0",
        "username": "ann",
        "namespace": "user:ann",
        "tags": {"t"},
        "parameter_names": ["a", "b"],
        "is_running_flow": True,
        "trigger": None,
    }
    assert {name: getattr(current(), name) for name in expected} == expected


@pytest.mark.parametrize(
    ("project", "user", "expected"),
    [
        ("shop", "ann", ("shop", "user.ann", "shop.user.ann.F", True, False)),
        ("shop", "", ("shop", "user", "shop.user.F", True, False)),
        ("shop.test.b", "ann", ("shop", "test.b", "shop.test.b.F", False, False)),
        ("shop.prod", "ann", ("shop", "prod", "shop.prod.F", False, True)),
        ("shop.prod.b", "ann", ("shop", "prod.b", "shop.prod.b.F", False, True)),
    ],
)
def test_a_project_and_its_branch(project: str, user: str, expected: tuple[object, ...]) -> None:
    now = current(replace(SETTINGS, project=project), {**RUN, "user": user})
    names = ("project_name", "branch_name", "project_flow_name", "is_user_branch", "is_production")
    assert tuple(getattr(now, name) for name in names) == expected


def test_what_there_is_not_is_said() -> None:
    now = current()
    assert ("parallel" in now, now.get("parallel"), "run_id" in now, now.get("run_id")) == (
        False, None, True, "argo-f-1",
    )  # fmt: skip
    with pytest.raises(AttributeError, match=r"`current\.project_name` is not available here"):
        _ = now.project_name
    with pytest.raises(AttributeError, match=r"`current\.run_id` is not available here"):
        _ = dsl.Current().run_id
    assert not dsl.Current().is_running_flow


def test_the_graph_is_told_where_the_flow_asks_for_it() -> None:
    now = current(run={**RUN, "graph": '{"steps":{"start":{},"end":{}}}'})
    assert (list(now.graph["steps"]), "graph" in now) == (["start", "end"], True)
    with pytest.raises(
        AttributeError, match=r"is not available here; a run is told its graph where the file"
    ):
        _ = current().graph


def test_what_started_the_run() -> None:
    told = {"type": "run", "name": "metaflow.First.end", "id": "First/argo-1/end/r", "timestamp": None}
    assert current(run={**RUN, "triggers": [told]}).trigger.event.id == "First/argo-1/end/r"
    assert current().trigger is None


def test_a_card_takes_everything() -> None:
    from flowc.runtime.api.cards import Markdown, ProgressBar, Table

    card = current().card
    bar = ProgressBar(max=10, label="x")
    card.append(Markdown("# é"))
    card.append(bar, id="bar")
    card.extend([Table([[1]], headers=["a"])])
    card["other"].append(Markdown("there"))
    card["third"] = [Markdown("1"), Markdown("2")]
    card["other"].refresh({"any": 1})
    card.components["bar"].update(3)
    card.components["none"].update(3)
    assert ([type(c).__name__ for c in card], len(card["other"]), len(card["third"])) == (
        ["Markdown", "ProgressBar", "Table"], 1, 2,
    )  # fmt: skip
    assert (bar.args, next(iter(card)).render(), card.get()) == ((3,), "# é", [])
    card.clear()
    assert list(card) == []


def test_a_fact_that_costs_is_made_once() -> None:
    now = current()
    assert now.card is now.card
