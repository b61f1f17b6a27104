"""The cases that every world runs: flows of `flows/` and of the examples, with options and parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.generated import (
    Generated,
    hostile_texts,
    many_parameters,
    many_steps,
    wide_foreach,
)

FLOWS = Path(__file__).parent / "flows"
EXAMPLES = Path(__file__).parents[2] / "examples"


def case(file: str, *options: str, **parameters: str) -> object:
    """A row of the table: a flow, options of both commands, parameters of the run."""
    name = "-".join([file.removesuffix(".py").removesuffix("/flow"), *parameters.values()])
    path = FLOWS.parent / file if file.startswith("flows/") else EXAMPLES.parent / file
    return pytest.param(path, options, parameters, id=name)


def written(name: str, flow: Generated, *options: str, slow: bool = False) -> object:
    """A row of the table for a flow that is generated; `slow` if it has hundreds of tasks."""
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(flow.text, options, flow.parameters, id=name, marks=marks)


# Runs that succeed: they leave the same tasks, artifacts, transitions and attempts everywhere.
SAME = [
    case("flows/trials.py"),
    case("flows/arms.py", way="none"),
    case("flows/arms.py", way="fork"),
    case("flows/arms.py", way="foreach"),
    case("flows/arms.py", way="single"),
    case("flows/straight.py", way="direct"),
    case("flows/straight.py", way="detour"),
    case("flows/rounds.py", "--max-visits", "5"),
    case("flows/wide.py", "--max-workers", "2"),
    case("flows/names.py"),
    case("flows/words.py"),
    case("flows/tangle.py"),
    case("flows/regroup.py"),
    case("examples/gang.py"),
    case("examples/config/flow.py"),
    case("examples/include_file/flow.py"),
    case("examples/unicode_names.py"),
    case("examples/switch_in_foreach.py"),
    case("examples/join_that_splits.py"),
    case("examples/nested_foreach.py"),
    case("examples/loop.py"),
    case("examples/self_loop.py"),
]

# The same of flows that are generated.
GENERATED = [
    written("hostile-texts", hostile_texts()),
    written("inputs-120", many_parameters(120)),
    written("steps-303", many_steps(arms=20, length=15), slow=True),
    written("foreach-200", wide_foreach(200), "--max-num-splits", "200", "--max-workers", "50", slow=True),
]

# Runs of `flows/faults.py` that fail: its parameter, the step that fails, what that step says.
FAULTS = [
    ("wide", "start", "foreach in `start` has 4 items; the limit is 3 (max-num-splits)"),
    ("empty", "start", "foreach in `start` has no items"),
    ("switch", "choose", "`self.way` is 'nowhere', which is none of 'loop', 'raise'"),
    ("loop", "round", "was visited 3 times; the limit is 3 (max-visits)"),
    ("raise", "broken", "RuntimeError: as asked"),
]

# Values of the parameters of `flows/inputs.py` that no engine may read as anything but text.
HOSTILE = "{{workflow.name}} $(HOME) ${HOME} \"q\" 'q' \\ é\n{{=1+1}} {% raw %} `x` \t end"
PASSED = {
    "text": HOSTILE,
    "plain": "",
    "empty": "@flowc",
    "whole": "-7",
    "real": "1e3",
    "flag": "false",
    "tree": '{"{{=1+1}}": "$(HOME)"}',
    "parts": "{{x}},ü,",
    "seed": "5",
}
