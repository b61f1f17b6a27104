"""The language on the real engine: each flow's run leaves the tasks and artifacts that `flowc run` leaves.

Skipped where no cluster is given (see `argo`). Flows lie in `flows/`, and among the examples.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.client.stored import StoredRun
from tests.conformance import argo, observed
from tests.conformance.cases import EXAMPLES, FAULTS, FLOWS, GENERATED, PASSED, SAME
from tests.conformance.observed import assert_same, flow_name

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl"),
]


@pytest.fixture
def bench(tmp_path: Path) -> argo.Bench:
    return argo.Bench(tmp_path)


@pytest.mark.parametrize(("file", "options", "parameters"), SAME)
def test_the_same_tasks_as_here(
    bench: argo.Bench, file: Path, options: tuple[str, ...], parameters: dict[str, str]
) -> None:
    name = flow_name(file)
    ended = bench.run(file, parameters, *options)
    assert ended.phase == "Succeeded", ended.failures()
    there = bench.tasks(name, ended)
    assert bench.most_at_once(name, ended) <= bench.certified("peak-tasks")
    assert len(there) <= bench.certified("total-tasks")
    assert_same(there, bench.local_tasks(file, name, parameters, *options))


@pytest.mark.parametrize(("text", "options", "parameters"), GENERATED)
def test_the_same_of_flows_that_are_generated(
    bench: argo.Bench, text: str, options: tuple[str, ...], parameters: dict[str, str]
) -> None:
    flow = bench.folder / "generated.py"
    flow.write_text(text)
    name = flow_name(flow)
    ended = bench.run(flow, parameters, *options, seconds=2400)
    assert ended.phase == "Succeeded", ended.failures()
    assert bench.most_at_once(name, ended) <= bench.certified("peak-tasks")
    assert_same(bench.tasks(name, ended), bench.local_tasks(flow, name, parameters, *options))
    # An engine takes 200 templates: beyond, those of equal shape are one.
    assert ("{{inputs.parameters.step}}" in bench.template()) == (text.count("@step") > 200)


def test_a_step_finds_the_same_around_it(bench: argo.Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    user = "a{{b}}$(HOME)"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "flowc-test-login"},
        "stringData": {"LOGIN_USER": user},
    }
    argo.kubectl("apply", "--server-side", "-f", "-", content=secret)
    # A run on this machine finds a secret given by name alone in the environment.
    monkeypatch.setenv("flowc-test-login", "")
    monkeypatch.setenv("LOGIN_USER", user)
    flow = FLOWS / "surroundings.py"
    ended = bench.run(flow)
    assert ended.phase == "Succeeded", ended.failures()
    assert_same(bench.tasks("Surroundings", ended), bench.local_tasks(flow, "Surroundings"))


# --------------------------------------------------------------------------- parameters
@pytest.mark.parametrize("passed", [{}, PASSED], ids=["defaults", "passed"])
def test_parameters_arrive_as_they_were_written(bench: argo.Bench, passed: dict[str, str]) -> None:
    flow = FLOWS / "inputs.py"
    ended = bench.run(flow, passed)
    assert ended.phase == "Succeeded", ended.failures()
    assert_same(bench.tasks("Inputs", ended), bench.local_tasks(flow, "Inputs", passed))


def test_what_is_unset_is_asked_for_by_name(bench: argo.Bench) -> None:
    name = bench.deploy(FLOWS / "hooked.py", "no--image", "no--datastore", "--name", "hooked-unset")
    given: dict[str, str] = {}
    for parameter, value in (("flowc-image", argo.IMAGE), ("flowc-datastore", observed.DATASTORE)):
        ended = argo.wait(argo.submit(name, given))
        assert (ended.phase, ended.nodes) == ("Failed", [])
        assert f"{parameter}.value" in ended.message
        given[parameter] = value
    ended = argo.wait(argo.submit(name, given))
    assert ended.phase == "Succeeded", ended.failures()
    assert sorted(bench.tasks("Hooked", ended)) == ["end/r", "start/r"]


# --------------------------------------------------------------------------- faults
@pytest.mark.parametrize(("kind", "step", "said"), FAULTS)
def test_a_fault_fails_the_run_by_name(bench: argo.Bench, kind: str, step: str, said: str) -> None:
    flow = FLOWS / "faults.py"
    limits = ("--max-num-splits", "3", "--max-visits", "3")
    ended = bench.run(flow, {"kind": kind}, *limits)
    assert ended.phase == "Failed"
    assert f"{step} Pod Failed" in ended.failures().replace("(0)", "")
    failed = [n for n in ended.nodes if n["type"] == "Pod" and n["phase"] == "Failed"]
    assert len(failed) == 1, "a final fault is not tried again"
    assert said in bench.log("Faults", ended, step)
    assert StoredRun(bench.store, "Faults", ended.run_id).status() == "failed", "no engine is asked"
    assert_same(bench.tasks("Faults", ended), bench.local_tasks(flow, "Faults", {"kind": kind}, *limits))


def test_the_manifest_holds_the_limit_by_itself(bench: argo.Bench) -> None:
    argo.compile_flow(
        FLOWS / "faults.py", bench.folder / "bundle", "--max-num-splits", "3", "--name", "guarded"
    )
    template = bench.folder / "bundle" / "guarded.yaml"
    text = template.read_text()
    assert 'FLOWC_MAX_NUM_SPLITS, value: "3"' in text
    template.write_text(text.replace('FLOWC_MAX_NUM_SPLITS, value: "3"', 'FLOWC_MAX_NUM_SPLITS, value: "9"'))
    ended = argo.wait(argo.submit(argo.apply(bench.folder / "bundle"), {"kind": "wide"}))
    assert ended.phase == "Error"
    assert "foreach start.items - 4 splits, max_num_splits is 3" in ended.failures()
    assert ended.pods() == ["start(0)"]


# --------------------------------------------------------------------------- limits
def test_a_gang_larger_than_the_workers_never_begins(bench: argo.Bench) -> None:
    flow = FLOWS / "muster.py"
    ended = bench.run(flow, {"size": "3"}, "--max-workers", "2")
    assert ended.phase == "Failed"
    assert "gang in `start` has 3 tasks" in bench.log("Muster", ended, "start")


@pytest.mark.parametrize(
    ("flow", "workers", "attempts"),
    [(FLOWS / "wide.py", 2, 16), (EXAMPLES / "nested_foreach.py", 4, 15)],
    ids=["wide", "nested"],
)
def test_tasks_at_once_never_exceed_the_workers(
    bench: argo.Bench, flow: Path, workers: int, attempts: int
) -> None:
    name = flow_name(flow)
    ended = bench.run(flow, None, "--max-workers", str(workers))
    assert ended.phase == "Succeeded", ended.failures()
    assert len(observed.attempt_times(bench.store, name, ended.run_id)) == attempts
    assert bench.most_at_once(name, ended) <= bench.certified("peak-tasks") <= workers


# --------------------------------------------------------------------------- exit hooks
@pytest.mark.parametrize(("well", "said"), [("true", "went well: argo-hooked"), ("false", "went badly")])
def test_the_exit_hook_fits_the_end(bench: argo.Bench, well: str, said: str) -> None:
    ended = bench.run(FLOWS / "hooked.py", {"well": well})
    assert ended.phase == ("Succeeded" if well == "true" else "Failed")
    hooks = {n["displayName"]: n for n in ended.nodes if n["displayName"].startswith("on-")}
    called, skipped = ("on-succeeded", "on-failed")[:: 1 if well == "true" else -1]
    assert (hooks[called]["phase"], hooks[skipped]["phase"]) == ("Succeeded", "Skipped")
    assert said in argo.pod_log(hooks[called]["id"])


# --------------------------------------------------------------------------- bundles
def test_a_bundle_applied_twice_changes_nothing(bench: argo.Bench) -> None:
    bundle = bench.folder / "bundle"
    try:
        bench.deploy(FLOWS / "ticking.py", "--name", "ticking-twice")
        versions = argo.versions(bundle)
        assert {"WorkflowTemplate/ticking-twice", "CronWorkflow/ticking-twice"} <= versions.keys()
        argo.apply(bundle)
        assert argo.versions(bundle) == versions
    finally:
        argo.kubectl("delete", "-k", str(bundle))


def test_a_schedule_starts_runs(bench: argo.Bench) -> None:
    name = bench.deploy(FLOWS / "ticking.py")
    try:
        workflow = argo.wait_for_run_of(name, seconds=90)
        ended = argo.wait(workflow)
    finally:
        argo.kubectl("delete", "cronworkflow", name)
    assert ended.phase == "Succeeded", ended.failures()
    assert list(bench.tasks("Ticking", ended)) == ["end/r", "start/r"]
