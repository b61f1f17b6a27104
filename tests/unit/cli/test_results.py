"""`flowc runs`, `show`, `dump`, `logs` and `verify` over stores written by hand."""

from __future__ import annotations

import os
import pickle
import re
import sys
import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click
import pytest

from flowc import contract
from flowc.cli.results.where import Results, find_meant
from tests.commands import check
from tests.published import followed
from tests.stores import put_value, write_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.runtime.store.files import FileStore
    from tests.commands import Ended, Project

RUNS = """
    Score/old              created=50
    Score/old/start/r      ok 51-52
    Train/old              created=40
    Train/new              created=100 tags=["nightly"] user="ada" parameters={"alpha":0.5}
    Train/new/start/r      ok 100-102 xs=[1,2,3] -> fit
    Train/new/fit/r.0      ok 103-104 loss=1.5 _secret=1 -> join
    Train/new/fit/r.10     failed 103-104 ValueError: bad | killed 105 | ok 106-107 loss=3 -> join
    Train/new/fit/r.2      caught 103-109 why="x" -> join
    Train/new/join/r       failed 110-111 KeyError: 'k'
    Train/new/ended        status="failed" ended=112
"""


@pytest.fixture(autouse=True)
def store(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    monkeypatch.delenv(contract.ENV_DATASTORE, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield write_store(project.folder, RUNS)
    monkeypatch.undo()
    time.tzset()


def refused(run: Callable[..., Ended], command: str, message: str) -> None:
    ended = run(*command.split())
    said = [line for line in ended.err.splitlines() if line.startswith("flowc: ")]
    assert (said, ended.out, ended.code) == ([f"flowc: {message}"], "", 2)


def document(run: Callable[..., Ended], command: str) -> dict[str, Any]:
    """What a command prints as JSON, which its schema describes."""
    ended = run(*command.split(), "--json")
    found: dict[str, Any] = followed(command.split(maxsplit=1)[0], ended.out)
    return found


def test_tags_are_shown_and_changed(run: Callable[..., Ended]) -> None:
    check(run, "tag new", "nightly\nruntime:dev  (system)\nuser:ada  (system)\n")
    check(run, "tag Train/old --add kept --add b --remove none", "b\nkept\nruntime:dev  (system)\n")
    check(run, "runs --tag kept -q", "Train/old\n")
    refused(run, "tag new/fit", "tags are of a whole run: `flowc tag Train/new`")
    refused(run, "tag new --remove user:ada", "`user:ada` is a system tag, which cannot be removed")


def test_runs_lists_the_newest_first(run: Callable[..., Ended]) -> None:
    check(
        run,
        "runs",
        """
        flow   run  status      started                time  tags
        Train  new  failed      1970-01-01 00:01:40  12.0 s  nightly
        Score  old  succeeded   1970-01-01 00:00:50  2.00 s
        Train  old  unfinished  1970-01-01 00:00:40
        """,
    )
    check(run, "runs Train -q --limit 1", "Train/new\n")
    check(run, "runs --tag nightly -q", "Train/new\n")
    check(run, "runs --status succeeded -q", "Score/old\n")
    assert run("runs", "--limit", "1").err == "2 older runs are not shown: --limit 0 shows all.\n"
    assert [row["run"] for row in document(run, "runs Train")["runs"]] == ["new", "old"]


def test_show_a_run_by_its_steps(run: Callable[..., Ended]) -> None:
    check(
        run,
        "show latest",
        """
        Train/new  failed  1970-01-01 00:01:40  12.0 s
        parameters: alpha = 0.5

        step   tasks  succeeded  failed  caught  attempts    began    time
        start      1          1                            +0.00 s  2.00 s
        fit        3          3               1         5  +3.00 s  6.00 s
        join       1                  1                    +10.0 s  1.00 s

        failed: join/r  KeyError: 'k'
          flowc logs new/join/r
        """,
    )
    check(run, "show Train/new --quiet", "failed\n")


@pytest.mark.parametrize(
    ("run_id", "reason"),
    [
        ("now", "it still runs, or was killed"),
        ("argo-now-x7k2", "whether it goes on or was killed, Argo Workflows knows"),
        ("sfn-now", "whether it goes on or was killed, Step Functions knows"),
    ],
)
def test_a_run_that_did_not_say_that_it_ended(
    run: Callable[..., Ended], project: Project, run_id: str, reason: str
) -> None:
    write_store(project.folder, f"Train/{run_id} created=900\nTrain/{run_id}/start/r failed 901-902 E: e")
    ended = run("show", run_id)
    assert (ended.err, ended.code) == (f"Nothing says that the run ended: {reason}.\n", 0)


def test_show_a_step_by_its_tasks(run: Callable[..., Ended]) -> None:
    check(
        run,
        "show new/fit",
        """
        Train/new/fit  3 tasks

        path  status             attempts  started                time  next
        r.0   succeeded                 1  1970-01-01 00:01:43  1.00 s  join
        r.2   succeeded  caught         1  1970-01-01 00:01:43  6.00 s  join
        r.10  succeeded                 3  1970-01-01 00:01:43  4.00 s  join
        """,
    )


def test_show_a_task_by_its_attempts_and_artifacts(run: Callable[..., Ended]) -> None:
    check(
        run,
        "show Train/new/fit/r.10",
        """
        Train/new/fit/r.10  succeeded  4.00 s
        next: join

        attempt  status     started                time  exit  failure
              1  failed     1970-01-01 00:01:43  1.00 s     1  ValueError: bad
              2  killed     1970-01-01 00:01:45
              3  succeeded  1970-01-01 00:01:46  1.00 s     0

        artifact  type  size  value
        loss      int   29 B  3
        """,
    )
    check(
        run,
        "show new/join/r",
        """
        Train/new/join/r  failed  1.00 s

        attempt  status  started                time  exit  failure
              1  failed  1970-01-01 00:01:50  1.00 s     1  KeyError: 'k'

        Traceback (most recent call last):
          File "flow.py", line 7, in join
        KeyError: 'k'
        """,
    )


def test_show_as_json_keeps_to_its_schema(run: Callable[..., Ended]) -> None:
    whole = document(run, "show latest")
    assert [(step["step"], step["tasks"], step["failed"]) for step in whole["steps"]] == [
        ("start", 1, 0), ("fit", 3, 0), ("join", 1, 1)
    ]  # fmt: skip
    assert "tasks" not in whole
    [task] = document(run, "show new/fit/r.10")["tasks"]
    assert [(a["number"], a["status"], a["exit"]) for a in task["attempts"]] == [
        (1, "failed", 1), (2, "killed", None), (3, "succeeded", 0)
    ]  # fmt: skip
    assert task["attempts"][0]["failure"]["message"] == "bad"


def test_a_resumed_run_says_what_it_adopted(run: Callable[..., Ended], project: Project) -> None:
    write_store(
        project.folder, 'Train/next created=200 origin_run="new" from_step="join"\nTrain/next/fit/r.0 in new'
    )
    assert "resumes Train/new from join\n" in run("show", "next").out
    assert "adopted from Train/new/fit/r.0\n" in run("show", "next/fit/r.0").out
    assert document(run, "show next/fit/r.0")["tasks"][0]["adopted_from"] == "Train/new/fit/r.0"
    check(run, "logs next/fit/r.0", "fit r.0 ok\n")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("show", "this command takes one RUN[/STEP[/PATH]], and none was given; `latest` is the newest run"),
        ("show old", "several flows have a run `old`: say `Score/old` or `Train/old`"),
        (
            "show Train",
            "`Train` is a flow; its newest run is `Train/latest`, and `flowc runs Train` lists all",
        ),
        ("show neww", "there is no run `neww` in {url}; did you mean `new`?"),
        ("show Trian/latest", "there is no run `Trian` in {url}; did you mean `Train`?"),
        ("logs new/fti", "the run Train/new has no step `fti`; did you mean `fit`?"),
        ("dump new/zzz", "the run Train/new has no step `zzz`; it has `fit`, `join`, `start`"),
        ("show new/fit/r.1", "the run Train/new has no task `fit/r.1`; did you mean `r.0`?"),
        ("show new/fit/r.0/loss", "`new/fit/r.0/loss` goes too deep: a task is RUN/STEP/PATH"),
        ("runs Trian", "there is no flow `Trian` in {url}; did you mean `Train`?"),
        ("logs new/fit/r.0 --attempt 2", "the task Train/new/fit/r.0 has 1 attempt, no attempt 2"),
        ("dump new --include lss", "no task has an artifact `lss`; did you mean `loss`?"),
        ("verify new/fit", "a run is verified whole: `flowc verify Train/new`"),
        (
            "verify --datastore file:///no/such",
            "there is no folder /no/such, so no run was made there; `--datastore URL` reads another place",
        ),
        ("runs --datastore ftp://x", "the datastore must begin with file:// or s3://, not 'ftp://x'"),
    ],
)
def test_what_is_not_there_is_named(
    run: Callable[..., Ended], project: Project, command: str, message: str
) -> None:
    refused(run, command, message.format(url=f"file://{project.folder}/.flowc/store"))


def test_without_a_datastore_the_remedy_is_named(
    run: Callable[..., Ended], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.folder / "empty" / ".git").mkdir(parents=True)
    os.rename(project.folder / ".flowc", project.folder / "moved")
    monkeypatch.chdir(project.folder / "empty")
    refused(run, "runs", "there is no run here: no .flowc/store in this folder or above it, and no `datastore` under "
            "[tool.flowc]; `flowc run` makes one, `--datastore URL` reads another one")  # fmt: skip
    check(run, f"runs -q --limit 1 --datastore file://{project.folder}/moved/store", "Train/new\n")
    monkeypatch.setenv(contract.ENV_DATASTORE, f"file://{project.folder}/moved/store")
    check(run, "runs Score -q", "Score/old\n")


def test_a_run_that_is_not_here_is_looked_for_where_deployed_flows_write(
    run: Callable[..., Ended], project: Project
) -> None:
    folder = project.folder / "else"
    write_store(folder, "Train/argo-1 created=500\nTrain/argo-1/start/r ok 501-502")
    here = project.folder / ".flowc" / "store"
    project.put("flowc.toml", f'datastore = "file://{folder}/.flowc/store"\n')
    check(run, "runs -q", "Train/argo-1\n")  # a configured folder is where runs of this machine go
    check(run, "show Train/new -q", "failed\n")
    check(run, f"runs -q --limit 1 --datastore file://{here}", "Train/new\n")


def test_another_datastore_is_asked_for_a_run_that_the_first_one_lacks(
    project: Project, store: FileStore
) -> None:
    other = write_store(project.folder / "else", "Deep/argo-1 created=500\nDeep/argo-1/start/r ok 501-502")
    results = Results(f"file://{store.root}", store, ("Score", "Train"), (f"file://{other.root}",))
    assert find_meant(results, "argo-1/start").run.flow == "Deep"
    assert find_meant(results, "Deep/latest").run.run_id == "argo-1"
    assert find_meant(results, "latest").run.run_id == "new"
    with pytest.raises(
        click.UsageError, match=r"there is no run `argo-2` in file://.*/store; `flowc runs` lists"
    ):
        find_meant(results, "argo-2")


def test_logs_of_one_task_are_its_bytes_and_of_several_are_told_apart(run: Callable[..., Ended]) -> None:
    check(run, "logs new/fit/r.10", "fit r.10 ok\n")
    check(run, "logs new/fit/r.10 --attempt 1", "fit r.10 failed\n")
    check(run, "logs new/fit", "[fit/r.0] fit r.0 ok\n[fit/r.2] fit r.2 caught\n[fit/r.10] fit r.10 ok\n")


def test_dump_prints_values(run: Callable[..., Ended]) -> None:
    check(run, "dump new/fit/r.0", "new/fit/r.0\n  alpha = 0.5\n  loss = 1.5\n")
    check(run, "dump new/fit/r.0 --private --exclude loss", "new/fit/r.0\n  _secret = 1\n  alpha = 0.5\n")
    check(run, "dump new/start --max-value-size 0 --include xs", "new/start/r\n  xs  (list, 46 B)\n")
    assert run("dump", "new/join").err == "new/join/r has no result: failed\n"
    [task] = document(run, "dump new/start/r")["tasks"]
    assert task["artifacts"][1]["value"] == [1, 2, 3]


def test_dump_shows_a_value_of_several_lines_on_its_lines(
    run: Callable[..., Ended], store: FileStore
) -> None:
    numpy = pytest.importorskip("numpy")
    put_value(store, "Train/new/fit/r.0", "table", numpy.eye(2))
    expected = "new/fit/r.0\n  table = array([[1., 0.],\n           [0., 1.]])\n"
    check(run, "dump new/fit/r.0 --include table", expected)


def test_dump_pickles_to_a_file(run: Callable[..., Ended], project: Project) -> None:
    assert run("dump", "new/fit", "--include", "loss", "--file", "out.pickle").code == 0
    whole = pickle.loads((project.folder / "out.pickle").read_bytes())  # noqa: S301 - written by this test
    assert whole == {"new/fit/r.0": {"loss": 1.5}, "new/fit/r.2": {}, "new/fit/r.10": {"loss": 3}}
    assert run("dump", "new/fit/r.0", "--file", "a/new/folder/out.pickle").code == 0
    assert (project.folder / "a/new/folder/out.pickle").exists()
    refused(run, "dump new/fit --file out.pickle/x", "cannot write `out.pickle/x`: File exists")


@pytest.mark.parametrize("command", ["dump new/fit --file {pipe}", "report new -o {pipe}"])
def test_a_pipe_is_written_to_and_stays_one(
    run: Callable[..., Ended], project: Project, command: str
) -> None:
    pipe = project.folder / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run(*command.format(pipe=pipe).split()).code == 0
    reader.join(30)
    assert (pipe.is_fifo(), len(read[0]) > 0, os.listdir(project.folder).count("pipe")) == (True, True, 1)


def test_a_value_whose_module_is_missing_hides_no_other(
    run: Callable[..., Ended], store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = type("Thing", (), {"__module__": "gone"})
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "gone", ModuleType("gone"))
        patch.setattr(sys.modules["gone"], "Thing", thing, raising=False)
        put_value(store, "Train/new/fit/r.0", "thing", thing())
    check(
        run,
        "dump new/fit/r.0",
        "new/fit/r.0\n  alpha = 0.5\n  loss = 1.5\n  thing  (gone.Thing, 56 B)\n",
        code=1,
    )
    assert "`thing`, a value of type `gone.Thing`" in run("dump", "new/fit/r.0").err
    assert "module `gone` is missing here" in run("dump", "new/fit/r.0").err
    assert "thing     gone.Thing  56 B\n" in run("show", "new/fit/r.0").out


def test_verify_names_what_is_missing_or_corrupt(run: Callable[..., Ended], store: FileStore) -> None:
    assert run("verify").err == "Read 6 values (234 B) of 3 runs: all as stored.\n"
    store.put("Train/new/start/r/attempts/a0/small", [b"x" * 100])
    os.unlink(os.path.join(store.root, "Train/new/fit/r.0/attempts/a0/small"))
    store.put("Train/new/fit/r.2/attempts/a0/record.json", [b"{"])
    found = document(run, "verify new")
    assert [(p["problem"], p["object"], p["needed_by"]) for p in found["problems"]] == [
        ("corrupt", "Train/new/fit/r.2/attempts/a0/record.json", ["Train/new/fit/r.2"]),
        (
            "missing",
            "Train/new/fit/r.0/attempts/a0/small",
            ["Train/new/fit/r.0/_secret", "Train/new/fit/r.0/loss"],
        ),
        ("corrupt", "Train/new/start/r/attempts/a0/small", ["Train/new/start/r/xs"]),
    ]
    assert run("verify", "new", "-q").code == 1


def test_statuses_are_coloured_and_stay_aligned(
    run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("runs").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run("runs").out
    assert "\x1b[1;31mfailed\x1b[0m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("runs").out == plain


def test_hostile_text_reaches_no_terminal(run: Callable[..., Ended], project: Project) -> None:
    write_store(
        project.folder,
        'Bad/x created=900 tags=["\x1b[31m"]\nBad/x/start/r failed 901-902 E: \x1b]0;owned\x07',
    )
    for command in ("runs", "show x", "show x/start", "show x/start/r"):
        assert "\x1b" not in run(*command.split()).out, command
