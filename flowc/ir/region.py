"""The flow as nested regions: the shape that engines can express.

A `Block` is a sequence. Every step stands in exactly one `Run`, in the block where it runs; a
region that begins after a step (`head`) follows that step's `Run` (or the region whose exit
chose it) in the same block, and a `join` follows its region as a `Run`:

    [Run(start), ForkRegion(head=start, arms=([Run(a)], [Run(b)]), join=j), Run(j), Run(end)]

A choice is a small acyclic graph of blocks, since arms may share steps: an arm's `preds` say from
where it is entered. A loop's body is a block whose tails are `Again` and `Leave`; what follows
the loop in the outer block is chosen by its exit exactly as if the loop were a step that chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Run:
    """One step's task."""

    step: str


@dataclass(frozen=True, slots=True)
class ForkRegion:
    """Blocks side by side between the step `head` and the step `join`, in the order of the transition."""

    head: str
    arms: tuple[Block, ...]
    join: str


@dataclass(frozen=True, slots=True)
class ForeachRegion:
    """The block `body` once for each item of `head`'s split, then `join`."""

    head: str
    body: Block
    join: str


@dataclass(frozen=True, slots=True)
class GangRegion:
    """The block `body` N times at once, then `join`."""

    head: str
    body: Block
    join: str


@dataclass(frozen=True, slots=True)
class Pred:
    """A way into an arm: from `node`, a step or the head of a loop, unconditionally or by an arm's key."""

    node: str
    key: str | None
    loop: bool = False  # `node` names a loop, whose exit chose `key`


@dataclass(frozen=True, slots=True)
class SwitchArm:
    """A block of a choice. `name` is unique in the flow: its first step, or `head:key` without one.

    The block may begin with a region whose head is the choosing step (an arm that splits), with
    `Again` or `Leave`, or be empty (an arm that goes straight to the merge point or the join).
    """

    name: str
    preds: tuple[Pred, ...]
    block: Block


@dataclass(frozen=True, slots=True)
class SwitchRegion:
    """All that lies between a choice and the step where its arms meet again.

    `arms` are in topological order. `merge` is the step that follows in the same block, entered by
    `merge_preds`; None where the arms end with the block (at a join, or by leaving a loop).
    """

    head: str
    arms: tuple[SwitchArm, ...]
    merge: str | None
    merge_preds: tuple[Pred, ...] = ()
    loop: bool = False  # `head` names a loop, whose exit chooses


@dataclass(frozen=True, slots=True)
class LoopRegion:
    """`body` again and again until a tail leaves. `head` is the first step; `exits` the keys of `Leave`.

    With one exit the outer block goes on with that step; with more, a `SwitchRegion` with
    `loop=True` follows.
    """

    head: str
    body: Block
    exits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """The tail of a loop's body: one more visit of the loop with head `loop`."""

    loop: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The tail of a loop's body: out of the innermost loop, which has head `loop`, by `key`.

    `key` is the name of the step it goes to (which may be the head of an outer loop).
    """

    loop: str
    key: str


Region: TypeAlias = Run | ForkRegion | ForeachRegion | GangRegion | SwitchRegion | LoopRegion | Again | Leave


@dataclass(frozen=True, slots=True)
class Block:
    """Regions in sequence."""

    items: tuple[Region, ...]
