"""The certificate: shown on small flows, and an upper bound of every run of a simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.ir.program import Program
from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, LoopRegion, Run, SwitchRegion
from flowc.passes.bounds import Certificate, certify, check_caps, fanouts
from flowc.passes.structure.regions import structure
from flowc.target.budget import Lowering, bodies_at_once, budgets
from flowc.target.settings import Settings
from tests.graphs import flow

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from flowc.ir.region import Block

DYNAMIC, STATIC = Lowering.DYNAMIC, Lowering.STATIC


def program(text: str, settings: Settings) -> Program:
    graph, sink = flow(text), Sink()
    body = structure(graph, sink)
    assert body is not None, [d.message for d in sink]
    return Program(graph=graph, body=body, wiring={}, fanouts=fanouts(graph, settings, sink))


def certificate(text: str, lowering: Lowering, workers: int = 16) -> Certificate:
    settings = Settings(max_workers=workers)
    return certify(program(text, settings), settings, lowering=lowering)


def check(text: str, lowering: Lowering, workers: int = 16) -> str:
    found = certificate(text, lowering, workers)
    bound = "at most " if found.total_is_bound else ""
    return (
        f"{found.peak_tasks} tasks {found.peak_cpu_millis} {found.peak_memory_mb} MB {found.peak_gpu} GPU, "
        f"{bound}{found.total_tasks} in all, {found.heaviest}"
    )


CHAIN = "start[memory=10] -> a; a[memory=30, cpu=2, gpu=1] -> end; end[memory=5]"
DIAMOND = (
    "start[memory=1] -> a, b; a[memory=10] -> j; b[memory=20] -> j; join j[memory=25] -> end; end[memory=1]"
)
SWEEP = "start[memory=1] -> foreach fit; fit[memory=100, gpu=1] -> j; join j[memory=1] -> end; end[memory=1]"
KNOWN = "start[memory=1] -> foreach fit in xs:5; fit[memory=100] -> j; join j[memory=1] -> end; end[memory=1]"
LIMITED = "start[memory=1, max_workers=3] -> foreach fit; fit[memory=100] -> j; join j[memory=1] -> end; end[memory=1]"
NESTED = """
start[memory=1] -> foreach shard in xs:4
shard[memory=1000] -> foreach fold in ys:8
fold[memory=10] -> f
join f[memory=1] -> s
join s[memory=1] -> end
end[memory=1]
"""
UNEVEN = """
start[memory=1] -> big, small
big[memory=1] -> foreach fit
fit[memory=100] -> j
join j[memory=1] -> both
small[memory=7] -> both
join both[memory=1] -> end
end[memory=1]
"""
CHOICE = (
    "start[memory=1] -> a | b; a[memory=10] -> c; b[gpu=2, memory=5] -> c; c[memory=1] -> end; end[memory=1]"
)
LOOP = "start[memory=1] -> work; work[memory=3] -> work | done; done[memory=2] -> end; end[memory=1]"
GANG = "start[memory=1] -> gang w by 4; w[memory=50, parallel] -> j; join j[memory=1] -> end; end[memory=1]"


@pytest.mark.parametrize(
    ("text", "static", "dynamic"),
    [
        (CHAIN, "1 tasks 2000 30 MB 1 GPU, 3 in all, a", ""),
        (DIAMOND, "2 tasks 2000 30 MB 0 GPU, 5 in all, j", ""),
        (SWEEP, "16 tasks 16000 1600 MB 16 GPU, at most 103 in all, fit × 16", ""),
        (KNOWN, "5 tasks 5000 500 MB 0 GPU, 8 in all, fit × 5", ""),
        (LIMITED, "3 tasks 3000 300 MB 0 GPU, at most 103 in all, fit × 3", ""),
        (NESTED, "16 tasks 16000 4000 MB 0 GPU, 43 in all, shard × 4", ""),
        (UNEVEN, "16 tasks 16000 1600 MB 0 GPU, at most 106 in all, fit × 16", "9 tasks 9000 807 MB 0 GPU, at most 106 in all, fit × 16"),
        (CHOICE, "1 tasks 1000 10 MB 2 GPU, at most 4 in all, a", ""),
        (LOOP, "1 tasks 1000 3 MB 0 GPU, at most 53 in all, work", ""),
        (GANG, "4 tasks 4000 200 MB 0 GPU, 7 in all, w × 4", ""),
    ],
)  # fmt: skip
def test_certificate(text: str, static: str, dynamic: str) -> None:
    assert check(text, STATIC) == static
    assert check(text, DYNAMIC) == (dynamic or static)


def test_caps() -> None:
    settings = Settings(max_peak_tasks=10, max_peak_memory_mb=1000, max_peak_gpu=16)
    subject, sink = program(SWEEP, settings), Sink()
    check_caps(certify(subject, settings, lowering=STATIC), subject, settings, sink)
    assert [d.message for d in sink] == [
        "`Flow` can use 16 tasks at once; `max_peak_tasks` allows 10 tasks",
        "`Flow` can use 1,600 MB of memory at once; `max_peak_memory` allows 1,000 MB of memory",
    ]
    assert [label.text for d in sink for label in d.secondary] == ["the most memory: fit × 16"]


def test_a_deep_and_a_long_flow() -> None:
    deep = "start -> foreach s0\n" + "".join(f"s{i} -> foreach s{i + 1}\n" for i in range(300))
    deep += (
        "s300 -> j300\n" + "".join(f"join j{i} -> j{i - 1}\n" for i in range(300, 0, -1)) + "join j0 -> end"
    )
    assert certificate(deep, DYNAMIC).peak_tasks == certificate(deep, STATIC).peak_tasks == 16
    wide = "start -> d0\n" + "".join(
        f"d{i} -> a{i}, b{i}; a{i} -> j{i}; b{i} -> j{i}; join j{i} -> d{i + 1}\n" for i in range(1_000)
    )
    assert certificate(wide + "d1000 -> end", STATIC).total_tasks == 4_003


# --------------------------------------------------------------------------- against a simulator
class _Writer:
    """Writes a random well-nested flow; each step has its own resources."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.count = 0

    def step(self, follow: str, *, join: bool = False, name: str = "", extra: str = "") -> str:
        """A step whose transition is `follow`; its name."""
        if not name:
            self.count += 1
            name = f"s{self.count}"
        memory, gpu = self.draw(st.integers(1, 50)), self.draw(st.integers(0, 2))
        self.lines.append(f"{'join ' * join}{name}[memory={memory}, gpu={gpu}{extra}] -> {follow}")
        return name

    def block(self, after: str, depth: int) -> str:
        """Steps that end by going to `after`; the name of the first."""
        kind = self.draw(
            st.sampled_from(["run", "run", "fork", "each", "gang", "choice"] if depth else ["run"])
        )
        if kind == "run":
            return self.step(after)
        if kind == "choice":
            merge = self.step(after)
            return self.step(" | ".join(self.block(merge, depth - 1) for _ in range(2)))
        join = self.step(after, join=True)
        if kind == "fork":
            return self.step(
                ", ".join(self.block(join, depth - 1) for _ in range(self.draw(st.integers(2, 3))))
            )
        if kind == "gang":
            gang = self.step(join, extra=", parallel")
            return self.step(f"gang {gang} by {self.draw(st.integers(1, 4))}")
        limit = self.draw(st.sampled_from(["", ", max_workers=2"]))
        length = self.draw(st.sampled_from(["", " in xs:1", " in xs:3", " in xs:6"]))
        return self.step(f"foreach {self.block(join, depth - 1)}{length}", extra=limit)


@st.composite
def flows(draw: st.DrawFn) -> str:
    writer = _Writer(draw)
    first = writer.block(writer.block("end", 2), 3)
    writer.step(first, name="start")
    return "\n".join(writer.lines)


class _Simulator:
    """Random moments of random runs in which every split keeps to its limits."""

    def __init__(
        self, subject: Program, settings: Settings, lowering: Lowering, random: Callable[[int], int]
    ) -> None:
        self.subject = subject
        self.dynamic = lowering is DYNAMIC
        self.shares = budgets(subject.body, subject.fanouts, settings.max_workers, static=False)
        self.random = random  # a number from 0 to below the one given

    def moment(self, block: Block, workers: int) -> list[str]:
        """The steps whose tasks run somewhere in a block."""
        region = block.items[self.random(len(block.items))]
        match region:
            case Run(step=step):
                return [step]
            case SwitchRegion(arms=arms):
                return self.moment(arms[self.random(len(arms))].block, workers)
            case LoopRegion(body=body):
                return self.moment(body, workers)
            case ForkRegion(arms=blocks):
                together = len(blocks)
                bodies = list(blocks)
            case ForeachRegion(body=body) | GangRegion(body=body):
                fanout = self.subject.fanouts[region.head, region.key]
                count = fanout.length or self.random(20) + 1
                together = min(count, fanout.max_workers or count)
                bodies = [body] * count
            case _:
                return []
        share = self.shares[region.head, region.key]
        if self.dynamic and not share.side_by_side and not isinstance(region, GangRegion):
            together = bodies_at_once(together, workers, share.need)
        while len(bodies) > together:
            bodies.pop(self.random(len(bodies)))
        inner = max(1, workers // together)
        return [step for body in bodies for step in self.moment(body, inner)]


@pytest.mark.parametrize("lowering", Lowering)
@profile(deadline=None)
@given(text=flows(), workers=st.integers(4, 12), random=st.randoms(use_true_random=False))
def test_no_moment_of_a_run_exceeds_the_certificate(
    lowering: Lowering, text: str, workers: int, random: Random
) -> None:
    settings = Settings(max_workers=workers)
    subject = program(text, settings)
    bound = certify(subject, settings, lowering=lowering)
    simulator = _Simulator(subject, settings, lowering, random.randrange)
    for _ in range(20):
        steps = simulator.moment(subject.body, workers)
        random.shuffle(steps)
        running = [subject.graph.steps[name].spec.resources for name in steps[:workers]]
        assert len(running) <= bound.peak_tasks
        assert lowering is STATIC or len(steps) <= workers
        assert sum(r.memory_mb for r in running) <= bound.peak_memory_mb
        assert sum(r.gpu for r in running) <= bound.peak_gpu
        assert sum(r.cpu_millis for r in running) <= bound.peak_cpu_millis
