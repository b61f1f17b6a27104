"""The regions of a program, read back as the transitions that they stand for.

Every block and every `Pred` says where a node leads (a `Landing`). Each transition of the graph is
then followed from its step, out of loops by their exits, until it arrives; what is left over
stands for nothing. Only `verify` uses this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.ir.graph import Choose, Foreach, Fork, Gang, Goto, key_of, simple_transitions, targets
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Pred,
    Run,
    SwitchRegion,
    first_step,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.ir.graph import Step
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region

Split = ForkRegion | ForeachRegion | GangRegion


class InvalidProgram(AssertionError):  # noqa: N818 - it names what is wrong, as AssertionError does
    """An invariant of the intermediate representation is broken."""


def must(holds: object, message: str) -> None:
    """Raise InvalidProgram with `message` unless `holds`."""
    if not holds:
        raise InvalidProgram(message)


class Landing(NamedTuple):
    """Where a way leads: to a step, to a tail, to a split, or (all None) to the end of its scope."""

    step: str | None = None
    tail: Again | Leave | None = None
    split: Split | None = None


class _Scope(NamedTuple):
    """What a block is inside of: the join that its end goes to, and the loop its tails are of."""

    join: str | None
    loop: LoopRegion | None
    depth: int
    in_foreach: bool


class Reading:
    """What the regions say: `ways` by their origin, where each step stands, where each loop is."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._graph = program.graph
        self.ways: dict[Pred, Landing] = {}
        self.followed: set[Pred] = set()
        self.depths: dict[str, tuple[int, bool]] = {}
        self._scopes: dict[tuple[str, bool], _Scope] = {}  # of each step, and of each loop (True)
        self._arms: set[str] = set()
        self._pending: list[tuple[Block, _Scope, bool]] = []

    def read(self) -> None:
        """Read every block, outermost first."""
        body = self._program.body
        must(first_step(body) == self._graph.start, f"the flow begins with {body.items[:1]}")
        self._pending.append((body, _Scope(None, None, 0, in_foreach=False), True))
        while self._pending:
            self._read_block(*self._pending.pop())

    def _read_block(self, block: Block, scope: _Scope, ends_scope: bool) -> None:
        must(block.items, f"an empty block in the scope that ends in {scope.join}")
        previous: Region | None = None
        for region in block.items:
            self._read_region(previous, region, scope)
            previous = region
        match previous:
            case Run(step=name) if not self._chooses(name):
                self._ends(Pred(name, None), ends_scope and name != self._graph.end)
            case LoopRegion(head=head, exits=exits) if len(exits) == 1:
                self._ends(Pred(head, None, loop=True), ends_scope)
            case Run() | LoopRegion():
                must(not ends_scope, "a choice that ends its scope has no region")
            case SwitchRegion(merge=merge):
                must(merge is None and ends_scope, f"a region that meets in {merge} is the last of its block")
            case ForkRegion() | ForeachRegion() | GangRegion():
                must(False, f"nothing follows the split in {previous.head}")
            case Again() | Leave() | None:
                pass

    def _ends(self, last: Pred, ends_scope: bool) -> None:
        if ends_scope:
            self._lead(last, Landing())

    def _read_region(self, previous: Region | None, region: Region, scope: _Scope) -> None:
        """Read one region after the one before it in its block (None: it is the first)."""
        match region:
            case Run(step=name):
                self._place(name, scope)
            case ForkRegion() | ForeachRegion() | GangRegion():
                self._read_split(region, scope)
            case LoopRegion():
                self._read_loop(region, scope)
            case SwitchRegion():
                self._read_switch(region, scope)
            case Again(loop=head) | Leave(loop=head):
                must(scope.loop and scope.loop.head == head, f"a tail of {head} outside of its loop")
        match previous:
            case Run(step=name):
                self._follows(Pred(name, None), region)
            case LoopRegion(head=head):
                self._follows(Pred(head, None, loop=True), region)
            case ForkRegion(join=join) | ForeachRegion(join=join) | GangRegion(join=join):
                must(region == Run(join), f"{region} follows a split that ends in {join}")
            case SwitchRegion(merge=merge):
                must(merge is not None and _first(region) == merge, f"{merge} does not follow its region")
            case Again() | Leave():
                must(False, f"{region} follows a tail")
            case None:
                pass

    def _follows(self, before: Pred, region: Region) -> None:
        if isinstance(region, SwitchRegion):
            must(
                (region.head, region.loop) == (before.node, before.loop),
                f"{region.head} is not before its region",
            )
        else:
            must(before.loop or not self._chooses(before.node), f"{before.node} chooses outside of a region")
            self._lead(before, _landing(region))

    def _lead(self, way: Pred, landing: Landing) -> None:
        must(way not in self.ways, f"two ways from {way}")
        self.ways[way] = landing

    def _place(self, name: str, scope: _Scope) -> None:
        must(name in self._graph.steps, f"{name} is no step")
        must(name not in self.depths, f"{name} stands in two regions")
        self.depths[name] = scope.depth, scope.in_foreach
        self._scopes[name, False] = scope

    def _chooses(self, name: str) -> bool:
        return isinstance(self._graph.steps[name].transition, Choose)

    def _read_split(self, region: Split, scope: _Scope) -> None:
        must(self._graph.steps[region.join].is_join, f"{region.join} is no join")
        if isinstance(region, ForkRegion):
            inner = _Scope(region.join, None, scope.depth, scope.in_foreach)
            self._pending += [(arm, inner, True) for arm in region.arms]
        else:
            self._pending.append(
                (region.body, _Scope(region.join, None, scope.depth + 1, in_foreach=True), True)
            )

    def _read_loop(self, region: LoopRegion, scope: _Scope) -> None:
        must(
            region.exits and len(set(region.exits)) == len(region.exits),
            f"{region.head} has exits {region.exits}",
        )
        must(first_step(region.body) == region.head, f"the loop of {region.head} begins elsewhere")
        self._scopes[region.head, True] = scope
        self._pending.append((region.body, _Scope(None, region, scope.depth + 1, scope.in_foreach), True))

    def _read_switch(self, region: SwitchRegion, scope: _Scope) -> None:
        sources = {(region.head, region.loop)}
        for arm in region.arms:
            must(arm.preds and arm.block.items, f"the arm {arm.name} is empty, or nothing leads to it")
            must(arm.name not in self._arms, f"two arms are called {arm.name}")
            must(
                arm.name == (first_step(arm.block) or _name_of(arm.preds[0])), f"an arm is called {arm.name}"
            )
            self._arms.add(arm.name)
            self._enter(arm.preds, sources, _landing(arm.block.items[0]))
            self._pending.append((arm.block, scope, False))
            last = arm.block.items[-1]
            if isinstance(last, Run | LoopRegion):
                sources.add((last.step, False) if isinstance(last, Run) else (last.head, True))
        self._enter(region.merge_preds, sources, Landing(step=region.merge))

    def _enter(self, preds: Iterable[Pred], sources: set[tuple[str, bool]], landing: Landing) -> None:
        for pred in preds:
            must((pred.node, pred.loop) in sources, f"{pred} leads on before it stands")
            self._lead(pred, landing)

    def follow(self, step: Step) -> None:
        """Check that the regions lead where the step's transition says."""
        for key, simple in simple_transitions(step.transition):
            if isinstance(simple, Goto):
                self._arrive(step.name, key, simple.target.value)
            else:
                way = Pred(step.name, key)
                self.followed.add(way)
                region = self.ways.get(way, Landing()).split
                must(region is not None, f"no region for the split {key or ''} of {step.name}")
                if region is not None:
                    self._verify_split(step.name, simple, region)

    def _arrive(self, source: str, key: str | None, target: str) -> None:
        """Follow the way from `source` by `key` to `target`, over the exits of loops."""
        way, scope = Pred(source, key), self._scopes[source, False]
        exit_key = contract.goto_key(target)
        while way not in self.followed:
            self.followed.add(way)
            match self.ways.get(way):
                case None:
                    raise InvalidProgram(f"{way} does not lead to {target}")
                case Landing(tail=Leave(loop=head, key=left)):
                    must(left == exit_key, f"{source} leaves {head} by {left} to come to {target}")
                    several = scope.loop is not None and len(scope.loop.exits) > 1
                    way, scope = (
                        Pred(head, exit_key if several else None, loop=True),
                        self._scopes[head, True],
                    )
                case Landing(tail=Again(loop=head)):
                    must(head == target, f"{source} goes to the next visit of {head}, not to {target}")
                    return
                case Landing(step=None, split=None):
                    must(scope.join == target, f"{source} ends in {scope.join}, not in {target}")
                    return
                case Landing(step=step):
                    must(step == target, f"{source} leads to {step}, not to {target}")
                    return
        # A loop's exit is one way, however many steps of the loop take it.
        must(way.loop, f"two transitions of {source} are one")

    def _verify_split(self, head: str, simple: Fork | Foreach | Gang, region: Split) -> None:
        match region, simple:
            case (ForkRegion(arms=arms), Fork()):
                firsts = [first_step(arm) for arm in arms]
            case (ForeachRegion(body=body), Foreach()) | (GangRegion(body=body), Gang()):
                firsts = [first_step(body)]
            case _:
                raise InvalidProgram(f"{head} splits by {simple}, but stands before {region}")
        must(region.head == head, f"the split of {head} says {region.head}")
        must(region.key == key_of(simple), f"the split of {head} has the key {region.key}")
        must(firsts == [target.value for target in targets(simple)], f"{head} splits to {firsts}")


def _landing(region: Region) -> Landing:
    match region:
        case Run(step=name) | LoopRegion(head=name):
            return Landing(step=name)
        case Again() | Leave():
            return Landing(tail=region)
        case ForkRegion() | ForeachRegion() | GangRegion():
            return Landing(split=region)
        case SwitchRegion(head=head):
            raise InvalidProgram(f"the region of {head} begins its block")


def _first(region: Region) -> str | None:
    return _landing(region).step


def _name_of(pred: Pred) -> str:
    return f"{pred.node}{'~' if pred.loop else ''}:{pred.key}"
