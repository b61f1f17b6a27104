"""Every example leaves the same on disk and on S3 servers, whether its tasks are forked or started anew."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.compiling import EXAMPLES, example_paths
from tests.differential.servers import BUCKET, moto, versitygw
from tests.differential.worlds import ARGUMENTS, differences, under_flowc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.differential.worlds import Outcome

pytestmark = pytest.mark.slow

# What a clock or chance decides.
_CHANCE = {"big_sum.py": {"sum", "took"}, "big_sum_parallel.py": {"sum", "took"}}


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples' project, copied: their runs are kept in it."""
    return shutil.copytree(EXAMPLES, tmp_path_factory.mktemp("examples") / "examples")


@pytest.fixture(scope="module")
def on_disk() -> dict[str, Outcome]:
    """What was left on disk by tasks that were forked, filled as it is asked for."""
    return {}


@pytest.fixture(scope="module", params=["spawned", "moto", "versitygw"])
def elsewhere(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """How else to run, and the variables that it needs."""
    if request.param == "spawned":
        yield "spawned", {}
        return
    with moto() if request.param == "moto" else versitygw(tmp_path_factory.mktemp("gateway")) as variables:
        yield request.param, variables


_ELSEWHERE = {
    "with_secrets.py": "asks AWS for a secret",
    "on_kubernetes.py": "asks a cluster for its steps",
    "on_batch.py": "asks AWS for its steps",
}


@pytest.mark.parametrize("path", example_paths())
def test_example(
    path: str,
    examples: Path,
    on_disk: dict[str, Outcome],
    elsewhere: tuple[str, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if path in _ELSEWHERE:
        pytest.skip(_ELSEWHERE[path])
    flow, arguments = examples / path, ARGUMENTS.get(path, [])
    name = path.replace("/", "-")
    if path not in on_disk:
        on_disk[path] = under_flowc(flow, *arguments, at=f"file://{examples}/.store/{name}")
    how, variables = elsewhere
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    if how == "spawned":
        other = under_flowc(flow, *arguments, "--isolate", "spawn", at=f"file://{examples}/.spawned/{name}")
    else:
        other = under_flowc(flow, *arguments, at=f"s3://{BUCKET}/runs of {name}")
    ours = on_disk[path]
    assert (ours.code, other.code) == (0, 0), ours.output + other.output
    found = {line.partition(":")[0].partition(".")[2] for line in differences(other.left, ours.left)}
    assert found <= _CHANCE.get(path, set())
