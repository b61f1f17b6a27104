"""The graph that flowc reads from source is the one that Metaflow builds by importing it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from flowc.compiler import analyze
from flowc.diagnostics.model import Severity, Sink
from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto, successors
from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, outside_in
from flowc.source import Sources
from flowc.target.settings import Settings
from tests.compiling import EXAMPLES, example_paths, shown
from tests.differential.flows import FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.ir.graph import Step
    from flowc.ir.program import Program

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = pytest.mark.metaflow

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[str, str], dict[str, Any]]]:
    """Ask Metaflow about a source text; one process answers all."""
    process = subprocess.Popen(
        [sys.executable, ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    to, answers = process.stdin, process.stdout

    def asking(source: str, name: str) -> dict[str, Any]:
        to.write(json.dumps({"source": source, "name": name}) + "\n")
        to.flush()
        answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    yield asking
    to.close()
    answers.close()
    process.wait(timeout=30)


@given(source=FLOWS)
def test_random_flows(source: str, ask: Callable[[str, str], dict[str, Any]]) -> None:
    theirs = ask(source, "Random")
    assert theirs.get("lint") is None, theirs
    assert our_nodes(source) == {name: _plainly(name, node) for name, node in theirs["nodes"].items()}


def _plainly(name: str, node: dict[str, object]) -> dict[str, object]:
    """A switch all of whose cases lead to one step is no choice for us."""
    targets = node["next"]
    assert isinstance(targets, list)
    if node["type"] == "split-switch" and len(set(targets)) == 1:
        return {**node, "type": "start" if name == "start" else "linear", "next": targets[:1]}
    return node


_SINGLE = [path for path in example_paths() if "/" not in path]


@pytest.mark.parametrize("path", _SINGLE)
def test_examples(path: str, ask: Callable[[str, str], dict[str, Any]]) -> None:
    with open(os.path.join(EXAMPLES, path), encoding="utf-8") as stream:
        source = stream.read()
    name = next(line for line in source.splitlines() if line.startswith("class ")).split()[1].split("(")[0]
    if "from flowc import" in source:
        pytest.skip("shows what Metaflow does not have")
    theirs = ask(source, name)
    assert our_nodes(source) == theirs["nodes"]


def our_nodes(source: str) -> dict[str, dict[str, object]]:
    """Our graph in the oracle's shape; no error may be reported."""
    sink = Sink()
    program = analyze("flow.py", Sources(None, {"flow.py": source}), Settings(), sink)
    assert [shown(d) for d in sink if d.severity is Severity.ERROR] == []
    assert program is not None
    joins = dict(_joins(program))
    return {
        name: {"type": _type(program, step), "next": _next(step), "join": joins.get(name)}
        for name, step in program.graph.steps.items()
    }


def _joins(program: Program) -> Iterator[tuple[str, str]]:
    for block in outside_in(program.body):
        for region in block.items:
            if isinstance(region, ForkRegion | ForeachRegion | GangRegion):
                yield region.head, region.join


def _type(program: Program, step: Step) -> str:
    """Metaflow's word for the kind of a step."""
    if step.name == program.graph.end:
        return "end"
    match step.transition:
        case Goto() | Finish():
            if step.name == program.graph.start:
                return "start"
            return "join" if step.is_join else "linear"
        case Fork():
            return "split"
        case Foreach() | Gang():
            return "foreach"
        case Choose():
            return "split-switch"


def _next(step: Step) -> list[str]:
    """Metaflow lists a switch's targets once for each case."""
    if isinstance(step.transition, Choose):
        found = [(case.span.start, name) for arm in step.transition.arms for case in arm.cases for name in
                 successors(arm.then)]  # fmt: skip
        return [name for _, name in sorted(found)]
    return successors(step.transition)
