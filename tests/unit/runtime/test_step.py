"""A flow carried out task by task by the shim, as a manifest would start it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import IO

import pytest

from flowc.runtime.client.stored import StoredRun
from flowc.runtime.store.files import FileStore

HEAD = "from metaflow import FlowSpec, step, Parameter, current\n"
ROOT = Path(__file__).parents[3]


class Project:
    """A folder with a flow and a datastore; `task` runs one task and gives its exit code and output.

    The output is kept from `task` by a file `into` which it goes.
    """

    def __init__(self, folder: Path, source: str, into: IO[str] | None = None) -> None:
        self.folder, self.into = folder, into
        (folder / "flow.py").write_text(HEAD + dedent(source))

    def task(
        self, step: str, path: str = "r", inputs: str = "", attempt: str = "a", **more: str
    ) -> tuple[int, str]:
        settings = {
            "DATASTORE": f"file://{self.folder}/store",
            "FLOW": "F",
            "RUN_ID": "run",
            "RUN_UID": more.pop("RUN_UID", "uid"),
            "STEP": step,
            "PATH": path,
            "ATTEMPT_ID": attempt,
            "ENTRY": "flow.py",
            "INPUTS": inputs,
            "CONTROL_FOLDER": str(self.folder / "control"),
            **more,
        }
        environment = {f"FLOWC_{name}": value for name, value in settings.items()}
        done = subprocess.run(
            [sys.executable, "-m", "flowc.runtime.main", "step", step],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=self.into or subprocess.PIPE,
            stderr=self.into or subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, (done.stdout or "") + (done.stderr or "")

    def read(self, key: str) -> dict[str, object]:
        loaded: dict[str, object] = json.loads((self.folder / "store" / "F" / "run" / key).read_text())
        return loaded


def encoded(parameters: object) -> str:
    """What an engine passes as FLOWC_PARAMETERS."""
    return base64.b64encode(json.dumps(parameters).encode()).decode()


@pytest.fixture
def foreach(tmp_path: Path) -> Project:
    return Project(
        tmp_path,
        """
        class F(FlowSpec):
            scale = Parameter("scale", default=2)

            @step
            def start(self):
                self.kept = "kept"
                self.xs = [10, 20]
                self.next(self.work, foreach="xs")

            @step
            def work(self):
                self.y = self.input * self.scale
                self.next(self.join)

            @step
            def join(self, inputs):
                self.total = sum(i.y for i in inputs)
                self.merge_artifacts(inputs, include=["kept"])
                self.next(self.end)

            @step
            def end(self):
                print(self.total, self.kept, hasattr(self, "y"), current.pathspec, self.script_name)
        """,
    )


def test_a_foreach_from_start_to_end(foreach: Project) -> None:
    assert foreach.task("start") == (0, "")
    assert (foreach.folder / "control" / "splits").read_text() == "2"
    assert foreach.read("start/r/control.json") == {"n": 2, "next": "foreach:work"}
    for index in range(2):
        assert foreach.task("work", f"r.{index}", "../start") == (0, "")
    assert foreach.task("join", "r", "work@start") == (0, "")
    assert foreach.task("end", "r", "join") == (0, "60 kept False F/run/end/r flow.py\n")


def test_a_join_names_the_item_that_is_missing(foreach: Project) -> None:
    foreach.task("start")
    foreach.task("work", "r.0", "../start")
    code, output = foreach.task("join", "r", "work@start")
    assert code == 70
    assert "item 1 of the foreach of `start` did not finish: the task work/r.1 has no record" in output


def test_a_finished_task_runs_nothing_and_mends_its_outputs(foreach: Project) -> None:
    foreach.task("start")
    control = foreach.folder / "store" / "F" / "run" / "start" / "r" / "control.json"
    control.unlink()
    (foreach.folder / "flow.py").write_text("raise SystemExit('the flow must not be loaded')")
    assert foreach.task("start", attempt="b") == (0, "")
    assert control.exists()


def test_too_many_splits_are_final_and_start_nothing(foreach: Project) -> None:
    code, output = foreach.task("start", MAX_NUM_SPLITS="1")
    assert code == 65
    assert "foreach in `start` has 2 items; the limit is 1 (max-num-splits)" in output
    assert not (foreach.folder / "control").exists()


def test_a_final_fault_may_be_told_to_exit_otherwise(foreach: Project) -> None:
    assert foreach.task("start", MAX_NUM_SPLITS="1", FINAL_EXIT="0")[0] == 0


def test_a_run_id_is_used_once(foreach: Project) -> None:
    foreach.task("start")
    (foreach.folder / "store" / "F" / "run" / "start" / "r" / "done.json").unlink()
    code, output = foreach.task("start", attempt="b", RUN_UID="another")
    assert code == 65
    assert "run id run is already used by another run" in output


@pytest.fixture
def failing(tmp_path: Path) -> Project:
    return Project(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.tries = current.retry_count
                self.fail()
                self.next(self.end)

            def fail(self):
                raise ValueError("no luck")

            @step
            def end(self):
                print(self.error, self.tries)
        """,
    )


def test_a_traceback_has_the_users_frames_alone(failing: Project) -> None:
    code, output = failing.task("start")
    assert code == 1
    assert 'flow.py", line 7, in start' in output
    assert "ValueError: no luck" in output
    assert "runtime" not in output
    assert failing.read("start/r/attempts/a/failure.json")["message"] == "no luck"


@pytest.mark.parametrize(
    ("attempts", "settings", "expected"),
    [
        ("a", {}, "failed"),
        ("a", {"RETRIES": "1"}, "unfinished"),
        ("ab", {"RETRIES": "1"}, "failed"),
        ("a", {"RETRIES": "3", "PARAMETERS": "no base64"}, "failed"),  # which no retry can mend
        ("a", {"CATCH": "error", "NEXT": "end"}, "unfinished"),
    ],
)
def test_a_run_has_failed_when_a_task_failed_for_good(
    failing: Project, attempts: str, settings: dict[str, str], expected: str
) -> None:
    for attempt in attempts:
        failing.task("start", attempt=attempt, **settings)
    run = StoredRun(FileStore(str(failing.folder / "store")), "F", "run")
    assert (run.status(), run.ended is not None) == (expected, expected == "failed")


def test_a_run_whose_engine_tries_again_has_not_failed(failing: Project) -> None:
    failing.task("start", attempt="a")
    begun = failing.folder / "store" / "F" / "run" / "start" / "r" / "attempts" / "b"
    begun.mkdir()
    (begun / "begin.json").write_text(json.dumps({"started": time.time()}))
    run = StoredRun(FileStore(str(failing.folder / "store")), "F", "run")
    assert (run.status(), run.ended) == ("unfinished", None)


def test_a_run_that_took_anothers_id_does_not_fail_that_one(failing: Project) -> None:
    failing.task("start", attempt="a", RETRIES="1")
    assert failing.task("start", attempt="b", RETRIES="1", RUN_UID="another")[0] == 65
    assert not (failing.folder / "store" / "F" / "run" / "failed.json").exists()


def test_catch_completes_the_task_when_no_retries_are_left(failing: Project) -> None:
    caught = {"RETRIES": "1", "CATCH": "error", "NEXT": "end"}
    assert failing.task("start", attempt="a", **caught)[0] == 1
    assert failing.task("start", attempt="b", **caught)[0] == 0
    record = failing.read("start/r/attempts/b/record.json")
    assert (record["targets"], record["caught"]) == (["end"], True)
    code, output = failing.task("end", "r", "start")
    assert code == 0
    assert "ValueError: no luck" in output
    assert output.endswith(" 1\n")


def test_a_killed_task_is_completed_from_its_last_exception(failing: Project) -> None:
    caught = {"RETRIES": "1", "CATCH": "error", "NEXT": "end"}
    failing.task("start", attempt="a", **caught)
    code, output = failing.task("start", attempt="c", KILLED="OutOfMemory", **caught)
    assert (code, "no luck" in output) == (0, False)
    _, output = failing.task("end", "r", "start")
    assert "ValueError: no luck" in output
    assert output.endswith(" 0\n"), "the artifacts of the raising attempt are kept"


def test_a_task_that_was_only_killed_says_so(failing: Project) -> None:
    failing.task("start", KILLED="OutOfMemory", CATCH="error", NEXT="end")
    (failing.folder / "flow.py").write_text(
        (failing.folder / "flow.py")
        .read_text()
        .replace("print(self.error, self.tries)", "print(repr(self.error))")
    )
    assert failing.task("end", "r", "start") == (0, "TaskKilled('OutOfMemory')\n")


def test_a_gang_meets(tmp_path: Path) -> None:
    source = """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.work, num_parallel=2)

            @step
            def work(self):
                print(current.parallel.num_nodes, current.parallel.node_index, self.index)
        """
    project = Project(tmp_path, source)
    project.task("start")
    assert project.task("work", "r.0", "../start", GANG="1") == (0, "2 0 0\n")
    assert project.task("work", "r.1", "../start", GANG="1") == (0, "2 1 1\n")


def test_a_gang_meets_anew_when_it_is_tried_again(tmp_path: Path) -> None:
    source = """
        import time
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.work, num_parallel=3)

            @step
            def work(self):
                if current.parallel.node_index == 1 and current.retry_count == 0:
                    raise ValueError("the first time")
                if current.parallel.node_index == 2 and current.retry_count == 0:
                    time.sleep(60)
                print("met", current.parallel.node_index)
        """
    project = Project(tmp_path, source)
    project.task("start")
    gang = {"GANG": "1", "RETRIES": "1"}
    assert project.task("work", "r.0", "../start", **gang) == (0, "met 0\n")
    assert project.task("work", "r.1", "../start", **gang)[0] == 1
    code, output = project.task("work", "r.2", "../start", **gang)
    assert (code, "stops, since rank 1 of its gang failed" in output) == (143, True)
    for rank in (1, 2):  # rank 0 has finished and does not come again
        assert project.task("work", f"r.{rank}", "../start", attempt="b", **gang) == (0, f"met {rank}\n")


def test_a_task_may_print_into_a_file(tmp_path: Path) -> None:
    source = """
        import sys

        class F(FlowSpec):
            @step
            def start(self):
                print("ü out")
                print("ü err", file=sys.stderr)
                self.next(self.end)

            @step
            def end(self): pass
    """
    with (tmp_path / "printed").open("w+") as printed:
        code, _ = Project(tmp_path, source, printed).task("start")
        printed.seek(0)
        assert (code, printed.read()) == (0, "ü out\nü err\n")


def test_exit_hooks_are_all_called(tmp_path: Path) -> None:
    source = """
        def first():
            raise ValueError("from the first")

        def second(run):
            print("second", run)

        class F(FlowSpec):
            pass
        """
    code, output = Project(tmp_path, source).task("exit-hook", HOOKS="first,second", RUN_STATUS="failed")
    assert code == 1
    assert "ValueError: from the first" in output
    assert "second None" in output  # the run left nothing to read


def test_a_step_is_ended_at_its_time_limit(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                import time
                print("begun")
                time.sleep(60)
        """,
    )
    code, output = project.task("start", TIMEOUT="1")
    assert (code, "timed out after 1 s" in output, "begun" in output) == (71, True, True)
    assert (tmp_path / "store/F/run/start/r/attempts/a/log").read_text() == (
        "begun\nflowc: F/run/start/r timed out after 1 s\n"
    )
    assert project.task("start", attempt="b", CATCH="why", NEXT="start")[0] == 0
    failure = project.read("start/r/attempts/a/failure.json")
    assert (failure["type"], failure["message"]) == ("TimeoutException", "step `start` timed out after 1 s")


def test_a_loop_ends_at_its_limit(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.work)

            @step
            def work(self):
                self.k = "again"
                self.next({"again": self.work, "done": self.end}, condition="k")

            @step
            def end(self): pass
        """,
    )
    limits = {"TELLS": "work~+,end~-", "MAX_VISITS": "2"}
    assert project.task("start")[0] == 0
    assert project.task("work", "r~0", "start~from", **limits)[0] == 0
    code, output = project.task("work", "r~1", "start~from", **limits)
    assert code == 65
    assert "`work` goes back to `work`, which was visited 2 times; the limit is 2 (max-visits)" in output
    # An engine that sees no exit codes is told which way the task wanted to go, and refuses it by name.
    assert project.task("work", "r~1", "start~from", "b", FINAL_EXIT="0", **limits)[0] == 0
    control = project.read("work/r~1/control.json")
    assert sorted(control) == ["fault", "next"]
    assert control["next"] == "work"


def test_a_users_decorators_run_around_the_method(tmp_path: Path) -> None:
    source = """
        from metaflow import UserStepDecorator, user_step_decorator

        @user_step_decorator
        def timed(step_name, flow, inputs, attributes):
            print("before", step_name, attributes)
            yield
            print("after", flow.x)

        class Calm(UserStepDecorator):
            def post_step(self, step_name, flow, exception=None):
                print("calmed", exception)

        class F(FlowSpec):
            @timed(unit="s")
            @Calm
            @step
            def start(self):
                self.x = 1
                self.next(self.end)
                raise ValueError("late")

            @step
            def end(self):
                pass
        """
    assert Project(tmp_path, source).task("start") == (
        0,
        "before start {'unit': 's'}\ncalmed late\nafter 1\n",
    )


def test_a_mutator_is_refused_by_name(tmp_path: Path) -> None:
    source = """
        from metaflow import FlowMutator

        class Renamed(FlowMutator):
            pass

        @Renamed
        class F(FlowSpec):
            @step
            def start(self):
                pass
        """
    code, output = Project(tmp_path, source).task("start")
    assert code != 0
    assert "the mutator `Renamed` would change the flow when it is loaded" in output


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.xs = []\n        self.next(self.end, foreach='xs')", "foreach in `start` has no items"),
        (
            "self.k = 3\n        self.next({'a': self.end}, condition='k')",
            "`self.k` is 3, which is none of 'a'",
        ),
    ],
)
def test_a_transition_that_cannot_be_made_is_final(tmp_path: Path, body: str, expected: str) -> None:
    source = f"class F(FlowSpec):\n    @step\n    def start(self):\n        {body}\n    @step\n    def end(self): pass\n"
    code, output = Project(tmp_path, source).task("start")
    assert code == 65
    assert expected in output


def test_a_default_may_be_a_part_of_a_config(tmp_path: Path) -> None:
    source = """
        from metaflow import Config, config_expr, resources

        class F(FlowSpec):
            config = Config("settings", default_value={"a": {"n": 4, "f": 0.5}, "words": "w"})
            n = Parameter("n", default=config_expr("settings.a.n * 2"))
            f = Parameter("f", default=config.a.f)
            g = Parameter("g", default=config["a"]["f"])

            @resources(memory=config.a.n)
            @step
            def start(self):
                print(self.n + 1, self.f + 1, self.g, self.config.get("words"), self.config.a.get("no", 3))
        """
    passed = encoded({"n": "5", "f": "1"})
    assert Project(tmp_path, source).task("start") == (0, "9 1.5 0.5 w 3\n")
    again = Project(tmp_path, source).task("start", RUN_ID="again", PARAMETERS=passed)
    assert again == (0, "6 2.0 0.5 w 3\n")


def test_a_config_that_is_no_json_is_named(tmp_path: Path) -> None:
    flow = Project(
        tmp_path,
        """
        from metaflow import Config

        class F(FlowSpec):
            rates = Config("rates", default="rates.json")

            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )
    (tmp_path / "rates.json").write_text("{rate: 1}")
    code, output = flow.task("start")
    assert (code, "Traceback" in output) == (65, False)
    assert "config `rates` is no JSON: the file rates.json: Expecting property name" in output


def test_a_value_that_cannot_be_stored_is_named(tmp_path: Path) -> None:
    source = "class F(FlowSpec):\n    @step\n    def start(self):\n        self.f = (i for i in [])\n"
    code, output = Project(tmp_path, source).task("start")
    assert code == 1
    assert "artifact `f` of step `start` cannot be stored: flow.py:5 assigned" in output


def test_catch_keeps_why_a_value_could_not_be_stored(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.f = (i for i in [])
                self.next(self.end)

            @step
            def end(self):
                print(self.error.exception)
        """,
    )
    caught = {"CATCH": "error", "NEXT": "end"}
    assert [project.task("start", attempt=attempt, **caught)[0] for attempt in "ab"] == [1, 0]
    code, output = project.task("end", inputs="start")
    assert (code, output.partition(": ")[0]) == (0, "artifact `f` of step `start` cannot be stored")


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ("file", "cannot read file as text: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ("none", "cannot read none: No such file or directory"),
        (3, "parameter `text` is 3, which is no path of a file"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_included_is_named(tmp_path: Path, passed: object, said: str) -> None:
    project = Project(
        tmp_path,
        """
        from metaflow import IncludeFile

        class F(FlowSpec):
            text = IncludeFile("text")

            @step
            def start(self):
                self.next(self.end)
        """,
    )
    (tmp_path / "file").write_bytes(b"\xff")
    code, output = project.task("start", PARAMETERS=encoded({"text": passed}))
    assert (code, output.partition(";")[0].strip()) == (65, f"flowc: F/run/start/r: {said}")


@pytest.mark.parametrize("package", ["metaflow", "flowc"])
def test_a_star_import_gives_the_api(tmp_path: Path, package: str) -> None:
    project = Project(
        tmp_path,
        f"""
        del FlowSpec, step, Parameter, current
        from {package} import *

        class F(FlowSpec):
            p = Parameter("p", default=1)

            @retry(times=1)
            @step
            def start(self):
                print(current.step_name, parallel_map)
        """,
    )
    code, printed = project.task("start")
    assert code == 0, printed


ORIGIN = """
    class F(FlowSpec):
        alpha = Parameter("alpha", default=1)

        @step
        def start(self):
            print("start runs")
            self.items = [0, 1]
            self.next(self.work, foreach="items")

        @step
        def work(self):
            print("work runs")
            self.y = self.input + self.alpha
            self.next(self.join)

        @step
        def join(self, inputs):
            print("sum", sum(i.y for i in inputs))
            self.next(self.end)

        @step
        def end(self):
            pass
    """


def test_an_engine_resumes_a_run(tmp_path: Path) -> None:
    project = Project(tmp_path, ORIGIN)
    project.task("start", PARAMETERS=encoded([{"name": "alpha", "value": "5"}]))
    project.task("work", "r.0", "../start")
    again = {"RUN_ID": "again", "RUN_UID": "other"}
    # What is passed gives way to what the origin had.
    asked = {"ORIGIN_RUN": "run", "PARAMETERS": encoded([{"name": "alpha", "value": "9"}])}
    assert project.task("start", **again, **asked) == (0, "")
    assert (tmp_path / "control" / "splits").read_text() == "2"
    assert project.task("work", "r.0", "../start", **again) == (0, "")
    assert project.task("work", "r.1", "../start", **again) == (0, "work runs\n")
    assert project.task("join", "r", "work@start", **again) == (0, "sum 11\n")


def test_what_follows_a_task_that_ran_anew_runs_too(tmp_path: Path) -> None:
    project = Project(tmp_path, ORIGIN)
    for step, path, inputs in (("start", "r", ""), ("work", "r.0", "../start"), ("work", "r.1", "../start")):
        project.task(step, path, inputs)
    again = {"RUN_ID": "again", "RUN_UID": "other"}
    asked = {"ORIGIN_RUN": "run", "FROM_STEP": "work", "PARAMETERS": encoded([])}
    assert project.task("start", **again, **asked) == (0, "")
    assert project.task("work", "r.0", "../start", **again) == (0, "work runs\n")


def test_a_parameter_that_the_origin_did_not_know_has_its_default(tmp_path: Path) -> None:
    Project(tmp_path, ORIGIN).task("start")
    changed = ORIGIN.replace("self.y = self.input + self.alpha", "print(self.beta); self.y = 0").replace(
        "@step", 'beta = Parameter("beta", default="new")\n\n        @step', 1
    )
    project = Project(tmp_path, changed)
    again = {"RUN_ID": "again", "RUN_UID": "other"}
    assert project.task("start", **again, ORIGIN_RUN="run", PARAMETERS=encoded([])) == (0, "")
    assert project.task("work", "r.0", "../start", **again) == (0, "work runs\nnew\n")


def test_a_run_that_is_not_there_cannot_be_resumed(tmp_path: Path) -> None:
    code, output = Project(tmp_path, ORIGIN).task("start", ORIGIN_RUN="gone", PARAMETERS=encoded([]))
    assert (code, "the run gone cannot be resumed: the datastore has no such run of F" in output) == (
        65,
        True,
    )
