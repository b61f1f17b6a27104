"""A run that failed and is resumed, under Metaflow and under flowc: the same tasks, the same artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.differential.worlds import differences, under_flowc, under_metaflow

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = [pytest.mark.metaflow, pytest.mark.slow]

_FLOW = """\
import os
import random

from metaflow import FlowSpec, Parameter, current, step


class Resumed(FlowSpec):
    given = Parameter("given", default="default")

    @step
    def start(self):
        self.chance = random.random()
        self.items = ["a", "b", "c"]
        self.next(self.each, self.other)

    @step
    def each(self):
        self.next(self.item, foreach="items")

    @step
    def item(self):
        assert self.input != "b" or os.path.exists("mended"), "not yet"
        self.word = self.input * 2
        self.resumed = current.origin_run_id is not None
        self.next(self.join)

    @step
    def join(self, inputs):
        self.words = [i.word for i in inputs]
        self.merge_artifacts(inputs, include=["chance"])
        self.next(self.both)

    @step
    def other(self):
        self.next(self.both)

    @step
    def both(self, inputs):
        self.merge_artifacts(inputs, include=["chance"])
        self.words = inputs.join.words
        self.next(self.end)

    @step
    def end(self):
        self.same_chance = self.chance
        self.given_at_end = self.given


if __name__ == "__main__":
    Resumed()
"""


@pytest.mark.parametrize("again", [[], ["each"]])
def test_resumed(again: list[str], tmp_path: Path) -> None:
    flow = tmp_path / "resumed.py"
    flow.write_text(_FLOW)
    failed = [under(flow, "--given", "on the command line") for under in (under_metaflow, under_flowc)]
    assert [(ran.code, ran.failed) for ran in failed] == [(1, "item"), (1, "item")]
    (tmp_path / "mended").touch()
    theirs, ours = (under(flow, *again, command="resume") for under in (under_metaflow, under_flowc))
    assert (theirs.code, ours.code) == (0, 0), theirs.output + ours.output
    found = {line.partition(":")[0] for line in differences(ours.left, theirs.left)}
    # Each world drew its own number. Which siblings ran to their end before the failure is chance as well.
    assert {name.partition(".")[2] for name in found} <= {"chance", "same_chance", "resumed"}
    for world, before in zip((theirs, ours), failed, strict=True):
        (drawn,) = {task["chance"] for tasks in world.left.values() for task in tasks if "chance" in task}
        assert drawn == before.left["start"][0]["chance"]
