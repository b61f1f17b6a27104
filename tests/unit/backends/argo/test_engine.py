"""What a flow means and what Argo makes of its templates is the same set of tasks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flowc import contract
from flowc.backends.argo import fold, partition
from flowc.ir.graph import Choose, simple_transitions
from tests.graphs import flow
from tests.unit.backends.argo.engine import run_regions, run_templates
from tests.unit.backends.argo.flows import emit, objects, program

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.backends.argo.engine import Chooses


# Shrinking a flow takes minutes and seldom makes it smaller.
RANDOM_FLOWS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


class _Writer:
    """Writes a random flow: each construct is entered by a step and left by one."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.count = 0

    def pick(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def step(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def say(self, step: str, then: str, *, join: bool = False) -> None:
        retry = "[retry=1]" if self.pick(0, 5) == 0 else ""
        self.lines.append(f"{'join ' if join else ''}{step}{retry} -> {then}")

    def sequence(self, step: str, leave: str, depth: int, *, join: bool = False) -> None:
        """Constructs from `step` on, the last of which leads to `leave`."""
        for _ in range(self.pick(0, 2)):
            after = self.step()
            joins = self.construct(step, after, depth, join=join)
            step, join = after, joins
        if depth and self.pick(0, 3) == 0:
            self.choice(step, leave, depth, join=join)
        else:
            self.say(step, leave, join=join)

    def choice(self, step: str, after: str, depth: int, *, join: bool) -> None:
        """A choice among arms that meet in `after`, to which a way may lead at once."""
        arms = [self.step() for _ in range(self.pick(1, 3))]
        direct = [after] if len(arms) == 1 or self.pick(0, 1) else []
        self.say(step, " | ".join([*arms, *direct]), join=join)
        for arm in arms:
            self.sequence(arm, after, depth - 1)

    def construct(self, step: str, after: str, depth: int, *, join: bool) -> bool:
        """One construct from `step` to `after`; whether `after` is a join."""
        kind = self.pick(0, 6) if depth else 0
        if kind == 1:
            arms = [self.step() for _ in range(self.pick(2, 3))]
            self.say(step, ", ".join(arms), join=join)
            for arm in arms:
                self.sequence(arm, after, depth - 1)
            return True
        if kind == 2:
            inner = self.step()
            self.say(step, f"foreach {inner} in xs{self.count}", join=join)
            self.sequence(inner, after, depth - 1)
            return True
        if kind == 3:
            self.choice(step, after, depth, join=join)
            return False
        if kind == 4:
            a, b, c, d = (self.step() for _ in range(4))
            self.say(step, f"{a} | {b}", join=join)
            self.say(a, f"{c} | {d}")
            self.say(b, c)
            self.sequence(c, after, depth - 1)
            self.sequence(d, after, depth - 1)
            return False
        if kind == 5:
            head, last = self.step(), self.step()
            self.say(step, head, join=join)
            self.sequence(head, last, depth - 1)
            extra = self.step()
            self.say(last, f"{head} | {after} | {extra}")
            self.sequence(extra, after, depth - 1)
            return False
        self.say(step, after, join=join)
        return False


@st.composite
def flows(draw: Callable[[st.SearchStrategy[int]], int]) -> str:
    writer = _Writer(draw)
    writer.sequence("start", "end", 3)
    return "\n".join(writer.lines)


def decisions(text: str, seed: int) -> Chooses:
    """What each task decides, the same whenever it is asked; loops end after a few visits."""
    graph = flow(text)

    def chooses(step: str, path: str) -> tuple[str | None, int]:
        mixed = sum(ord(c) * 31**i for i, c in enumerate(f"{seed}{step}{path}"))
        items = mixed // 7 % 3
        transition = graph.steps[step].transition
        if not isinstance(transition, Choose):
            return None, items
        keys = [key for key, _ in simple_transitions(transition) if key is not None]
        if contract.last_level(path)[2] >= 2 and len(keys) > 1:
            keys = keys[1:]  # the back edge is written first
        return keys[mixed % len(keys)], items

    return chooses


def check(text: str, seed: int) -> None:
    chooses = decisions(text, seed)
    spec = objects(emit(flow(text)))["WorkflowTemplate"]["spec"]
    assert run_templates(spec, chooses) == run_regions(program(flow(text)), chooses), text


@given(text=flows(), seed=st.integers(0, 99))
@RANDOM_FLOWS
def test_templates_run_what_the_flow_means(text: str, seed: int) -> None:
    check(text, seed)


@given(text=flows(), seed=st.integers(0, 99))
@RANDOM_FLOWS
def test_cut_and_folded_templates_too(text: str, seed: int) -> None:
    with_limits = {"_SCOPE": 6, "_ARM": 2, "_FORK": 3}
    before = {name: getattr(partition, name) for name in with_limits}
    most = fold.MAX_TEMPLATES
    try:
        for name, value in with_limits.items():
            setattr(partition, name, value)
        fold.MAX_TEMPLATES = 0
        check(text, seed)
    finally:
        for name, value in before.items():
            setattr(partition, name, value)
        fold.MAX_TEMPLATES = most


@given(text=flows(), seed=st.integers(0, 99))
@RANDOM_FLOWS
def test_after_a_failure_nothing_new_runs_and_nothing_waits(text: str, seed: int) -> None:
    chooses = decisions(text, seed)
    spec = objects(emit(flow(text)))["WorkflowTemplate"]["spec"]
    whole = run_regions(program(flow(text)), chooses)
    failing = whole[seed % len(whole)]
    run = run_templates(spec, chooses, frozenset([failing]))
    assert failing in run
    assert set(run) <= set(whole)
    assert ("end", "r") not in run or failing == ("end", "r")


def test_a_thousand_steps_fit() -> None:
    names = ["start", *(f"s{i}" for i in range(998)), "end"]
    text = "\n".join(f"{a} -> {b}" for a, b in itertools.pairwise(names))
    check(text, 0)


def test_a_wide_fork_of_long_arms_fits() -> None:
    arms = [[f"a{i}x{n}" for n in range(30)] for i in range(20)]
    lines = [f"start -> {', '.join(arm[0] for arm in arms)}", "join j -> end"]
    lines += [f"{a} -> {b}" for arm in arms for a, b in zip(arm, [*arm[1:], "j"], strict=True)]
    check("\n".join(lines), 0)


def test_a_fork_of_five_hundred_arms_fits() -> None:
    arms = [f"a{i}" for i in range(500)]
    check("\n".join([f"start -> {', '.join(arms)}", "join j -> end", *(f"{arm} -> j" for arm in arms)]), 0)
