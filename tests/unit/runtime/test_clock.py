"""What `@timeout` counts: the step's own code, and nothing before or after it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from flowc.runtime import clock
from flowc.runtime.clock import Clock
from tests.unit.runtime.test_step import Project

if TYPE_CHECKING:
    from pathlib import Path


def test_what_takes_long_before_and_after_the_step_is_not_counted(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        """
        import time

        time.sleep(1.5)

        class Slow:
            def __reduce__(self):
                time.sleep(1.5)
                return int, ()

        class F(FlowSpec):
            @step
            def start(self):
                self.value = Slow()
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )
    code, printed = project.task("start", TIMEOUT="1")
    assert code == 0, printed


def test_the_step_is_counted(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        """
        import os, time

        class F(FlowSpec):
            @step
            def start(self):
                os.closerange(3, 100)
                time.sleep(60)
        """,
    )
    assert project.task("start", TIMEOUT="1") == (71, "flowc: F/run/start/r timed out after 1 s\n")


@pytest.mark.parametrize(("told", "counts"), [(b"+", True), (b"+-", False), (b"+-+", True), (b"-", False)])
def test_the_last_word_counts(told: bytes, counts: bool) -> None:
    own = Clock(1000)
    os.write(own.writer, told)
    own.hear()
    left = own.left()
    assert (left is not None) == counts
    own.give_away()
    assert not own.hear()
    assert (own.left() is not None) == counts, "a closed end changes nothing"
    own.close()


def test_a_watcher_that_is_gone_is_no_concern_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setattr(clock, "_teller", writer)
    clock.own_code_begins()
    clock.own_code_ends()
    os.close(writer)
    clock.own_code_begins()


def test_time_goes_by() -> None:
    own = Clock(0)
    os.write(own.writer, b"+")
    own.hear()
    time.sleep(0.001)
    assert (own.left() or 0.0) < 0
    own.close()
