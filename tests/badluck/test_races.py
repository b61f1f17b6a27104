"""Attempts of one task that commit at the same moment, thousands of times: one wins, and all say what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.records import Run
from flowc.runtime.store.files import FileStore
from tests.badluck.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RACERS = 3

# Commits task after task, each at the same time as the other racers do: they meet at a file's length.
RACER = """\
import os, sys
from flowc import contract
from flowc.runtime.commit import commit
from flowc.runtime.records import Run
from flowc.runtime.settings import read_settings
from flowc.runtime.store import open_store

folder, me, racers, rounds = sys.argv[1], *map(int, sys.argv[2:])
store = open_store(f"file://{folder}/store")
run = Run(store, "F", "run")
meeting = os.open(f"{folder}/meeting", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
for number in range(rounds):
    settings = read_settings({
        contract.ENV_DATASTORE: f"file://{folder}/store", contract.ENV_FLOW: "F", contract.ENV_RUN_ID: "run",
        contract.ENV_STEP: "start", contract.ENV_PATH: f"r.{number}", contract.ENV_ATTEMPT_ID: f"racer-{me}",
        contract.ENV_ENTRY: "flow.py", contract.ENV_TELLS: f"left,right",
        contract.ENV_CONTROL_FOLDER: f"{folder}/control/{number}/{me}",
    }, folder)
    record = {
        "step": "start", "path": f"r.{number}", "stack": [], "who": me, "splits": me + 1, "artifacts": {},
        "targets": ["left" if me % 2 else "right"], "next": "foreach:left" if me % 2 else "foreach:right",
    }
    os.write(meeting, b".")
    while os.fstat(meeting).st_size < racers * (number + 1):
        os.sched_yield()
    commit(settings, run, record)
"""


@pytest.mark.parametrize("rounds", [150, pytest.param(5000, marks=pytest.mark.slow)])
def test_one_wins_and_all_say_what_it_said(tmp_path: Path, rounds: int) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path), str(me), str(RACERS), str(rounds)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for me in range(RACERS)
    ]
    assert [racer.wait(600) for racer in racers] == [0] * RACERS
    run = Run(FileStore(str(tmp_path / "store")), "F", "run")
    winners = [_check(tmp_path, run, number) for number in range(rounds)]
    assert len(set(winners)) > 1


def _check(folder: Path, run: Run, number: int) -> int:
    """The winner of one task."""
    path = f"r.{number}"
    record = run.finished("start", path)
    for me in range(RACERS):
        files = folder / "control" / str(number) / str(me)
        assert (files / "splits").read_text() == str(record["splits"])
        assert (files / "next").read_text() == record["next"]
    objects = folder / "store" / run.task_prefix("start", path)
    assert json.loads((objects / "control.json").read_text()) == {
        "n": record["splits"],
        "next": record["next"],
    }
    assert json.loads((objects / "items.json").read_text()) == list(range(record["splits"]))
    told, untold = record["targets"][0], {"left": "right", "right": "left"}[record["targets"][0]]
    assert run.told(told, path) == ("start", path)
    assert not (folder / "store" / run.task_prefix(untold, path)).exists()
    winner: int = record["who"]
    return winner
