"""The verifier finds what is broken: each test breaks one thing of a sound program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowc.ir.graph import Finish, Goto, successors
from flowc.ir.region import (
    Again,
    Block,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
    inside_out,
)
from flowc.ir.verify import InvalidProgram, verify_graph, verify_program
from flowc.records import replace
from flowc.source import Located
from tests.graphs import flow, program
from tests.strategies import flows

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.program import Program
    from flowc.ir.region import Region


def rebuilt(block: Block, change: Callable[[Block], tuple[Region, ...]]) -> Block:
    """The block with `change` applied to it and to every block inside it."""
    done: dict[Block, Block] = {}
    for inner in inside_out(block):
        regions = tuple(_with_blocks(region, done) for region in change(inner))
        done[inner] = Block(regions)
    return done[block]


def _with_blocks(region: Region, done: dict[Block, Block]) -> Region:
    match region:
        case ForkRegion(arms=arms):
            return replace(region, arms=tuple(done[arm] for arm in arms))
        case ForeachRegion(body=body) | GangRegion(body=body) | LoopRegion(body=body):
            return replace(region, body=done[body])
        case SwitchRegion(arms=switch_arms):
            return replace(region, arms=tuple(replace(arm, block=done[arm.block]) for arm in switch_arms))
        case Run() | Again() | Leave():
            return region


def broken(made: Program, change: Callable[[Region], Region | None], words: str) -> None:
    """Changing (None: dropping) regions of a sound program is found, and said in these words."""
    verify_program(made)

    def changed(block: Block) -> tuple[Region, ...]:
        return tuple(new for region in block.items if (new := change(region)) is not None)

    with pytest.raises(InvalidProgram, match=words):
        verify_program(replace(made, body=rebuilt(made.body, changed)))


DIAMOND = "start -> a | b; a -> m; b -> m; m -> end"
LOOP = "start -> h; h -> t; t -> h | x | y; x -> end; y -> end"
FORK = "start -> a, b; a -> j; b -> j; join j -> end"


def test_a_step_without_a_region() -> None:
    broken(program(DIAMOND), lambda r: None if r == Run("m") else r, "m does not follow its region")
    broken(
        program("start -> a; a -> end"),
        lambda r: None if r == Run("a") else r,
        "start leads to end, not to a",
    )


def test_a_step_in_two_regions() -> None:
    broken(program(FORK), lambda r: Run("a") if r == Run("b") else r, "two regions|two ways")


def test_arms_of_a_fork_in_another_order() -> None:
    broken(
        program(FORK),
        lambda r: replace(r, arms=r.arms[::-1]) if isinstance(r, ForkRegion) else r,
        "start splits to",
    )


def test_a_split_without_its_join() -> None:
    broken(program(FORK), lambda r: None if r == Run("j") else r, "follows a split that ends in j")


def test_a_key_that_is_not_the_splits() -> None:
    broken(
        program(FORK),
        lambda r: replace(r, key="a+c") if isinstance(r, ForkRegion) else r,
        "has the key a\\+c",
    )


def test_a_way_into_the_merge_that_is_missing() -> None:
    broken(
        program(DIAMOND),
        lambda r: replace(r, merge_preds=r.merge_preds[:1]) if isinstance(r, SwitchRegion) else r,
        "does not lead to m",
    )


def test_an_arm_that_is_entered_before_its_source_stands() -> None:
    text = "start -> a | b; a -> c | m; b -> c; c -> m; m -> end"
    broken(
        program(text),
        lambda r: replace(r, arms=r.arms[::-1]) if isinstance(r, SwitchRegion) else r,
        "leads on before it stands",
    )


def test_a_choice_without_a_region() -> None:
    broken(
        program(DIAMOND), lambda r: None if isinstance(r, SwitchRegion) else r, "chooses outside of a region"
    )


def test_a_tail_of_another_loop() -> None:
    broken(
        program(LOOP), lambda r: Again("x") if isinstance(r, Again) else r, "tail of x outside of its loop"
    )


def test_an_exit_by_another_key() -> None:
    broken(
        program(LOOP), lambda r: Leave("h", "y") if r == Leave("h", "x") else r, "leaves h by y to come to x"
    )


def test_a_loop_that_begins_elsewhere() -> None:
    broken(
        program(LOOP),
        lambda r: replace(r, head="t") if isinstance(r, LoopRegion) else r,
        "outside of its loop|begins elsewhere",
    )


def test_wiring_that_tells_nobody() -> None:
    made = program(DIAMOND)
    wiring = {name: replace(each, tells="") for name, each in made.wiring.items()}
    with pytest.raises(InvalidProgram, match="m is told in vain"):
        verify_program(replace(made, wiring=wiring))


def test_wiring_at_another_depth() -> None:
    made = program("start -> foreach a; a -> j; join j -> end")
    wiring = {**made.wiring, "a": replace(made.wiring["a"], depth=0)}
    with pytest.raises(InvalidProgram, match="a is wired at depth 0"):
        verify_program(replace(made, wiring=wiring))


def test_a_transition_to_no_step() -> None:
    graph = flow("start -> a; a -> end")
    steps = {name: step for name, step in graph.steps.items() if name != "a"}
    with pytest.raises(InvalidProgram, match="goes to a, which is no step"):
        verify_graph(replace(graph, steps=steps))


def test_a_last_step_that_goes_on() -> None:
    with pytest.raises(InvalidProgram, match="end has a transition"):
        verify_graph(flow("start -> end; end -> start"))


@given(flows(), st.data())
def test_no_region_can_be_dropped(text: str, data: st.DataObject) -> None:
    made = program(text)
    regions = [region for block in inside_out(made.body) for region in block.items]
    dropped = data.draw(st.sampled_from(range(len(regions))))
    victim = regions[dropped]
    assume(len(regions) > 1)
    body = rebuilt(made.body, lambda block: tuple(r for r in block.items if r is not victim))
    with pytest.raises(InvalidProgram):
        verify_program(replace(made, body=body))


@given(flows(), st.data())
def test_no_transition_can_be_turned(text: str, data: st.DataObject) -> None:
    made = program(text)
    steps = made.graph.steps
    name = data.draw(st.sampled_from([n for n, s in steps.items() if not isinstance(s.transition, Finish)]))
    other = data.draw(st.sampled_from(list(steps)))
    transition = Goto(Located(other, steps[other].span))
    assume(successors(transition) != successors(steps[name].transition))
    turned = {**steps, name: replace(steps[name], transition=transition)}
    with pytest.raises(InvalidProgram):
        verify_program(replace(made, graph=replace(made.graph, steps=turned)))
