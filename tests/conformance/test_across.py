"""A run that failed in one world is resumed in another: what it finished is taken over, the rest runs there.

Worlds without an engine are skipped (see `argo` and `stepfunctions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance import argo, observed, stepfunctions
from tests.conformance.cases import FLOWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engines

FLOW = FLOWS / "unlucky.py"
WORLDS = ("local", "argo", "sfn")
# What the run to resume finished before its step `hard` failed.
DONE = {"start/r", "early/r", "each_of/r", "each/r.0", "each/r.1", "each/r.2", "gather/r"}
LEFT = {"hard/r", "both/r", "end/r"}


def need(world: str) -> None:
    """Skip the test where a world is missing."""
    if world == "argo" and not argo.KUBECONFIG:
        pytest.skip("FLOWC_TEST_KUBECONFIG names no cluster")
    if world == "sfn" and not stepfunctions.ADDRESS:
        pytest.skip("FLOWC_TEST_STEPFUNCTIONS names no engine")


def on_argo(folder: Path, parameters: dict[str, str], origin: str, from_step: str) -> tuple[str, bool]:
    """Run the flow on the cluster; the run id, and whether it succeeded."""
    argo.compile_flow(FLOW, folder / "argo")
    reserved = {"flowc-origin-run": origin, "flowc-from-step": from_step}
    name = argo.apply(folder / "argo")
    ended = argo.wait(argo.submit(name, {**parameters, **{n: v for n, v in reserved.items() if v}}))
    return ended.run_id, ended.phase == "Succeeded"


def on_sfn(folder: Path, parameters: dict[str, str], origin: str, from_step: str) -> tuple[str, bool]:
    """Run the flow on Step Functions; the run id, and whether it succeeded."""
    stepfunctions.compile_flow(FLOW, folder / "sfn")
    wishes = {"origin_run": origin, "from_step": from_step}
    given = {**parameters, "_flowc": wishes} if origin else parameters
    ended = stepfunctions.wait(stepfunctions.start(stepfunctions.deploy(folder / "sfn"), given))
    return ended.run_id, ended.status == "SUCCEEDED"


def on_local(folder: Path, parameters: dict[str, str], origin: str, from_step: str) -> tuple[str, bool]:
    """Run the flow on this machine over the engines' datastore; the run id, and whether it succeeded."""
    place = ("--datastore", observed.DATASTORE)
    if origin:
        words = [str(FLOW), *([from_step] if from_step else []), "--origin-run-id", origin]
        run_id, code = observed.flowc(folder, "resume", *words, *place)
    else:
        given = [word for name, value in parameters.items() for word in (f"--{name}", value)]
        run_id, code = observed.flowc(folder, "run", str(FLOW), *place, *given)
    return run_id, code == 0


RUN_ON = {"argo": on_argo, "sfn": on_sfn, "local": on_local}


@pytest.mark.parametrize("there", WORLDS)
@pytest.mark.parametrize("here", WORLDS)
def test_a_failed_run_is_resumed(tmp_path: Path, here: str, there: str) -> None:
    if here == there == "local":
        pytest.skip("the tests of `flowc resume` show it")
    need(here)
    need(there)
    store = observed.store_of(observed.DATASTORE)
    origin, succeeded = RUN_ON[here](tmp_path, {"fails_on": here}, "", "")
    assert not succeeded
    before = observed.finished_tasks(store, "Unlucky", origin)
    assert before.keys() == DONE
    if here == there:
        # The same world has the same bad luck: nothing that was finished runs again.
        resumed, succeeded = RUN_ON[there](tmp_path, {}, origin, "")
        assert not succeeded
        assert_adopted(before, observed.finished_tasks(store, "Unlucky", resumed), DONE)
        return
    # Parameters are the origin's, whatever is passed.
    resumed, succeeded = RUN_ON[there](tmp_path, {"label": "changed"}, origin, "")
    after = observed.finished_tasks(store, "Unlucky", resumed)
    assert succeeded
    assert_adopted(before, after, DONE)
    assert {task: after[task].attempts for task in after.keys() - DONE} == dict.fromkeys(LEFT, 1)
    assert after["both/r"].artifacts["token"] == before["start/r"].artifacts["token"]
    said = observed.logs(store, "Unlucky", resumed, "end")
    assert said.startswith("as written ")
    assert said.endswith(f" [1, 4, 9] ['{here}', '{there}']\n")


@pytest.mark.parametrize("there", WORLDS[1:])
def test_a_run_begins_anew_from_a_step(tmp_path: Path, there: str) -> None:
    need(there)
    store = observed.store_of(observed.DATASTORE)
    origin, succeeded = on_local(tmp_path, {}, "", "")
    assert succeeded
    before = observed.finished_tasks(store, "Unlucky", origin)
    resumed, succeeded = RUN_ON[there](tmp_path, {}, origin, "gather")
    assert succeeded
    after = observed.finished_tasks(store, "Unlucky", resumed)
    assert_adopted(before, after, DONE - {"gather/r"})
    assert {task: after[task].attempts for task in LEFT | {"gather/r"}} == dict.fromkeys(
        LEFT | {"gather/r"}, 1
    )


def assert_adopted(
    before: dict[str, observed.Task], after: dict[str, observed.Task], tasks: set[str]
) -> None:
    """Each of the tasks was taken over: it has the origin's artifacts, and no attempt of its own."""
    assert tasks <= after.keys()
    assert {task: after[task] for task in tasks} == {
        task: before[task]._replace(attempts=0) for task in tasks
    }
