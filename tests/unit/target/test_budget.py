"""Worker budgets: the rule's own examples, and that no shares ever add up to more than the run may use."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.ir.program import Fanouts
from flowc.ir.region import (
    Block,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    LoopRegion,
    Run,
    first_step,
    inner_blocks,
)
from flowc.target.budget import ALL, Budget, bodies_at_once, budgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.ir.region import Region


def parse(text: str) -> tuple[Block, dict[tuple[str, str], Fanouts]]:
    """Regions written as `run`, `fork(… | …)`, `each(…)`, `each5(…)`, `each5<2(…)` and `gang4(…)`.

    The number is the static length, `<2` the foreach's own limit of workers; blocks are words in sequence.
    """
    words = iter(text.replace("(", " ( ").replace(")", " ) ").replace("|", " | ").split())
    names = map("s{}".format, itertools.count())
    fanouts: dict[tuple[str, str], Fanouts] = {}
    blocks, _ = _parse_blocks(words, names, fanouts)
    return blocks[0], fanouts


def _parse_blocks(
    words: Iterator[str], names: Iterator[str], fanouts: dict[tuple[str, str], Fanouts]
) -> tuple[list[Block], str]:
    blocks = []
    items: list[Region] = [Run(next(names))]
    for word in words:
        if word in ")|":
            blocks.append(Block(tuple(items)))
            items = [Run(next(names))]
            if word == ")":
                return blocks, word
        elif word == "run":
            items.append(Run(next(names)))
        else:
            next(words)
            inner, _ = _parse_blocks(words, names, fanouts)
            kind, size = word[:4], word[4:]
            assert isinstance(items[-1], Run)
            head, join, key = items[-1].step, next(names), f"{kind}:{first_step(inner[0])}"
            region: ForkRegion | ForeachRegion | GangRegion
            if kind == "fork":
                region = ForkRegion(head, tuple(inner), join, key)
            else:
                region = (ForeachRegion if kind == "each" else GangRegion)(head, inner[0], join, key)
                length, _, limit = size.partition("<")
                fanouts[head, key] = Fanouts(
                    int(length) if length else None, 100, int(limit) if limit else None
                )
            items += [region, Run(join)]
    return [*blocks, Block(tuple(items))], ""


def check(text: str, max_workers: int, *, static: bool = False) -> list[str]:
    """Every budget as `workers→at_once×inner need`, outermost first."""
    body, fanouts = parse(text)
    shown = budgets(body, fanouts, max_workers, static=static).values()
    return [
        f"{b.workers}→{b.at_once}×{b.inner} {b.need or 'all'}{' together' * b.side_by_side}" for b in shown
    ]


@pytest.mark.parametrize(
    ("text", "workers", "dynamic", "static"),
    [
        ("each5( )", 16, ["16→5×3 1"], ["16→5×3 1"]),
        ("each( )", 16, ["16→16×1 1"], ["16→16×1 1"]),
        ("each<3( )", 16, ["16→3×5 1"], ["16→3×5 1"]),
        ("each( each( ) )", 16, ["16→16×1 1", "1→16×1 1"], ["16→4×4 1", "4→4×1 1"]),
        ("each3( each( ) )", 6, ["6→3×2 1", "2→2×1 1"], ["6→3×2 1", "2→2×1 1"]),
        ("fork( | | )", 16, ["16→3×5 1 together"], ["16→3×5 1 together"]),
        ("fork( | | )", 2, ["2→2×1 1"], ["2→2×1 1"]),
        ("gang4( )", 16, ["16→4×4 4"], ["16→4×4 4"]),
        ("gang( )", 16, ["16→16×1 all"], ["16→16×1 all"]),
        ("each( gang4( ) )", 16, ["16→4×4 4", "4→4×1 4"], ["16→4×4 4", "4→4×1 4"]),
        ("each( gang( ) )", 16, ["16→1×16 all", "16→16×1 all"], ["16→1×16 all", "16→16×1 all"]),
        ("fork( gang( ) | )", 16, ["16→1×16 all", "16→16×1 all"], ["16→1×16 all", "16→16×1 all"]),
        ("fork( gang9( ) | )", 16, ["16→1×16 9", "16→9×1 9"], ["16→1×16 9", "16→9×1 9"]),
        ("fork( gang8( ) | )", 16, ["16→2×8 8 together", "8→8×1 8"], ["16→2×8 8 together", "8→8×1 8"]),
    ],
)
def test_rule(text: str, workers: int, dynamic: list[str], static: list[str]) -> None:
    assert check(text, workers) == dynamic
    assert check(text, workers, static=True) == static


def test_a_larger_share_may_hand_on_a_smaller_one() -> None:
    # The inner foreach receives 6 or 5 (16 over 2 or 3 bodies …): out of 5, one gang of 3 gets
    # all of it; out of 6, two gangs get 3 each. The smallest is not that of the smallest.
    body, fanouts = parse("each<3( each( gang3( ) ) )")
    gang = list(budgets(body, fanouts, 16, static=False).values())[-1]
    assert gang.workers == 3


def test_depth_is_no_limit() -> None:
    block = Block((Run("leaf"),))
    for level in range(5_000):
        block = Block(
            (Run(f"s{level}"), ForeachRegion(f"s{level}", block, f"j{level}", "foreach:s"), Run(f"j{level}"))
        )
    assert len(budgets(block, {}, 16, static=True)) == 5_000


def test_loops_and_sequences_keep_the_whole() -> None:
    inner, fanouts = parse("each2( ) run each2( )")
    body = Block((LoopRegion("s0", inner, ("x",)),))
    assert {b.workers for b in budgets(body, fanouts, 8, static=False).values()} == {8}


@st.composite
def region_text(draw: st.DrawFn, depth: int = 3) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["run", "fork", "each", "gang"] if depth else ["run"]))
        size = draw(st.sampled_from(["", "2", "3", "5"]))
        limit = draw(st.sampled_from(["", "", "<1", "<2"])) if kind == "each" else ""
        if kind == "run":
            parts.append("run")
        elif kind == "fork":
            arms = draw(st.lists(region_text(depth - 1), min_size=2, max_size=4))
            parts.append(f"fork( {' | '.join(arms)} )")
        else:
            inside = "" if kind == "gang" else draw(region_text(depth - 1))
            parts.append(f"{kind}{size}{limit}( {inside} )")
    return " ".join(parts)


Shares = dict[tuple[str, str], Budget]
Limits = dict[tuple[str, str], Fanouts]


def peak(block: Block, workers: int, shares: Shares, limits: Limits, count: Callable[[int], int]) -> int:
    """The most tasks at once when every split follows the rule, with as many items as `count` says."""
    most = 1
    for region in block.items:
        if not isinstance(region, ForkRegion | ForeachRegion | GangRegion):
            most = max(most, *(peak(b, workers, shares, limits, count) for b in inner_blocks(region)), 1)
            continue
        key = (region.head, region.key)
        share, limit = shares[key], limits.get(key)
        assert workers >= share.workers
        bodies = list(inner_blocks(region))
        if isinstance(region, ForkRegion):
            together = len(bodies) if share.side_by_side else bodies_at_once(len(bodies), workers, share.need)
        else:
            assert limit is not None
            size = limit.length if limit.length is not None else count(workers)
            bodies *= size
            if isinstance(region, GangRegion):
                assert size <= workers, "a gang received less than its size"
                together = size
            else:
                together = bodies_at_once(size, workers, share.need, limit.max_workers)
        inner = max(1, workers // together)
        assert inner >= share.inner
        assert together <= share.at_once
        peaks = sorted((peak(b, inner, shares, limits, count) for b in bodies), reverse=True)
        most = max(most, sum(peaks[:together]))
    return most


def largest_gang(shares: Shares) -> int:
    """The most that any gang needs with everything inside it; sizes that are not static take what there is."""
    return max((s.need for s in shares.values()), default=1)


@settings(deadline=None)
@given(text=region_text(), workers=st.integers(1, 24), data=st.data())
def test_tasks_at_once_never_exceed_the_run(text: str, workers: int, data: st.DataObject) -> None:
    body, limits = parse(text)
    shares = dict(budgets(body, limits, workers, static=False))
    if largest_gang(shares) > workers:
        return  # FC453
    assert peak(body, workers, shares, limits, lambda w: data.draw(st.integers(1, w))) <= workers


def static_total(block: Block, shares: Shares, limits: Limits) -> int:
    """The most tasks at once when every region keeps to its fixed share."""
    most = 1
    for region in block.items:
        inner = [static_total(b, shares, limits) for b in inner_blocks(region)] or [1]
        if isinstance(region, ForkRegion | ForeachRegion | GangRegion):
            share = shares[region.head, region.key]
            assert share.at_once * share.inner <= share.workers
            assert all(total <= share.inner for total in inner)
            bodies = inner if isinstance(region, ForkRegion) else inner * share.at_once
            most = max(most, sum(sorted(bodies, reverse=True)[: share.at_once]))
        else:
            most = max(most, *inner)
    return most


@settings(deadline=None)
@given(text=region_text(), workers=st.integers(1, 24))
def test_static_shares_never_exceed_the_run(text: str, workers: int) -> None:
    body, limits = parse(text)
    shares = dict(budgets(body, limits, workers, static=True))
    if largest_gang(shares) > workers:
        return
    assert static_total(body, shares, limits) <= workers


@given(
    count=st.integers(0, 200),
    workers=st.integers(1, 64),
    need=st.integers(ALL, 80),
    limit=st.none() | st.integers(1, 9),
)
def test_bodies_at_once(count: int, workers: int, need: int, limit: int | None) -> None:
    answer = bodies_at_once(count, workers, need, limit)
    assert 1 <= answer <= workers
    assert need > workers or answer * (need or workers) <= workers
    assert answer <= max(1, count)
    assert answer <= (limit or answer)
