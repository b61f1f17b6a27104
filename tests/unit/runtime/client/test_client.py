"""The client over stores written by hand: `Flow`, `Run`, `Step`, `Task` and what they leave."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from flowc import contract
from flowc.runtime import client
from tests.stores import put_json, write_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

RUNS = """
    Train/old              created=50
    Train/old/start/r      ok 51-52 -> end
    Train/old/end/r        ok 53-54 loss=9
    Train/new              created=100 tags=["nightly"] user="ada" parameters={"alpha":0.5}
    Train/new/start/r      ok 101-102 xs=[1,2,3] -> fit
    Train/new/fit/r.0      ok 103-104 loss=1 -> join
    Train/new/fit/r.10     failed 103-104 ValueError: bad | killed 105 | ok 106-107 loss=3 -> join
    Train/new/fit/r.2      caught 103-109 why="x" -> join
    Train/new/join/r       failed 110-111 KeyError: 'k'
    Train/new/ended        status="failed" ended=112
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(contract.ENV_DATASTORE, raising=False)
    write_store(tmp_path, RUNS)
    yield tmp_path
    client.namespace(None)


def names(objects: Iterable[Any]) -> list[str]:
    return [each.id for each in objects]


def ask(expression: str) -> Any:  # noqa: ANN401 - whatever the client gives
    return eval(expression, vars(client))  # noqa: S307 - the expressions stand in the tests


def fails(expression: str, kind: str, message: str) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011 - the kind is compared by name below
        ask(expression)
    assert (type(error.value).__name__, str(error.value)) == (kind, message)


def test_flows_and_runs_come_newest_first() -> None:
    assert names(client.Metaflow()) == ["Train"]
    assert names(ask("Flow('Train')")) == ["new", "old"]
    assert ask("Flow('Train')").latest_run.id == "new"
    assert ask("Flow('Train')").latest_successful_run.id == "old"
    assert names(ask("Flow('Train')").runs("nightly")) == ["new"]


def test_a_run_says_how_it_ended() -> None:
    old, new = ask("Run('Train/old')"), ask("Run('Train/new')")
    assert (old.status, old.successful, old.finished, old.data.loss) == ("succeeded", True, True, 9)
    assert (new.status, new.successful, new.finished, new.data) == ("failed", False, False, None)
    assert (new.finished_at, old.finished_at.timestamp(), new.created_at.timestamp()) == (None, 54, 100)
    assert new.tags == {"nightly", "user:ada", "runtime:dev"}


def test_steps_come_newest_first_and_paths_in_natural_order() -> None:
    run = ask("Run('Train/new')")
    assert names(run) == names(run.steps()) == ["join", "fit", "start"]
    assert names(run["fit"]) == names(run["fit"].tasks()) == ["r.0", "r.2", "r.10"]


def test_a_task_knows_what_became_of_it() -> None:
    fit = ask("Run('Train/new')")["fit"]
    plain, caught, retried = fit["r.0"], fit["r.2"], fit["r.10"]
    assert (plain.successful, plain.finished, plain.index, plain.current_attempt) == (True, True, 0, 0)
    assert (caught.successful, caught.finished, caught.index) == (False, True, 2)
    assert (retried.successful, retried.current_attempt, retried.stdout) == (True, 2, "fit r.10 ok\n")
    assert [client.Task(retried.pathspec, attempt=n).status for n in range(3)] == [
        "failed",
        "killed",
        "succeeded",
    ]
    failed = ask("Task('Train/new/join/r')")
    assert (failed.status, failed.finished, failed.exception.type, failed.exception.exception) == (
        ("failed", False, "KeyError", "'k'")
    )  # fmt: skip
    assert list(failed.loglines("stdout")) == [(None, "join r failed")]
    assert (failed.stderr, failed.stdout_size, list(failed.loglines("stderr", as_unicode=False))) == (
        "",
        14,
        [],
    )


def test_values_are_read_by_name() -> None:
    start = ask("Run('Train/new')")["start"]
    task = start.task
    assert (start.data.xs, task.data.xs, task["xs"].data, start.artifacts.xs.data) == ([1, 2, 3],) * 4
    assert (names(task), list(task.data), "xs" in task.data, "no" in task.data) == (
        ["alpha", "xs"], ["alpha", "xs"], True, False
    )  # fmt: skip
    assert task.data.alpha == 0.5
    assert repr(task.data) == "<MetaflowData: alpha, xs>"
    assert repr(task.artifacts) == "<MetaflowArtifacts: alpha (builtins.float), xs (builtins.list)>"
    assert task["xs"].sha == ask("DataArtifact('Train/new/start/r/xs')").sha


def test_what_is_not_there_is_an_error_that_names_the_nearest() -> None:
    where = client.get_metadata()
    fails("Flow('Trian')", "MetaflowNotFound", f"there is no flow `Trian` in {where}; did you mean `Train`?")
    fails("Run('Train/newer')", "MetaflowNotFound", "Flow('Train') has no `newer`; did you mean `new`?")
    fails("Run('Train')", "MetaflowInvalidPathspec", "Run('Train') is no run: write Run('FlowName/RunID')")
    fails("Run('Train/new')['fti']", "NoChild", "Run('Train/new') has no `fti`; did you mean `fit`?")
    fails("Step('Train/new/zzz')", "MetaflowNotFound",
          "Run('Train/new') has no step `zzz`; there is `fit`, `join`, `start`")  # fmt: skip
    fails("Task('Train/new/start/r').data.xz", "AttributeError",
          "Task('Train/new/start/r') has no artifact `xz`; did you mean `xs`?")  # fmt: skip
    fails("Step('Train/new/fit').data", "SeveralTasks",
          "Step('Train/new/fit') has 3 tasks; choose one: step['r.0'].data")  # fmt: skip
    fails("Task('Train/new/join/r', attempt=1)", "MetaflowNotFound",
          "Train/new/join/r has 1 attempts, counted from 0, and no 1")  # fmt: skip


def test_a_namespace_hides_other_runs() -> None:
    client.namespace("user:ada")
    assert names(ask("Flow('Train')")) == ["new"]
    fails("Run('Train/old')", "MetaflowNamespaceMismatch", "Object not in namespace 'user:ada'")
    assert client.default_namespace() is None
    assert names(ask("Flow('Train')")) == ["new", "old"]


def test_a_resumed_run_speaks_of_the_attempts_of_its_origin(folder: Path) -> None:
    write_store(
        folder,
        """
        Train/next           created=200 origin_run="new"
        Train/next/fit/r.10  in new
        Train/next/join/r    ok 201-202 total=4
        """,
    )
    run = ask("Run('Train/next')")
    task = run["fit"].task
    assert (task.data.loss, task.stdout, task.origin_pathspec) == (3, "fit r.10 ok\n", "Train/new/fit/r.10")
    assert task.metadata_dict["origin-run-id"] == "new"
    assert (run.origin_run.id, run.origin_pathspec, run["join"].task.origin_pathspec) == (
        "new",
        "Train/new",
        None,
    )
    assert (run.status, run.end_task.pathspec) == ("succeeded", "Train/next/join/r")


def test_a_run_without_a_word_of_its_end_is_unfinished(folder: Path) -> None:
    write_store(folder, "Train/now created=300\nTrain/now/start/r failed 301-302 E: e | killed 303")
    run = ask("Run('Train/now')")
    assert (run.status, run["start"].task.status) == ("unfinished", "running")


def test_an_object_sees_how_its_run_goes_on(folder: Path) -> None:
    write_store(folder, "Train/now created=300\nTrain/now/start/r killed 301")
    run = ask("Run('Train/now')")
    task = run["start"].task
    assert (run.status, run.finished, task.status, list(task.data)) == ("unfinished", False, "running", [])
    write_store(folder, "Train/now/start/r ok 301-302 x=1")
    assert (run.status, run.finished, task.status, task.data.x) == ("succeeded", True, "succeeded", 1)
    write_store(folder, "Train/then created=400\nTrain/then/start/r failed 401-402 E: e")
    run = ask("Run('Train/then')")
    assert run.status == "unfinished"
    write_store(folder, 'Train/then/ended status="failed" ended=403')
    assert run.status == "failed"


def test_what_is_broken_is_a_status_and_hides_nothing_else(folder: Path) -> None:
    store = write_store(folder, "Bad/run created=1\nBad/run/start/r ok 2-3 x=1 -> end\nBad/run/end/r ok 4-5")
    store.put("Bad/run/start/r/attempts/a0/record.json", [b"{"])
    put_json(store, "Bad/run/end/r/done.json", {"attempt": "nowhere"})
    put_json(store, "Bad/run/none/r/from.json", {"step": "start", "path": "r"})  # told, but never begun
    run = ask("Run('Bad/run')")
    assert [(step.id, [task.status for task in step]) for step in run] == [
        ("end", ["broken"]),
        ("start", ["broken"]),
    ]
    assert run.status == "unfinished"
    fails("Task('Bad/run/start/r').data.x", "ArtifactUnreadable",
          "the result of Bad/run/start/r cannot be read: Bad/run/start/r/attempts/a0/record.json is not JSON")  # fmt: skip


def test_other_folders_are_no_runs_and_a_broken_run_is_one(folder: Path) -> None:
    store = write_store(folder, "Train/begun created=1")
    store.put("logs/2026/app.txt", [b"of another program"])
    store.put("Train/notes/readme.txt", [b""])
    store.put("Train/broken/run.json", [b"{"])
    put_json(store, "Train/asked/input.json", {})
    assert names(ask("Flow('Train')")) == ["new", "old", "begun", "broken", "asked"]
    assert names(ask("Flow('logs')")) == []


def test_objects_can_be_pickled() -> None:
    task = ask("Task('Train/new/fit/r.10', attempt=0)")
    again = pickle.loads(pickle.dumps(task))  # noqa: S301 - made in this line
    assert repr(again) == repr(task) == "Task('Train/new/fit/r.10', attempt=0)"


def test_names_outside_ascii_are_read_as_written(folder: Path) -> None:
    write_store(folder, "Größe/lauf created=1\nGröße/lauf/größe/r ok 2-3 länge=5")
    assert names(client.Metaflow()) == ["Größe", "Train"]
    assert ask("Flow('Größe')").latest_run["größe"].data.länge == 5
