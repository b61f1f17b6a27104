"""The language on Step Functions and Batch: each run leaves the tasks and artifacts that `flowc run` leaves.

Skipped where no engine is given (see `stepfunctions`). The flows and most cases are those of `test_argo`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import stepfunctions
from tests.conformance.cases import EXAMPLES, FAULTS, FLOWS, GENERATED, PASSED, SAME
from tests.conformance.observed import assert_same, flow_name
from tests.conformance.stepfunctions import Bench

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not stepfunctions.ADDRESS, reason="FLOWC_TEST_STEPFUNCTIONS names no engine"),
]

# What the passed texts are where an input has types.
TYPED: dict[str, Any] = {**PASSED, "whole": -7, "real": 1e3, "flag": False, "seed": 5}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(("file", "options", "parameters"), SAME)
def test_the_same_tasks_as_here(
    bench: Bench, file: Path, options: tuple[str, ...], parameters: dict[str, str]
) -> None:
    name = flow_name(file)
    ended = bench.run(file, parameters, *options)
    assert ended.status == "SUCCEEDED", ended.failures()
    assert ended.most_containers() <= bench.certified_peak()
    assert_same(bench.tasks(name, ended), bench.local_tasks(file, name, parameters, *options))


@pytest.mark.parametrize(("text", "options", "parameters"), GENERATED)
def test_the_same_of_flows_that_are_generated(
    bench: Bench, text: str, options: tuple[str, ...], parameters: dict[str, str]
) -> None:
    flow = bench.folder / "generated.py"
    flow.write_text(text)
    name = flow_name(flow)
    ended = bench.run(flow, parameters, *options, seconds=2400)
    assert ended.status == "SUCCEEDED", ended.failures()
    assert ended.most_containers() <= bench.certified_peak()
    assert_same(bench.tasks(name, ended), bench.local_tasks(flow, name, parameters, *options))


def test_a_step_finds_the_same_around_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    user = "a{{b}}$(HOME)"
    secrets = stepfunctions.service("secretsmanager")
    if not secrets.list_secrets()["SecretList"]:
        secrets.create_secret(Name="flowc-test-login", SecretString=json.dumps({"LOGIN_USER": user}))
    # A run on this machine finds a secret given by name alone in the environment.
    monkeypatch.setenv("flowc-test-login", "")
    monkeypatch.setenv("LOGIN_USER", user)
    flow = FLOWS / "surroundings.py"
    ended = bench.run(flow)
    assert ended.status == "SUCCEEDED", ended.failures()
    assert_same(bench.tasks("Surroundings", ended), bench.local_tasks(flow, "Surroundings"))


# --------------------------------------------------------------------------- parameters
@pytest.mark.parametrize(
    ("given", "passed"), [({}, {}), (PASSED, PASSED), (TYPED, PASSED)], ids=["defaults", "texts", "typed"]
)
def test_parameters_arrive_as_they_were_written(
    bench: Bench, given: dict[str, Any], passed: dict[str, str]
) -> None:
    flow = FLOWS / "inputs.py"
    ended = bench.run(flow, given)
    assert ended.status == "SUCCEEDED", ended.failures()
    assert_same(bench.tasks("Inputs", ended), bench.local_tasks(flow, "Inputs", passed))


def test_what_is_unset_is_asked_for_by_name(bench: Bench) -> None:
    ended = bench.run(FLOWS / "hooked.py", None, "no--image", "no--datastore", "no--set")
    assert ended.status == "SUCCEEDED", ended.failures()
    assert sorted(bench.tasks("Hooked", ended)) == ["end/r", "start/r"]


# --------------------------------------------------------------------------- faults
NAMED = {
    "wide": "Flowc.TooManySplits",
    "empty": "Flowc.EmptyForeach",
    "switch": "Flowc.BadSwitch",
    "loop": "Flowc.TooManyVisits",
    "raise": "States.TaskFailed",
}


@pytest.mark.parametrize(("kind", "step", "said"), FAULTS)
def test_a_fault_fails_the_run_by_name(bench: Bench, kind: str, step: str, said: str) -> None:
    flow = FLOWS / "faults.py"
    limits = ("--max-num-splits", "3", "--max-visits", "3")
    ended = bench.run(flow, {"kind": kind}, *limits)
    assert (ended.status, ended.error) == ("FAILED", NAMED[kind]), ended.failures()
    assert said in bench.log("Faults", ended, step)
    if kind != "raise":
        assert said in ended.cause
    attempts = [job for job in ended.jobs() if job["FLOWC_STEP"] == step]
    assert len(attempts) == (3 if kind == "loop" else 1), "a final fault is not tried again"
    assert_same(bench.tasks("Faults", ended), bench.local_tasks(flow, "Faults", {"kind": kind}, *limits))


def test_the_machine_holds_the_limit_by_itself(bench: Bench) -> None:
    bundle = bench.folder / "bundle"
    stepfunctions.compile_flow(FLOWS / "faults.py", bundle, "--max-num-splits", "3")
    limit = '{"Name": "FLOWC_MAX_NUM_SPLITS", "Value": "3"}'
    stepfunctions.rewrite(bundle, limit, limit.replace('"3"', '"9"'))
    ended = stepfunctions.wait(stepfunctions.start(stepfunctions.deploy(bundle), {"kind": "wide"}))
    assert (ended.status, ended.error) == ("FAILED", "Flowc.TooManySplits")
    assert ended.cause == "the foreach of step `start` has 4 items; the limit is 3 (max-num-splits)"
    assert [job["FLOWC_STEP"] for job in ended.jobs()] == ["start"]


# --------------------------------------------------------------------------- limits
def test_a_gang_larger_than_the_workers_never_begins(bench: Bench) -> None:
    ended = bench.run(FLOWS / "muster.py", {"size": 3}, "--max-workers", "2")
    assert ended.status == "FAILED"
    assert "gang in `start` has 3 tasks" in bench.log("Muster", ended, "start")


def test_retried_steps_never_exceed_the_workers(bench: Bench) -> None:
    ended = bench.run(FLOWS / "wide.py", None, "--max-workers", "2")
    assert ended.status == "SUCCEEDED", ended.failures()
    assert len(ended.jobs()) == 16
    assert ended.most_containers() == 2


def test_nested_fanouts_share_the_workers(bench: Bench) -> None:
    ended = bench.run(EXAMPLES / "nested_foreach.py", None, "--max-workers", "4")
    assert ended.status == "SUCCEEDED", ended.failures()
    assert 2 <= ended.most_containers() <= 4


def test_a_foreach_too_long_for_one_history_runs_in_executions_of_its_own(bench: Bench) -> None:
    flow = FLOWS / "broad.py"
    ended = bench.run(flow, None, "--max-workers", "4")
    (definition,) = (bench.folder / "bundle").glob("*.asl.json")
    assert '"Mode": "DISTRIBUTED"' in definition.read_text()
    assert ended.status == "SUCCEEDED", ended.failures()
    assert ended.most_containers() <= 4
    assert_same(bench.tasks("Broad", ended), bench.local_tasks(flow, "Broad"))


# --------------------------------------------------------------------------- exit hooks
@pytest.mark.parametrize(("well", "said"), [(True, "went well: sfn-hooked"), (False, "went badly")])
def test_the_exit_hook_fits_the_end(bench: Bench, well: bool, said: str) -> None:
    ended = bench.run(FLOWS / "hooked.py", {"well": well})
    assert ended.status == ("SUCCEEDED" if well else "FAILED")
    hooks = [job["printed"] for job in ended.jobs() if job["FLOWC_STEP"] == "exit-hook"]
    assert len(hooks) == 1
    assert said.replace("sfn-hooked", ended.run_id) in hooks[0]
