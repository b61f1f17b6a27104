"""Reading what real runs left: made by `flowc run` and `resume`, read by the commands, from Python, and in a step."""

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
    from pathlib import Path

SWEEP = """
    from metaflow import FlowSpec, Parameter, catch, retry, step

    class Rate:
        def __init__(self, value):
            self.value = value

        def __repr__(self):
            return f"Rate({self.value})"

    class Sweep(FlowSpec):
        worst = Parameter("worst", default=3)

        @step
        def start(self):
            self.rates = [Rate(n) for n in (1, 2, 3)]
            self.next(self.fit, foreach="rates")

        @catch(var="why")
        @retry(times=1, minutes_between_retries=0)
        @step
        def fit(self):
            print("fitting", self.input)
            if self.input.value == self.worst:
                raise ValueError("too fast")
            self.loss = self.input.value / 2
            self.next(self.join)

        @step
        def join(self, inputs):
            self.losses = [getattr(i, "loss", None) for i in inputs]
            self.next(self.end)

        @step
        def end(self):
            assert not __import__("os").path.exists("broken")
            self.done = True
"""
READER = """
    from metaflow import FlowSpec, Flow, current, step

    class Reader(FlowSpec):
        @step
        def start(self):
            self.losses = Flow("Sweep").latest_successful_run.data.losses
            self.self_seen = Flow("Reader")[current.run_id].status
            self.next(self.end)

        @step
        def end(self):
            pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sweep.py").write_text(dedent(SWEEP))
    (tmp_path / "reader.py").write_text(dedent(READER))
    return tmp_path


def flowc(folder: Path, *arguments: str) -> tuple[int, str]:
    """A command's exit code and standard output, as a shell has them."""
    return python(folder, "-m", "flowc", *arguments)


def python(folder: Path, *arguments: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if name != contract.ENV_DATASTORE}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_run_is_read_by_the_commands_and_from_python(folder: Path) -> None:
    assert flowc(folder, "run", "sweep.py")[0] == 0
    assert flowc(folder, "show", "latest", "-q") == (0, "succeeded\n")
    assert flowc(folder, "show", "Sweep/latest/fit", "-q") == (
        0,
        "r.0 succeeded\nr.1 succeeded\nr.2 succeeded\n",
    )
    run_id = flowc(folder, "runs", "-q")[1].strip().partition("/")[2]
    assert flowc(folder, "dump", "sweep.py", "latest/end") == (
        0, f"{run_id}/end/r\n  done = True\n  losses = [0.5, 1.0, None]\n  worst = 3\n"
    )  # fmt: skip
    assert flowc(folder, "dump", "latest/start", "--include", "rates")[1].endswith(
        "= [Rate(1), Rate(2), Rate(3)]\n"
    )
    log = flowc(folder, "logs", "latest/fit/r.2", "--attempt", "1")[1]
    assert log.startswith("fitting Rate(3)\nTraceback")
    assert log.endswith("ValueError: too fast\n")
    assert flowc(folder, "verify")[0] == 0
    program = """
        from flowc import Flow
        fit = Flow("Sweep").latest_run["fit"]
        print([task.current_attempt for task in fit], [task.successful for task in fit])
        print(fit["r.2"].exception.type, fit["r.2"].data.why.exception, fit["r.2"].index)
        print(Flow("Sweep").latest_run["start"].data.rates)
    """
    assert python(folder, "-c", dedent(program)) == (
        0, "[0, 0, 1] [True, True, False]\nbuiltins.ValueError too fast 2\n[Rate(1), Rate(2), Rate(3)]\n"
    )  # fmt: skip


def test_a_resumed_run_is_read_as_a_whole(folder: Path) -> None:
    (folder / "broken").touch()
    assert flowc(folder, "run", "sweep.py")[0] == 1
    origin = flowc(folder, "runs", "-q", "--status", "failed")[1].strip()
    (folder / "broken").unlink()
    assert flowc(folder, "resume", "sweep.py")[0] == 0
    shown = flowc(folder, "show", "latest")[1]
    assert f"resumes {origin}\n" in shown
    assert flowc(folder, "show", "latest/fit/r.1")[1].splitlines()[1] == f"adopted from {origin}/fit/r.1"
    assert flowc(folder, "dump", "latest/fit/r.1", "--include", "loss")[1].endswith("  loss = 1.0\n")
    assert flowc(folder, "logs", "latest/fit/r.1")[1] == "fitting Rate(2)\n"
    assert flowc(folder, "verify", "-q") == (0, "")


def test_a_step_reads_the_results_of_other_runs(folder: Path) -> None:
    assert flowc(folder, "run", "sweep.py")[0] == 0
    assert flowc(folder, "run", "reader.py")[0] == 0
    dumped = flowc(folder, "dump", "Reader/latest/start")[1].splitlines()
    assert dumped[1:] == ["  losses = [0.5, 1.0, None]", "  self_seen = 'unfinished'"]
