"""A workflow's nodes as tasks: each line `name type phase [path] [< message] [> children]`."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.deploy.argo.nodes import run_status
from flowc.deploy.status import RunStatus, State

TEMPLATES = [
    {"name": "fix-depth", "container": {"args": ["step", "fix_depth"]}},
    {"name": "steps", "container": {"args": ["step", "{{inputs.parameters.step}}"]}},
    {"name": "main", "dag": {}},
]


def node(line: str) -> tuple[str, dict[str, Any]]:
    line, _, children = line.partition(" > ")
    line, _, message = line.partition(" < ")
    name, kind, phase, *path = line.split()
    inputs = {"parameters": [{"name": "path", "value": path[0]}]} if path else {}
    content = {"displayName": name, "type": kind, "phase": phase, "message": message, "inputs": inputs}
    return name, {**content, "templateName": name.partition("(")[0], "children": children.split()}


def workflow(text: str, phase: str = "Running", **spec: str) -> dict[str, Any]:
    nodes = dict(node(line) for line in dedent(text).strip().splitlines())
    for index, content in enumerate(nodes.values()):
        content["startedAt"] = f"2026-01-01T00:00:{index:02}Z"
    status = {"phase": phase, "nodes": nodes, "storedWorkflowTemplateSpec": {"templates": TEMPLATES}}
    return {"metadata": {"name": "x"}, "spec": spec, "status": status}


def shown(status: RunStatus) -> str:
    lines = [" ".join(map(str, count)) for count in status.steps]
    lines += [f"{t.step}/{t.path} {'failed' if t.failed else 'waits'}: {t.message}" for t in status.troubles]
    return "\n".join(lines)


def check(text: str, expected: str) -> None:
    """The steps with the tasks waiting, running, succeeded and failed; then what is wrong."""
    assert shown(run_status(workflow(text))) == dedent(expected).strip()


def test_pods_are_tasks_and_structure_is_not() -> None:
    check(
        """
        main DAG Running > start
        start Pod Succeeded
        start-xs TaskGroup Running > fit(0:0)
        fit(0:0) Pod Succeeded r.0
        fit(1:1) Pod Running r.1
        fit(2:2) Pod Pending r.2
        other Skipped Omitted
        never Pod Omitted
        """,
        """
        start 0 0 1 0
        fit 1 1 1 0
        """,
    )


def test_a_task_that_is_retried_counts_once() -> None:
    check(
        """
        fit Retry Running > fit(0) fit(1)
        fit(0) Pod Failed < exit code 1
        fit(1) Pod Running
        """,
        "fit 0 1 0 0",
    )


def test_a_task_is_known_by_the_step_that_its_template_runs() -> None:
    check("fix-depth(0:0) Pod Succeeded r.0", "fix_depth 0 0 1 0")


@pytest.mark.parametrize(("word", "step"), [("caf-xe9-", "café"), ("exit-hook", "exit-hook")])
def test_a_folded_template_is_told_its_step(word: str, step: str) -> None:
    made = workflow("steps Pod Failed r~1")
    made["status"]["nodes"]["steps"]["inputs"]["parameters"].append({"name": "step", "value": word})
    assert shown(run_status(made)) == f"{step} 0 0 0 1\n{step}/r~1 failed: "


def test_what_failed_is_told_by_its_last_attempt() -> None:
    check(
        """
        fit Retry Failed r.3 < No more retries left > fit(0) fit(1)
        fit(0) Pod Failed < exit code 1
        fit(1) Pod Failed < OOMKilled (exit code 137)
        """,
        """
        fit 0 0 0 1
        fit/r.3 failed: OOMKilled (exit code 137)
        """,
    )


def test_what_cannot_start_is_told() -> None:
    check(
        "fit Pod Pending r < ImagePullBackOff: not found",
        """
        fit 1 0 0 0
        fit/r waits: ImagePullBackOff: not found
        """,
    )


@pytest.mark.parametrize(
    ("phase", "spec", "state"),
    [
        ("", {}, State.PENDING),
        ("Pending", {}, State.PENDING),
        ("Running", {}, State.RUNNING),
        ("Succeeded", {}, State.SUCCEEDED),
        ("Failed", {}, State.FAILED),
        ("Error", {}, State.FAILED),
        ("Failed", {"shutdown": "Stop"}, State.CANCELLED),
        ("Running", {"shutdown": "Stop"}, State.RUNNING),
        ("Invented", {}, State.RUNNING),
    ],
)
def test_phases_are_states(phase: str, spec: dict[str, str], state: State) -> None:
    assert run_status(workflow("a Pod Succeeded", phase, **spec)).state is state


def test_many_nodes_come_compressed() -> None:
    made = workflow("fit(0:0) Pod Succeeded r.0")
    nodes = made["status"].pop("nodes")
    made["status"]["compressedNodes"] = b64encode(gzip.compress(json.dumps(nodes).encode())).decode()
    assert shown(run_status(made)) == "fit 0 0 1 0"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


@given(
    st.text()
    | st.binary().map(lambda b: b64encode(b).decode())
    | JSON.map(lambda j: b64encode(gzip.compress(json.dumps(j).encode())).decode())
)
def test_damaged_nodes_are_no_nodes(packed: str) -> None:
    made = workflow("a Pod Running")
    made["status"]["compressedNodes"] = packed
    status = run_status(made)
    assert status.state is State.RUNNING
