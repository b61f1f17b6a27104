"""Runs on Step Functions and Batch to which something happens: nothing finished is lost, attempts never mix, and
what failed is named.

Skipped where no engine is given (see `stepfunctions`), and partly where it was not started here (see `disturb`).
What a stopped execution keeps is in `test_deploying_stepfunctions`.
"""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conformance import disturb, observed, stepfunctions
from tests.conformance.cases import FLOWS
from tests.conformance.observed import ONCE, STEADY, attempts
from tests.conformance.stepfunctions import Bench

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not stepfunctions.ADDRESS, reason="FLOWC_TEST_STEPFUNCTIONS names no engine"),
]
ours = pytest.mark.skipif(not disturb.STATE, reason="FLOWC_ENGINES_STATE names no engines started here")
containers = pytest.mark.skipif(stepfunctions.JOBS != "docker", reason="a process is no container")

HUNGRY = """\
import os

from flowc import FlowSpec, catch, current, resources, retry, step


class Hungry(FlowSpec):
    @step
    def start(self):
        self.next(self.caught, self.tried)

    @catch(var="failure")
    @resources(memory=150)
    @step
    def caught(self):
        self.eat()
        self.next(self.join)

    @retry(times=1, minutes_between_retries=0)
    @resources(memory=150)
    @step
    def tried(self):
        self.attempt = current.retry_count
        if current.retry_count == 0:
            self.eat()
        self.next(self.join)

    @step
    def join(self, inputs):
        self.seen = inputs.tried.attempt, inputs.caught.failure
        self.next(self.end)

    @step
    def end(self):
        print(*self.seen)

    def eat(self):
        eaten = [os.urandom(1 << 20) for _ in range(4096)]
        print(len(eaten), "MiB, and nobody minds")
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def assert_steady(bench: Bench, ended: stepfunctions.Ended, tried: dict[str, int]) -> None:
    """The run of `flows/steady.py` has the results of one that nothing happened to, after so many attempts."""
    assert ended.status == "SUCCEEDED", ended.failures()
    bench.assert_steady(ended, tried)


# --------------------------------------------------------------------------- jobs
@pytest.mark.parametrize(
    "happens", [stepfunctions.terminate, pytest.param(stepfunctions.kill_container, marks=containers)]
)
def test_a_job_that_is_ended_from_outside_is_tried_again(
    bench: Bench, happens: Callable[[str], None]
) -> None:
    execution = bench.start(STEADY, {"seconds": 15})
    job = stepfunctions.running_job(execution, "each", "r.1")
    # The shim notes an attempt once it runs, which a container does before that.
    bench.wait_for_attempt("Steady", stepfunctions.run_id(execution), "each", "r.1", 120)
    happens(job)
    assert_steady(bench, stepfunctions.wait(execution), ONCE | {"each/r.1": 2})


@containers
def test_a_container_that_is_killed_is_caught(bench: Bench) -> None:
    execution = bench.start(FLOWS / "deleted.py")
    stepfunctions.kill_container(stepfunctions.running_job(execution, "waits"))
    ended = stepfunctions.wait(execution)
    assert ended.status == "SUCCEEDED", ended.failures()
    assert "TaskKilled" in bench.log("Deleted", ended, "end")


@containers
def test_a_step_that_uses_up_its_memory_is_named_and_tried_again(bench: Bench) -> None:
    flow = bench.folder / "hungry.py"
    flow.write_text(HUNGRY)
    ended = bench.run(flow)
    assert ended.status == "SUCCEEDED", ended.failures()
    tried = attempts(bench.tasks("Hungry", ended))
    # The second attempt of a caught step runs nothing of it: it stores that the first was killed.
    assert {name for name, number in tried.items() if number > 1} == {"caught/r", "tried/r"}
    said = "step `caught` was killed by signal 9: most likely it had used up its memory"
    assert bench.log("Hungry", ended, "end") == f"1 {said}\n"


@containers
def test_an_image_that_does_not_exist_is_named(bench: Bench) -> None:
    flow = FLOWS / "hooked.py"
    stepfunctions.compile_flow(flow, bench.folder / "bundle", "no--image")
    machine = stepfunctions.deploy(bench.folder / "bundle", image="flowc.invalid/absent:1")
    execution = stepfunctions.start(machine)
    ended = stepfunctions.wait(execution)
    assert ended.status == "FAILED"
    said = stepfunctions.flowc("status", f"{machine.rpartition(':')[2]}/{ended.run_id}")
    assert said.returncode == 1
    assert "start/r failed: States.TaskFailed: " in said.stdout
    assert "CannotPullContainerError" in said.stdout
    assert "flowc.invalid/absent:1" in said.stdout


# --------------------------------------------------------------------------- what is around them
@ours
@pytest.mark.disturbs
def test_the_s3_server_is_away_for_a_minute(bench: Bench) -> None:
    execution = bench.start(STEADY, {"seconds": 15}, "--max-workers", "2")
    stepfunctions.running_job(execution, "each", "r.1")
    disturb.take_s3_away(60)
    assert_steady(bench, stepfunctions.wait(execution), ONCE)


@ours
@pytest.mark.disturbs
def test_a_run_begins_while_the_s3_server_is_away(bench: Bench) -> None:
    stepfunctions.compile_flow(STEADY, bench.folder / "bundle")
    machine = stepfunctions.deploy(bench.folder / "bundle")
    with ThreadPoolExecutor(1) as pool:
        away = pool.submit(disturb.take_s3_away, 10)
        while s3_answers():
            time.sleep(0.1)
        execution = stepfunctions.start(machine, {"seconds": 0})
        away.result()
    assert_steady(bench, stepfunctions.wait(execution), ONCE)


def s3_answers() -> bool:
    place = urlsplit(observed.ENDPOINT)
    with socket.socket() as client:
        return client.connect_ex((place.hostname, place.port)) == 0


def test_two_runs_of_one_flow_do_not_mix(bench: Bench) -> None:
    stepfunctions.compile_flow(STEADY, bench.folder / "bundle")
    machine = stepfunctions.deploy(bench.folder / "bundle")
    labels = ("one", "other")
    executions = [stepfunctions.start(machine, {"label": label, "seconds": 3}) for label in labels]
    for execution, label in zip(executions, labels, strict=True):
        ended = stepfunctions.wait(execution)
        assert ended.status == "SUCCEEDED", ended.failures()
        assert attempts(bench.tasks("Steady", ended)) == ONCE
        expected = [(label, n * sum(range(1000))) for n in (1, 2, 3)]
        assert bench.log("Steady", ended, "end") == f"0 {expected}\n"


# --------------------------------------------------------------------------- limits
@pytest.mark.parametrize(("outer", "distributed"), [(3, False), (45, True)])
def test_nested_steps_in_back_off_never_exceed_the_workers(
    bench: Bench, outer: int, distributed: bool
) -> None:
    flow = bench.folder / "restless.py"
    flow.write_text((FLOWS / "restless.py").read_text().replace("OUTER = 3", f"OUTER = {outer}"))
    workers = 16 if distributed else 3
    ended = bench.run(flow, None, "--max-workers", str(workers), seconds=2400)
    (definition,) = (bench.folder / "bundle").glob("*.asl.json")
    assert ('"Mode": "DISTRIBUTED"' in definition.read_text()) == distributed
    assert ended.status == "SUCCEEDED", ended.failures()
    assert len(ended.jobs()) == 3 + outer * (2 + 2 * 4 + 1)
    assert 2 <= ended.most_containers() <= bench.certified_peak() <= workers
