"""What Metaflow runs to success, flowc compiles for both targets without an error, and runs to the same end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.compiling import EXAMPLES, TARGETS, compile_text, example_paths
from tests.differential.flows import FLOWS
from tests.differential.worlds import ARGUMENTS, differences, under_flowc, under_metaflow

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = [pytest.mark.metaflow, pytest.mark.slow]

# Each task is a process of a second or so: few flows, of few steps.
_RUNS = 8 if os.environ.get("FLOWC_HYPOTHESIS") != "long" else 60


@settings(max_examples=_RUNS, suppress_health_check=list(HealthCheck))
@given(source=FLOWS)
def test_random_flows(source: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assume(3 <= source.count("@step") <= 12)
    flow = tmp_path_factory.mktemp("run") / "flow.py"
    flow.write_text(source)
    theirs = under_metaflow(flow)
    every_step_ran = len({place.partition("[")[0] for place in theirs.left}) == source.count("@step")
    assume(theirs.code == 0 and every_step_ran)
    for target in TARGETS:
        assert compile_text(source, target).errors == []
    ours = under_flowc(flow)
    assert ours.code == 0, ours.output
    assert differences(ours.left, theirs.left) == []


# What needs a cluster, an object store or packages that are not there.
_NOT_HERE = {"on_kubernetes.py", "on_batch.py", "with_packages.py", "with_secrets.py"}
# What chance or a clock decides, and what docs/metaflow.md says of class attributes and of `self.name`.
_DIFFERS = {
    "big_sum.py": {"sum", "took"},
    "big_sum_parallel.py": {"sum", "took"},
    "config/flow.py": {"name"},
    "hello.py": {"name", "greeting"},
    "step_resources.py": {"WORKERS"},
}


@pytest.mark.parametrize("path", example_paths())
def test_examples(path: str, tmp_path: Path) -> None:
    folder = os.path.join(EXAMPLES, os.path.dirname(path))
    with open(os.path.join(EXAMPLES, path), encoding="utf-8") as stream:
        source = stream.read()
    if "from flowc import" in source:
        pytest.skip("shows what Metaflow does not have")
    if path in _NOT_HERE:
        pytest.skip("needs a cluster, an object store or packages")
    if "numpy" in source:
        pytest.importorskip("numpy")
    copy = tmp_path / "flow"
    copy.mkdir()
    _copy(folder if "/" in path else EXAMPLES, copy, whole="/" in path, name=os.path.basename(path))
    flow, arguments = copy / os.path.basename(path), ARGUMENTS.get(path, [])
    theirs, ours = under_metaflow(flow, *arguments), under_flowc(flow, *arguments)
    assert (theirs.code, ours.code) == (0, 0), theirs.output[-3000:] + ours.output[-3000:]
    found = {line.partition(":")[0].partition(".")[2] for line in differences(ours.left, theirs.left)}
    assert found == _DIFFERS.get(path, set())


def _copy(folder: str, to: Path, *, whole: bool, name: str) -> None:
    """One example: its folder, or its file alone."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if whole and not f.startswith((".", "__"))]
        place = to / os.path.relpath(parent, folder)
        place.mkdir(exist_ok=True)
        for file in names:
            if whole or file == name:
                with open(os.path.join(parent, file), "rb") as stream:
                    (place / file).write_bytes(stream.read())
