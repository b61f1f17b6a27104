"""Runs on the real engine to which something happens: nothing finished is lost, attempts never mix, and what
failed is named.

Skipped where no cluster is given (see `argo`), and partly where it was not started here (see `disturb`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.conformance import argo, disturb, observed
from tests.conformance.cases import FLOWS
from tests.conformance.observed import ONCE, STEADY, attempts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
]
# The first pod of the second item: each retried step is in a DAG of its own.
SECOND = "each(1:1).each(0)"
ours = pytest.mark.skipif(not disturb.STATE, reason="FLOWC_ENGINES_STATE names no engines started here")


@pytest.fixture
def bench(tmp_path: Path) -> argo.Bench:
    return argo.Bench(tmp_path)


def assert_steady(bench: argo.Bench, ended: argo.Ended, tried: dict[str, int]) -> None:
    """The run of `flows/steady.py` has the results of one that nothing happened to, after so many attempts."""
    assert ended.phase == "Succeeded", ended.failures()
    bench.assert_steady(ended, tried)


# --------------------------------------------------------------------------- tasks
def kill_container(pod: dict[str, object]) -> None:
    """Kill the container in which a pod's task runs."""
    disturb.kill_container(argo.main_container(pod))


@pytest.mark.parametrize("happens", [argo.delete_pod, pytest.param(kill_container, marks=ours)])
def test_a_task_that_loses_its_pod_or_container_is_tried_again(
    bench: argo.Bench, happens: Callable[[dict[str, object]], None]
) -> None:
    workflow = argo.submit(bench.deploy(STEADY), {"hangs": "true"})
    bench.wait_for_attempt("Steady", f"argo-{workflow}", "each", "r.1")
    happens(argo.running_pod(workflow, SECOND))
    assert_steady(bench, argo.wait(workflow), ONCE | {"each/r.1": 2})


def test_a_pod_that_is_deleted_is_caught(bench: argo.Bench) -> None:
    workflow = argo.submit(bench.deploy(FLOWS / "deleted.py"))
    argo.delete_pod(argo.running_pod(workflow, "waits(0)"))
    ended = argo.wait(workflow)
    assert ended.phase == "Succeeded", ended.failures()
    assert "TaskKilled" in bench.log("Deleted", ended, "end")


def test_the_kernel_kills_the_step_or_the_container(bench: argo.Bench) -> None:
    ended = bench.run(FLOWS / "killed.py")
    assert ended.phase == "Succeeded", ended.failures()
    tried = attempts(bench.tasks("Killed", ended))
    assert {name.removesuffix("/r"): number for name, number in tried.items() if number > 1} == {
        "hungry": 2,
        "hungry_once": 2,
        "cut_off": 2,
        "cut_off_once": 2,
    }
    hungry, cut_off, once = bench.log("Killed", ended, "end").splitlines()
    assert hungry == "TaskKilled step `hungry` was killed by signal 9: most likely it had used up its memory"
    assert cut_off.startswith("TaskKilled ")
    assert "exit code 137" in cut_off
    assert once == "(1, 1, 'attempt 1')"
    assert "/hungry/r was killed by signal 9" in bench.log("Killed", ended, "hungry")


# --------------------------------------------------------------------------- what is around them
@ours
def test_the_controller_is_restarted_in_the_middle(bench: argo.Bench) -> None:
    workflow = argo.submit(bench.deploy(STEADY), {"seconds": "15"})
    bench.wait_for_attempt("Steady", f"argo-{workflow}", "each", "r.1")
    disturb.restart_controller()
    assert_steady(bench, argo.wait(workflow), ONCE)


@ours
@pytest.mark.disturbs
def test_the_s3_server_is_away_for_a_minute(bench: argo.Bench) -> None:
    # One task ends in the middle of it, and has results to store.
    workflow = argo.submit(bench.deploy(STEADY), {"outage": "true"})
    bench.wait_for_attempt("Steady", f"argo-{workflow}", "each", "r.1")
    disturb.take_s3_away(60)
    assert_steady(bench, argo.wait(workflow), ONCE)


# --------------------------------------------------------------------------- what people do
def flowc(*words: str) -> str:
    """A command of flowc about the cluster; what it printed."""
    place = ("--namespace", argo.NAMESPACE)
    command = [sys.executable, "-m", "flowc", *words, *place]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.fixture
def _kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", argo.KUBECONFIG)


@pytest.mark.usefixtures("_kubeconfig")
def test_an_image_that_does_not_exist_is_named(bench: argo.Bench) -> None:
    workflow = argo.submit(bench.deploy(FLOWS / "imageless.py"))
    assert "flowc.invalid/absent:1" in why_waiting(workflow, "far")
    flowc("cancel", f"argo-{workflow}")
    ended = argo.wait(workflow)
    assert (ended.phase, list(bench.tasks("Imageless", ended))) == ("Failed", ["start/r"])


def why_waiting(workflow: str, step: str, seconds: float = 300) -> str:
    """What `flowc status` says of a step that cannot begin, once its image was tried."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said = flowc("status", f"argo-{workflow}", "--json")
        for trouble in json.loads(said)["troubles"]:
            if trouble["step"] == step and "Image" in trouble["message"] and not trouble["failed"]:
                return str(trouble["message"])
        time.sleep(2)
    raise AssertionError(said)


@pytest.mark.usefixtures("_kubeconfig")
@pytest.mark.parametrize(("words", "hooks"), [((), 1), (("--no-hooks",), 0)], ids=["stopped", "terminated"])
def test_a_run_that_is_cancelled_keeps_what_finished(
    bench: argo.Bench, words: tuple[str, ...], hooks: int
) -> None:
    flow = FLOWS / "stopped.py"
    workflow = argo.submit(bench.deploy(flow))
    bench.wait_for_attempt("Stopped", f"argo-{workflow}", "waits", "r")
    argo.succeeded(workflow, "each")
    flowc("cancel", f"argo-{workflow}", *words)
    ended = argo.wait(workflow)
    assert ended.phase == "Failed"
    assert sum(name.startswith("on-failed") for name in ended.pods()) == hooks
    before = bench.tasks("Stopped", ended)
    assert sorted(before) == ["each/r", "start/r"]
    assert "was asked to stop" in bench.log("Stopped", ended, "waits")
    resumed, code = observed.flowc(
        bench.folder, "resume", str(flow), "--origin-run-id", ended.run_id, "--datastore", observed.DATASTORE
    )
    assert code == 0
    after = observed.finished_tasks(bench.store, "Stopped", resumed)
    assert attempts(after) == {"start/r": 0, "each/r": 0, "waits/r": 1, "join/r": 1, "end/r": 1}


def test_two_runs_of_one_flow_do_not_mix(bench: argo.Bench) -> None:
    name = bench.deploy(STEADY)
    workflows = [argo.submit(name, {"label": label, "seconds": "5"}) for label in ("one", "other")]
    for workflow, label in zip(workflows, ("one", "other"), strict=True):
        ended = argo.wait(workflow)
        assert ended.phase == "Succeeded", ended.failures()
        assert attempts(bench.tasks("Steady", ended)) == ONCE
        expected = [(label, n * sum(range(1000))) for n in (1, 2, 3)]
        assert bench.log("Steady", ended, "end") == f"0 {expected}\n"
