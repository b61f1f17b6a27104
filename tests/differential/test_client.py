"""One program that reads results says the same of a run by Metaflow, with its client, and of one by flowc."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from flowc import contract
from tests.compiling import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = [pytest.mark.metaflow, pytest.mark.slow]

FLOW = """
    from metaflow import FlowSpec, Parameter, catch, retry, step

    class Shape(FlowSpec):
        alpha = Parameter("alpha", default=0.5)

        @step
        def start(self):
            self.xs = [10, 20, 30]
            self.kept = {"a": (1, None)}
            self.next(self.work, foreach="xs")

        @catch(var="why", print_exception=False)
        @retry(times=1, minutes_between_retries=0)
        @step
        def work(self):
            print("input", self.input)
            self.y = self.input * 2
            if self.input == 20:
                raise ValueError("twenty")
            self.next(self.join)

        @step
        def join(self, inputs):
            self.total = sum(i.y for i in inputs if not i.why)
            self.merge_artifacts(inputs, exclude=["y", "why"])
            self.next(self.end)

        @step
        def end(self):
            if self.alpha > 1:
                raise RuntimeError("too large")

    if __name__ == "__main__":
        Shape()
"""
PROGRAM = """
    from metaflow import DataArtifact, Flow, Metaflow, Run, Step, Task, get_namespace, namespace

    def outcome(ask):
        try:
            return ask()
        except Exception as error:
            return [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in KINDS]

    KINDS = {"MetaflowNotFound", "MetaflowInvalidPathspec", "KeyError", "AttributeError"}
    namespace(None)
    flow = Flow("Shape")
    good, bad = flow.latest_successful_run, flow.latest_run
    print([each.id for each in Metaflow()], get_namespace(), good.id == bad.id, len(list(flow)))
    for run in (good, bad):
        print(run.successful, run.finished, run.finished_at is None, run.data is None)
        print([step.id for step in run], [step.id for step in run.steps()], "end" in run, "no" in run)
        print(len(list(run["work"])), run["start"].task.parent.parent.id == run.id, run.parent.id)
    for task in sorted(good["work"], key=lambda task: task.index):
        print(task.index, task.successful, task.finished, task.data.y, task.current_attempt)
        print(sorted(set(each.id for each in task) & {"alpha", "kept", "xs", "y", "why"}))
        print([line for line in task.stdout.splitlines() if line.startswith("input")])
    print(good.data.total, good["end"].task.data.kept, good["start"].task["xs"].data, good.data.alpha)
    print(bad["end"].task.successful, bad["end"].task.finished, type(bad["end"].task.exception).__name__ != "NoneType")
    task = good["start"].task
    print(Task(task.pathspec).data.xs, Step(task.parent.pathspec).task.data.xs, DataArtifact(task.pathspec + "/xs").data)
    print(repr(task) == f"Task('{task.pathspec}')", task.path_components == task.pathspec.split("/"), "xs" in task.data)
    for ask in (
        lambda: Flow("Nothing"), lambda: Run("Shape"), lambda: Run("Shape/none"), lambda: good["none"],
        lambda: Step(good.pathspec + "/none"), lambda: task["none"], lambda: task.data.none, lambda: flow["none"],
    ):
        print(outcome(ask))
"""
TAGS = """
    from metaflow import Flow, Metaflow, Run, Step, Task, get_namespace, namespace

    def outcome(ask):
        try:
            return ask()
        except Exception as error:
            return type(error).__name__

    def own(tags):
        return sorted(tags)

    namespace(None)
    good, bad = Flow("Shape").latest_successful_run, Flow("Shape").latest_run
    print(own(good.user_tags), own(bad.user_tags), "user:tester" in good.system_tags)
    good.add_tag("a")
    good.add_tag(["b", "c"])
    good.add_tags(("a", "d", "user:tester"))
    print(own(good.user_tags), "user:tester" in good.tags)
    good.remove_tag("b")
    good.remove_tags(["nothing", "d"])
    good.replace_tag("c", "e")
    good.replace_tags(["e", "a"], ["f", "a"])
    print(own(good.user_tags), own(Run(good.pathspec).user_tags), own(good["start"].task.user_tags))
    for ask in (
        lambda: good.remove_tag("user:tester"), lambda: good.add_tag(""), lambda: good.add_tag("x" * 501),
        lambda: good.add_tags([]), lambda: good.add_tags([3]), lambda: good.remove_tags("text"),
        lambda: good.add_tags([f"t{n}" for n in range(60)]), lambda: good.remove_tag("nothing"),
    ):
        print(outcome(ask))
    print(own(good.user_tags), own(bad.user_tags))
    print([run.id == good.id for run in Flow("Shape").runs("f")], len(list(Flow("Shape").runs("f", "none"))))
    start = good["start"].task.pathspec
    for chosen in ("f", "user:tester", "none", None):
        print(namespace(chosen) == get_namespace() == chosen, len(list(Metaflow())))
        for ask in (
            lambda: len(list(Flow("Shape"))), lambda: Run(good.pathspec).id == good.id,
            lambda: Run(bad.pathspec).id == bad.id, lambda: Task(start).pathspec == start,
            lambda: Step(good.pathspec + "/start").id, lambda: good.is_in_namespace(), lambda: bad.is_in_namespace(),
            lambda: Run(bad.pathspec, _namespace_check=False).id == bad.id,
            lambda: Task(start, _namespace_check=False).data.xs,
        ):
            print(outcome(ask))
"""


@pytest.mark.parametrize("program", [PROGRAM, TAGS])
def test_both_clients_say_the_same(tmp_path: Path, program: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shape.py").write_text(dedent(FLOW))
    (tmp_path / "ask.py").write_text(dedent(program))
    (tmp_path / "ask_flowc.py").write_text(dedent(program).replace("from metaflow", "from flowc"))
    home = str(tmp_path / "home")
    metaflow = {
        "HOME": home,
        "METAFLOW_HOME": home,
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": home,
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_USER": "tester",
    }
    tags = ["--tag", "x"]
    ran = [
        run(tmp_path, metaflow, "shape.py", "--no-pylint", "run", *tags, *alpha)[0]
        for alpha in ([], ["--alpha", "2"])
    ]
    assert ran == [0, 1]
    flowc = {"PYTHONPATH": ROOT, "LOGNAME": "tester"}
    ran = [
        run(tmp_path, flowc, "-m", "flowc", "run", "shape.py", *tags, *alpha)[0]
        for alpha in ([], ["--alpha", "2"])
    ]
    assert ran == [0, 1]
    expected = run(tmp_path, metaflow, "ask.py")
    assert expected[0] == 0, expected
    assert run(tmp_path, flowc, "ask_flowc.py") == expected


def run(folder: Path, settings: Mapping[str, str], *arguments: str) -> tuple[int, list[str]]:
    inherited = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", contract.ENV_DATASTORE: "", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()
