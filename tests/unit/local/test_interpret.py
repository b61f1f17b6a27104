"""Which tasks run, with which paths, in which order; and which must run again after something ran anew."""

from __future__ import annotations

import pytest

from tests.unit.local.runs import Run

FOREACH = """
    @step
    def start(self):
        self.xs = [1, 2, 3]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        self.next(self.more)

    @step
    def more(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
    """
THREE = {"start": {"splits": 3}}

SWITCH_IN_LOOP = """
    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        self.kind = "again"
        self.next({"again": self.work, "done": self.end}, condition="kind")

    @step
    def end(self):
        pass
    """

BRANCHES = """
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
    """


def test_a_foreach_runs_each_item_and_then_its_join() -> None:
    ran = Run(FOREACH, THREE)()
    assert ran[0] == "start/r"
    assert ran[-2:] == ["join/r", "end/r"]
    assert sorted(ran[1:-2]) == ["more/r.0", "more/r.1", "more/r.2", "work/r.0", "work/r.1", "work/r.2"]


def test_a_loop_goes_on_until_it_is_left() -> None:
    records = {"work": {"next": "work"}, "work/r~2": {"next": "end"}}
    assert Run(SWITCH_IN_LOOP, records)() == ["start/r", "work/r~0", "work/r~1", "work/r~2", "end/r"]


def test_what_follows_a_task_that_ran_anew_runs_too() -> None:
    every = {f"{step}/r.{i}" for step in ("work", "more") for i in range(3)} | {"start/r", "join/r", "end/r"}
    assert Run(FOREACH, THREE, kept=every)() == []
    assert Run(FOREACH, THREE, kept=every - {"work/r.1"})() == ["work/r.1", "more/r.1", "join/r", "end/r"]
    assert Run(FOREACH, THREE, kept=every - {"join/r"})() == ["join/r", "end/r"]


def test_an_arm_that_ran_anew_does_not_make_the_other_run() -> None:
    kept = {"start/r", "a/r", "join/r", "end/r"}
    assert Run(BRANCHES, {}, kept=kept)() == ["b/r", "join/r", "end/r"]


def test_a_pass_of_a_loop_that_ran_anew_makes_later_ones_run() -> None:
    records = {"work": {"next": "work"}, "work/r~2": {"next": "end"}}
    kept = {"start/r", "work/r~0", "work/r~2", "end/r"}
    assert Run(SWITCH_IN_LOOP, records, kept=kept)() == ["work/r~1", "work/r~2", "end/r"]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_no_more_tasks_run_at_once_than_may(workers: int) -> None:
    run = Run(FOREACH, {"start": {"splits": 9}}, workers=workers)
    run()
    assert max(run.at_once["work"], run.at_once["more"]) <= workers


def test_a_foreach_of_its_own_limit_runs_no_more_bodies() -> None:
    limited = FOREACH.replace("@step", "@fanout(max_workers=2)\n    @step", 1)
    run = Run(limited, {"start": {"splits": 9}})
    assert len(run()) == 1 + 9 * 2 + 2
    assert run.at_once["work"] == 2


def test_two_gangs_with_places_for_one_do_not_wait_for_each_other() -> None:
    gangs = """
        @step
        def start(self):
            self.xs = [1, 2]
            self.next(self.split, foreach="xs")

        @step
        def split(self):
            self.next(self.train, num_parallel=3)

        @parallel
        @step
        def train(self):
            self.next(self.gather)

        @step
        def gather(self, inputs):
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            pass
        """
    run = Run(gangs, {"start": {"splits": 2}, "split": {"splits": 3}}, workers=3)
    assert len(run()) == 1 + 2 + 6 + 2 + 2
    assert run.at_once["train"] == 3


def test_a_failure_ends_the_siblings_and_starts_nothing_more() -> None:
    run = Run(FOREACH, THREE, failing="work/r.1")
    with pytest.raises(RuntimeError, match=r"work/r\.1"):
        run()
    assert run.ran == ["start/r"]
    assert sorted(run.cancelled) == ["work/r.0", "work/r.2"]
