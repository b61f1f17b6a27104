"""The certificate: the most that a run can use at any moment, and the most tasks in all.

Two ways of holding the run's limit give two bounds. Where every region computes its share while
the run goes (`DYNAMIC`), the bound follows the shares: of m bodies at once, each within ⌊w/m⌋, over
every m that can happen. Where the run's tasks are one pool (`STATIC`), the bound is the best
choice of at most W tasks out of those that can run at the same time, a knapsack whose profits are
kept as lists of *gains*: what each further task adds, the greatest first. Side by side, gains
merge; of alternatives (a sequence, a choice), the upper concave hull holds all. Fixed shares only
forbid more.

Invariant: every number is an upper bound of what a run can do whose fan-outs keep their limits.
"""

from __future__ import annotations

from heapq import merge
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING

from flowc.ir.region import (
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Run,
    inner_blocks,
    inside_out,
    outside_in,
)
from flowc.passes.bounds.totals import most_items, total_tasks
from flowc.records import dataclass
from flowc.target.budget import Lowering, shares

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.budget import Share
    from flowc.target.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Upper bounds of one run: at any moment, and (`total_tasks`) in all.

    `total_is_bound`: a run can have fewer tasks in all. `heaviest` names the step whose tasks can
    hold the most memory together, with their number: "fit × 16".
    """

    peak_tasks: int
    peak_cpu_millis: int
    peak_memory_mb: int
    peak_gpu: int
    total_tasks: int
    total_is_bound: bool
    heaviest: str


def certify(program: Program, settings: Settings, *, lowering: Lowering) -> Certificate:
    """The certificate of a program on a target that holds the run's limit in one of the two ways."""
    peaks = _by_shares if lowering is Lowering.DYNAMIC else _by_pool
    tasks, cpu, memory, gpu = peaks(program, settings)
    total, is_bound = total_tasks(program, settings)
    return Certificate(
        peak_tasks=tasks,
        peak_cpu_millis=cpu,
        peak_memory_mb=memory,
        peak_gpu=gpu,
        total_tasks=total,
        total_is_bound=is_bound,
        heaviest=_heaviest(program, settings),
    )


# What tasks use together: tasks, CPU, memory, GPU. Each number is a bound of its own.
Load = tuple[int, int, int, int]
_NOTHING: Load = (0, 0, 0, 0)


def _load(program: Program, step: str) -> Load:
    resources = program.graph.steps[step].spec.resources
    return 1, resources.cpu_millis, resources.memory_mb, resources.gpu


def _most(loads: Iterable[Load]) -> Load:
    tasks, cpu, memory, gpu = _NOTHING
    for load in loads:
        tasks, cpu = max(tasks, load[0]), max(cpu, load[1])
        memory, gpu = max(memory, load[2]), max(gpu, load[3])
    return tasks, cpu, memory, gpu


# --------------------------------------------------------------------------- shares
def _by_shares(program: Program, settings: Settings) -> Load:
    """Follow the rule: a block's load within each number of workers that it can receive."""
    found = shares(program.body, program.fanouts, settings.max_workers, static=False)
    by_key = {share.key: share for share in found}
    received = _received(program.body, by_key, max(1, settings.max_workers))
    loads: dict[Block, dict[int, Load]] = {}
    for block in inside_out(program.body):
        steps = _most(_load(program, region.step) for region in block.items if isinstance(region, Run))
        regions = [region for region in block.items if not isinstance(region, Run)]
        loads[block] = {
            workers: _most([steps, *(_within(region, workers, by_key, loads) for region in regions)])
            for workers in received[block]
        }
    (load,) = loads[program.body].values()
    return load


def _received(
    body: Block, by_key: dict[tuple[str, str], Share], workers: int
) -> dict[Block, Collection[int]]:
    received: dict[Block, Collection[int]] = {body: (workers,)}
    for block in outside_in(body):
        for region in block.items:
            inner = received[block]
            if isinstance(region, ForkRegion | ForeachRegion | GangRegion):
                inner = by_key[region.head, region.key].inner
            received |= dict.fromkeys(inner_blocks(region), inner)
    return received


def _within(
    region: Region, workers: int, by_key: dict[tuple[str, str], Share], loads: dict[Block, dict[int, Load]]
) -> Load:
    inner = inner_blocks(region)
    if not isinstance(region, ForkRegion | ForeachRegion | GangRegion):
        return _most(loads[block][workers] for block in inner)
    found = []
    for count in by_key[region.head, region.key].counts[workers]:
        each = [loads[block][max(1, workers // count)] for block in inner]
        found.append(
            _heaviest_arms(each, count) if isinstance(region, ForkRegion) else _times(each[0], count)
        )
    return _most(found)


def _times(load: Load, count: int) -> Load:
    tasks, cpu, memory, gpu = load
    return count * tasks, count * cpu, count * memory, count * gpu


def _heaviest_arms(loads: Sequence[Load], count: int) -> Load:
    tasks, cpu, memory, gpu = (
        sum(sorted(column, reverse=True)[:count]) for column in zip(*loads, strict=True)
    )
    return tasks, cpu, memory, gpu


# --------------------------------------------------------------------------- one pool
Gains = list[int]


def _by_pool(program: Program, settings: Settings) -> Load:
    """The best choice of at most max-workers tasks that can run at the same time."""
    loads = {step: _load(program, step) for step in program.graph.steps}
    cpu, memory, gpu = (_pool_gains(program, settings, loads, column) for column in (1, 2, 3))
    return len(cpu), sum(cpu), sum(memory), sum(gpu)


def _pool_gains(program: Program, settings: Settings, loads: Mapping[str, Load], column: int) -> Gains:
    """What each task that runs at the same time adds, the greatest first; at most max-workers of them."""
    limit = max(1, settings.max_workers)
    gains: dict[Block, Gains] = {}
    for block in inside_out(program.body):
        steps = [loads[region.step][column] for region in block.items if isinstance(region, Run)]
        choices = [[max(steps)]] if steps else []
        for region in block.items:
            inner = [gains.pop(below) for below in inner_blocks(region)]
            if isinstance(region, ForkRegion):
                choices.append(_side_by_side(inner, limit))
            elif isinstance(region, ForeachRegion | GangRegion):
                choices.append(_repeated(inner[0], _at_once(region, program, settings, limit), limit))
            else:
                choices += inner
        gains[block] = _alternatives(choices)
    return gains[program.body]


def _at_once(region: ForeachRegion | GangRegion, program: Program, settings: Settings, limit: int) -> int:
    items, _ = most_items(region, program, settings)
    fanout = program.fanouts.get((region.head, region.key))
    own = fanout.max_workers if fanout is not None else None
    return min(items, own or items, limit)


def _side_by_side(gains: Sequence[Gains], limit: int) -> Gains:
    return list(islice(merge(*gains, reverse=True), limit))


def _repeated(gains: Gains, count: int, limit: int) -> Gains:
    needed = gains[: -(-limit // count)]
    return [gain for gain in needed for _ in range(count)][:limit]


def _alternatives(choices: Sequence[Gains]) -> Gains:
    """The smallest concave gains that are at least each choice, for any number of tasks."""
    distinct = list(dict.fromkeys(map(tuple, choices)))
    if len(distinct) <= 1:
        return list(distinct[0]) if distinct else []
    best = [0] * (max(map(len, distinct)) + 1)
    for gains in distinct:
        for tasks, total in enumerate(accumulate(gains), 1):
            best[tasks] = max(best[tasks], total)
    return _hull_gains(list(accumulate(best, max)))


def _hull_gains(best: Sequence[int]) -> Gains:
    """The gains of the upper concave hull of `best[tasks]`, rounded up, the greatest first."""
    hull: list[int] = []
    for tasks, total in enumerate(best):
        while len(hull) > 1:
            first, middle = hull[-2], hull[-1]
            rise = (best[middle] - best[first]) * (tasks - first)
            if rise > (total - best[first]) * (middle - first):
                break
            hull.pop()
        hull.append(tasks)
    gains: Gains = []
    for left, right in pairwise(hull):
        share, rest = divmod(best[right] - best[left], right - left)
        gains += [share + 1] * rest + [share] * (right - left - rest)
    return sorted(gains, reverse=True)  # rounded up, a flatter part may begin above the end of a steeper one


# --------------------------------------------------------------------------- the heaviest step
def _heaviest(program: Program, settings: Settings) -> str:
    """The step whose tasks at once can hold the most memory, with their number."""
    limit = max(1, settings.max_workers)
    copies: dict[Block, int] = {program.body: 1}
    best = (-1, -1, "")
    for block in outside_in(program.body):
        for region in block.items:
            many = copies[block]
            if isinstance(region, Run):
                _, cpu, memory, _ = _load(program, region.step)
                shown = region.step if many == 1 else f"{region.step} × {many}"
                best = max(best, (memory * many, cpu * many, shown), key=lambda found: found[:2])
            elif isinstance(region, ForeachRegion | GangRegion):
                many = min(limit, many * _at_once(region, program, settings, limit))
            copies |= dict.fromkeys(inner_blocks(region), many)
    return best[2]
