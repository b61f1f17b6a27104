"""The flow as nested regions: the shape that engines can express.

A `Block` is a sequence. Every step stands in exactly one `Run`, in the block where it runs. What
begins after a step (its `head`) comes right after that step's `Run` in the same block, and a
`join` follows its region as a `Run`:

    [Run(start), ForkRegion(head=start, arms=([Run(a)], [Run(b)]), join=j), Run(j), Run(end)]

**Levels.** A foreach's or gang's body and a loop's body add a level to the path of the tasks in
them (see `contract`); a fork's arm and a switch's arm add none. These bodies, a fork's arms and
the whole flow are *scopes*; a switch's arms belong to the scope around them.

**Choices.** A node of a scope is a step or a whole loop. A step with a `Choose` and a loop with
several exits choose among keys: the arm's `key` of `graph.Arm`, the exit's key of `LoopRegion`. A
`SwitchRegion` holds all nodes between a choice and the node where every way from it meets again.
Its arms are a small acyclic graph of blocks, since arms may share steps; an arm's `preds` say from
where it is entered. An arm's block goes on as long as nothing else can enter; a choice inside
it that has a meeting point of its own is a `SwitchRegion` of its own, inside the arm. Every other
choice inside ends its arm's block (with its `Run` or `LoopRegion`), and the arms it leads to
stand beside it in the same region. So in `s -> a | b; a -> c | d; b -> c; c -> m; d -> m`:

    SwitchRegion(head=s, merge=m,
        arms=(a: preds=[s by a]          [Run(a)],
              b: preds=[s by b]          [Run(b)],
              c: preds=[a by c, b]       [Run(c)],
              d: preds=[a by d]          [Run(d)]),
        merge_preds=[c, d])

Each key of each choice of a region is one `Pred`, of an arm or of `merge_preds`. An arm that
would be empty does not exist: a way straight to the meeting point is one of `merge_preds`.

**Ends of blocks.** A block of a scope ends with the last step, with `Again` or `Leave` (loop
bodies), or where it goes to the join (fork arms, bodies of a foreach or gang). `ends(block)`
gives the nodes that come last there. A `SwitchRegion` with `merge=None` is the last of its
scope's block: its arms end by `Again`, by `Leave`, or in the join, and its `merge_preds` are the
ways to the join.

**Loops.** `Again` and `Leave` stand only at the end of a block in the loop's own scope: leaving
two loops at once is a `Leave` of the inner one, then, in the outer body, a `Leave` by the same
key; going on with the outer loop from the inner one is a `Leave` by the outer head's key, then
`Again`. What follows a loop in its block is chosen by its exit as if the loop were a step that
chose: with one exit nothing is chosen, with several a `SwitchRegion` with `loop=True` follows.
An exit is always a choice of a step, so the key travels as that step's `next`.

Nesting may be thousands deep: walk with `inner_blocks`, `outside_in`, `inside_out`, never by
recursion. Blocks compare by identity, so that a block is a cheap key of a dictionary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Run:
    """One step's task."""

    step: str


@dataclass(frozen=True, slots=True)
class ForkRegion:
    """Blocks side by side between the step `head` and the step `join`, in the order of the transition.

    `key` is the split's key in `contract` ("a+b"), also where `head` does not choose.
    """

    head: str
    arms: tuple[Block, ...]
    join: str
    key: str


@dataclass(frozen=True, slots=True)
class ForeachRegion:
    """The block `body` once for each item of `head`'s split, then `join`. `key` is "foreach:a"."""

    head: str
    body: Block
    join: str
    key: str


@dataclass(frozen=True, slots=True)
class GangRegion:
    """The block `body`, a single step, N times at once, then `join`. `key` is "gang:a"."""

    head: str
    body: Block
    join: str
    key: str


@dataclass(frozen=True, slots=True)
class Pred:
    """A way into an arm or out of a block: from `node`, unconditionally or by a key it chose.

    `node` is a step; with `loop` it is the loop with that head, and `key` the exit taken (None
    where the loop has only one).
    """

    node: str
    key: str | None
    loop: bool = False


@dataclass(frozen=True, slots=True)
class SwitchArm:
    """A block of a choice, never empty.

    `name` is unique in the flow: the arm's first step, or `node:key` where the block begins with
    a region whose head is the choosing step (an arm that splits), with `Again` or `Leave`;
    `loop~:key` where a loop's exit chose those.
    """

    name: str
    preds: tuple[Pred, ...]
    block: Block


@dataclass(frozen=True, slots=True)
class SwitchRegion:
    """All that lies between a choice and the step where its arms meet again.

    `arms` are in topological order. `merge` is the first step of what follows in the same block
    (a `Run`, or a `LoopRegion` with that head); None where the arms end with the block.
    `merge_preds` are the ways into `merge`, or, where it is None, to the end of the block.
    """

    head: str
    arms: tuple[SwitchArm, ...]
    merge: str | None
    merge_preds: tuple[Pred, ...] = ()
    loop: bool = False  # `head` names a loop, whose exit chooses


@dataclass(frozen=True, slots=True)
class LoopRegion:
    """`body` again and again until a tail leaves. `head` is the first step.

    `exits` are the keys of its `Leave`s: `contract.goto_key` of the step each goes to.
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

    The key is that of the step it goes to in the end, which may be the head of an outer loop or
    the join after the region around the loop.
    """

    loop: str
    key: str


Region: TypeAlias = Run | ForkRegion | ForeachRegion | GangRegion | SwitchRegion | LoopRegion | Again | Leave


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block:
    """Regions in sequence. Two blocks are equal when they are the same object."""

    items: tuple[Region, ...]


def inner_blocks(region: Region) -> tuple[Block, ...]:
    """The blocks directly inside a region, in order."""
    match region:
        case Run() | Again() | Leave():
            return ()
        case ForkRegion(arms=arms):
            return arms
        case SwitchRegion(arms=switch_arms):
            return tuple(arm.block for arm in switch_arms)
        case ForeachRegion(body=body) | GangRegion(body=body) | LoopRegion(body=body):
            return (body,)


def outside_in(block: Block) -> Iterator[Block]:
    """`block` and every block inside it, each before those in it, in source order."""
    pending = [block]
    while pending:
        current = pending.pop()
        yield current
        inner = [below for region in current.items for below in inner_blocks(region)]
        pending.extend(reversed(inner))


def inside_out(block: Block) -> Iterator[Block]:
    """Every block inside `block`, each after those in it, and `block` last: for sums from below."""
    return reversed(list(outside_in(block)))


def first_step(block: Block) -> str | None:
    """The step that a block begins with; None where it begins with a tail or a split of an earlier step."""
    match block.items[0] if block.items else None:
        case Run(step=step):
            return step
        case LoopRegion(head=head):
            return head
        case _:
            return None


def ends(block: Block) -> tuple[Pred, ...]:
    """The ways in which a scope's block comes to its end (the join); empty where every tail is of a loop."""
    match block.items[-1]:
        case Run(step=step):
            return (Pred(step, None),)
        case LoopRegion(head=head):
            return (Pred(head, None, loop=True),)
        case SwitchRegion(merge_preds=preds):
            return preds
        case ForkRegion() | ForeachRegion() | GangRegion() | Again() | Leave():
            return ()
