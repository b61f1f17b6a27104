"""Where states lead: the name of the state with which a block, or what follows in one, begins.

Invariant: the name follows from a block's first region alone, so that it is known before the block
is lowered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
)

if TYPE_CHECKING:
    from flowc.backends.stepfunctions.names import StateNames
    from flowc.ir.region import Block, Pred


class Ways:
    """`edges` are the ways out of choices, `leaves` those out of loops, as far as blocks were begun."""

    def __init__(self, names: StateNames) -> None:
        self._names = names
        self.edges: dict[Pred, str | None] = {}
        self.leaves: dict[tuple[str, str], str | None] = {}

    def entry(self, block: Block, index: int, after: str | None) -> str | None:
        """The state with which item `index` of a block begins; `after` where the block has ended."""
        if index >= len(block.items):
            return after
        match block.items[index]:
            case Run(step=step):
                return self._names.step(step)
            case LoopRegion(head=head):
                return self._names.beside(head, "loop")
            case ForkRegion(head=head, key=key):
                return self._names.beside(head, "fork", key)
            case ForeachRegion(head=head, key=key) | GangRegion(head=head, key=key):
                return self._names.beside(head, "guard", key)
            case Again(loop=loop):
                return self._names.beside(loop, "again")
            case Leave(loop=loop, key=key):
                return self.leaves[loop, key]
            case SwitchRegion():
                raise AssertionError("a choice begins with what chooses")

    def first(self, block: Block) -> str:
        """The state with which a block begins that is not empty."""
        first = self.entry(block, 0, None)
        if first is None:
            raise AssertionError("a scope has a first step")
        return first

    def after(self, pred: Pred, block: Block, index: int, after: str | None) -> str | None:
        """What follows the node `pred` at `index` of a block."""
        following = index + 1
        if following < len(block.items) and not isinstance(block.items[following], SwitchRegion):
            return self.entry(block, following, after)
        return self.edges.get(pred, after)

    def place_arms(self, block: Block, after: str | None) -> None:
        """Note where each way out of the choices of a block leads."""
        for index, region in enumerate(block.items):
            if isinstance(region, SwitchRegion):
                for arm in region.arms:
                    self.edges.update(dict.fromkeys(arm.preds, self.entry(arm.block, 0, after)))
                meeting = self.entry(block, index + 1, after)
                self.edges.update(dict.fromkeys(region.merge_preds, meeting))
