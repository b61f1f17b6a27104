"""`current` has every name that Metaflow's has; what the values are, `same/knows.py` and `same/itself.py` compare."""

from __future__ import annotations

import pytest

from flowc import dsl
from flowc.runtime.current_facts import later_facts, task_facts
from flowc.runtime.settings import TaskSettings

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = pytest.mark.metaflow

# What Metaflow's decorators add, where they stand above a step or the flow.
ADDED = "card parameter_names trigger project_name branch_name is_user_branch is_production project_flow_name".split()


def test_every_name_is_there() -> None:
    from metaflow.metaflow_current import Current as Theirs

    settings = TaskSettings(
        datastore="file:///d",
        flow="F",
        run_id="r",
        run_uid="u",
        step="fit",
        path="r",
        attempt="a",
        entry="f.py",
        project="shop",
    )
    description = {"uid": "u", "parameters": {}, "graph": "{}"}
    ours = dsl.Current()
    ours._facts, ours._later = task_facts(settings, description, 0), later_facts(settings, description)
    theirs = [*(name for name in dir(Theirs) if not name.startswith("_")), *ADDED]
    assert [name for name in theirs if name not in ours and not hasattr(ours, name)] == []
