"""Regions to states.

Blocks are lowered from the outside in, with a list of what is still to do instead of recursion,
since regions may nest thousands deep: whoever leads to a block can name its state before the block
is lowered (see `ways`).

- A step is a job. Where it splits or chooses, a read of its control object follows, then a guard:
  a Choice that ends the run by name (`Flowc.TooManySplits`) where the engine could not tell.
- A switch's arms are states of the scope around them; arms that meet lead to one state. A loop is
  states too: its back edges pass a Choice on the number of the visit.
- A fork is a Parallel, or, where its arms do not fit the workers, a Map over their numbers with a
  Choice inside. A foreach or gang is a Map.

Invariant: a variable that a scope assigns is named anew by its number, so that no scope assigns a
name of one around it; a distributed body reads nothing but what its Map hands to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions import expressions, guards, states
from flowc.backends.stepfunctions.expressions import evaluated, joined, quoted
from flowc.backends.stepfunctions.scope import Scope, deeper, fitting, reads_width
from flowc.backends.stepfunctions.ways import Ways
from flowc.ir.graph import Choose
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
)
from flowc.records import replace

if TYPE_CHECKING:
    from flowc.backends.stepfunctions.expressions import Width
    from flowc.backends.stepfunctions.manifest import Assign, Branch, Rule, State, States
    from flowc.backends.stepfunctions.scope import Inputs
    from flowc.ir.region import Block
    from flowc.target.budget import Budget


def lower(inputs: Inputs, scope: Scope) -> str:
    """Put the whole flow's states into `scope`; the name of the first."""
    return _Lowering(inputs).lower(inputs.program.body, scope)


class _Lowering:
    """The blocks still to lower, and the numbers of the scopes made."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._names = inputs.names
        self._ways = Ways(inputs.names)
        self._numbers = 0
        self._pending: list[tuple[Block, int, Scope, str | None]] = []
        self._hands_on = reads_width(inputs)

    def lower(self, body: Block, scope: Scope) -> str:
        first = self._ways.first(body)
        self._pending.append((body, 0, scope, None))
        while self._pending:
            self._block(*self._pending.pop())
        return first

    # ------------------------------------------------------------------------------------ blocks
    def _block(self, block: Block, start: int, scope: Scope, after: str | None) -> None:
        """Lower a block from item `start` up to a region whose states belong between its own."""
        if start == 0:
            self._ways.place_arms(block, after)
        for index in range(start, len(block.items)):
            region = block.items[index]
            match region:
                case Run(step=step):
                    self._run(step, scope, self._ways.after(Pred(step, None), block, index, after))
                case LoopRegion():
                    for key in region.exits:
                        way = Pred(region.head, key, loop=True)
                        self._ways.leaves[region.head, key] = self._ways.after(way, block, index, after)
                    self._pending.append((block, index + 1, scope, after))
                    self._pending.append((region.body, 0, self._loop(region, scope), None))
                    return
                case SwitchRegion(arms=arms):
                    self._pending.append((block, index + 1, scope, after))
                    self._pending.extend((arm.block, 0, scope, after) for arm in reversed(arms))
                    return
                case ForkRegion():
                    self._fork(region, scope, self._ways.entry(block, index + 1, after))
                case ForeachRegion() | GangRegion():
                    self._foreach(region, scope, self._ways.entry(block, index + 1, after))
                case Again() | Leave():
                    pass  # a name of another region's state

    def _run(self, name: str, scope: Scope, following: str | None) -> None:
        """A step's job; the read and the Choice where the step decides what comes next."""
        if not guards.followed_by_guard(self._inputs.program, name):
            scope.states.update(self._inputs.jobs(name, scope.names, following))
            return
        control = self._names.beside(name, "control")
        scope.states.update(self._inputs.jobs(name, scope.names, control))
        transition = self._inputs.program.graph.steps[name].transition
        if isinstance(transition, Choose):
            following = self._names.beside(name, "choice")
        flow = self._inputs.program.graph.name
        key = states.control_key(flow, scope.names, name, contract.CONTROL_OBJECT)
        partition = self._inputs.settings.stepfunctions.partition
        scope.states[control] = states.read_object(partition, key, scope.names.control, following)
        if isinstance(transition, Choose):
            self._choice(name, [arm.key for arm in transition.arms], scope)

    def _choice(self, step: str, keys: list[str], scope: Scope) -> None:
        taken = f"${scope.names.control}.next"
        rules: list[Rule] = [
            {
                "Condition": evaluated(f"{taken} = {quoted(key)}"),
                "Next": self._named(self._ways.edges[Pred(step, key)], step, scope),
            }
            for key in keys
        ]
        unknown = self._names.beside(step, "unknown")
        scope.states[self._names.beside(step, "choice")] = states.choice(rules, unknown)
        said = quoted(f"step `{contract.escape_name(step)}` chose no branch of its switch")
        scope.states[unknown] = states.fail("BadSwitch", guards.told(scope, said))

    def _named(self, state: str | None, step: str, scope: Scope) -> str:
        """A Choice of `step` cannot end its scope itself: it leads to a state that does."""
        if state is not None:
            return state
        end = self._names.beside(step, "end")
        scope.states[end] = {"Type": "Succeed", "Output": {}}
        return end

    # ------------------------------------------------------------------------------------- loops
    def _loop(self, region: LoopRegion, scope: Scope) -> Scope:
        """The first visit and the way back; the scope of the loop's body."""
        number = self._number()
        visit, path, outer = f"visit{number}", f"path{number}", f"${scope.names.path}"
        first = self._ways.first(region.body)
        enter: Assign = {visit: 0, path: evaluated(joined(outer, quoted("~0")))}
        scope.states[self._names.beside(region.head, "loop")] = states.assign(enter, first)
        limit = self._inputs.settings.max_visits
        visited = f"${visit} + 1"
        again: Rule = {
            "Condition": evaluated(f"{visited} < {limit}"),
            "Assign": {
                visit: evaluated(visited),
                path: evaluated(joined(outer, quoted("~"), f"$string({visited})")),
            },
            "Next": first,
        }
        stop = self._names.beside(region.head, "too_many_visits")
        scope.states[self._names.beside(region.head, "again")] = states.choice([again], stop)
        said = f"the loop of step `{contract.escape_name(region.head)}` was visited {limit} times; that is the limit (max-visits)"
        # A switch of this scope led here: what it read, the task's own words among it, is still known.
        scope.states[stop] = states.fail("TooManyVisits", guards.told(scope, quoted(said)))
        return replace(scope, names=replace(scope.names, path=path))

    # ------------------------------------------------------------------------------------- forks
    def _fork(self, region: ForkRegion, scope: Scope, following: str | None) -> None:
        budget = self._inputs.budgets[region.head, region.key]
        name = self._names.beside(region.head, "fork", region.key)
        if budget.side_by_side:
            inner = expressions.part(scope.width, len(region.arms))
            branches = [self._branch(arm, scope, inner) for arm in region.arms]
            scope.states[name] = states.parallel(branches, following)
        else:
            scope.states[name] = states.then(self._arms_in_turn(region, scope, budget), following)

    def _branch(self, arm: Block, scope: Scope, width: Width) -> Branch:
        inner = Scope(states={}, names=deeper(scope.names), width=width)
        first = self._ways.first(arm)
        self._pending.append((arm, 0, inner, None))
        return {"StartAt": first, "States": inner.states}

    def _arms_in_turn(self, region: ForkRegion, scope: Scope, budget: Budget) -> State:
        """A Map over the arms' numbers, as many at once as the workers allow."""
        count = len(region.arms)
        at_once = expressions.least(count, *fitting(scope.width, budget.need))
        share = expressions.divided(scope.width, at_once)
        width, enter = self._handed_width(share)
        inner = Scope(states={}, names=deeper(scope.names), width=width)
        firsts = [self._ways.first(arm) for arm in region.arms]
        rules: list[Rule] = [
            {"Condition": evaluated(f"$states.input.arm = {number}"), **_assigning(enter), "Next": first}
            for number, first in enumerate(firsts)
        ]
        start = self._names.beside(region.head, "arm", region.key)
        missing = self._names.beside(region.head, "no_arm", region.key)
        inner.states[start] = states.choice(rules, missing)
        inner.states[missing] = states.fail("BadSwitch", quoted("no such arm"))
        self._pending.extend((arm, 0, inner, None) for arm in reversed(region.arms))
        selector: dict[str, str | int] = {"arm": evaluated("$states.context.Map.Item.Value")}
        if enter:
            selector["w"] = expressions.field(share)
        return {
            "Type": "Map",
            "Items": list(range(count)),
            "MaxConcurrency": expressions.field(at_once),
            "ItemSelector": selector,
            "ItemProcessor": states.inline(start, inner.states),
            "Output": {},
        }

    def _handed_width(self, share: int | str) -> tuple[Width, Assign]:
        """The width inside a Map, and the variable it takes where only the engine knows it."""
        if isinstance(share, int):
            return share, {}
        variable = f"w{self._number()}"
        return (variable, 1), {variable: evaluated("$states.input.w")}

    # --------------------------------------------------------------------------------- foreaches
    def _foreach(self, region: ForeachRegion | GangRegion, scope: Scope, following: str | None) -> None:
        """The guard and the Map of a foreach or a gang. The control object was read after the step."""
        guard = self._names.beside(region.head, "guard", region.key)
        loop = self._names.beside(region.head, "map", region.key)
        guards.guard(self._inputs, region, scope, guard, loop)
        budget = self._inputs.budgets[region.head, region.key]
        count, at_once = self._at_once(region, scope, budget)
        share = expressions.divided(scope.width, at_once) if region.body in self._hands_on else 1
        away = region.body in self._inputs.distributed
        start = self._names.beside(region.head, "item", region.key)
        body, selector = self._body(region.body, scope, start, share, away=away)
        state: State = {"Type": "Map"}
        if away:
            state["Label"] = self._names.label(region.head)
            state["ItemReader"] = self._reader(region.head, scope)
        else:
            state["Items"] = evaluated(f"[0..{count}-1]")
        state["MaxConcurrency"] = expressions.field(at_once)
        state["ItemSelector"] = selector
        make = states.distributed if away else states.inline
        state["ItemProcessor"] = make(start, body)
        state["Output"] = {}
        scope.states[loop] = states.then(state, following)

    def _at_once(
        self, region: ForeachRegion | GangRegion, scope: Scope, budget: Budget
    ) -> tuple[str, int | str]:
        """The number of items, as an expression, and how many of them run at once."""
        count = f"${scope.names.control}.n"
        fanout = self._inputs.program.fanouts.get((region.head, region.key))
        known = fanout.length if fanout is not None else None
        items = count if known is None else known
        if isinstance(region, GangRegion):
            return count, items  # all of them, or they would wait for each other for ever
        limit = fanout.max_workers if fanout is not None else None
        return count, expressions.least(items, limit, *fitting(scope.width, budget.need))

    def _body(
        self, block: Block, scope: Scope, start: str, share: int | str, *, away: bool
    ) -> tuple[States, dict[str, str | int]]:
        """The states of a Map's body, which begins by naming what the Map hands to it, and the Map's selector."""
        number = self._number()
        names = replace(deeper(scope.names), path=f"path{number}")
        item = joined(f"${scope.names.path}", quoted("."), "$string($states.context.Map.Item.Value)")
        selector: dict[str, str | int] = {"path": evaluated(item)}
        enter: Assign = {names.path: evaluated("$states.input.path")}
        if away:
            names = replace(names, run_id=f"run_id{number}", run_uid=f"run_uid{number}")
            selector |= {
                "run_id": evaluated("$" + scope.names.run_id),
                "run_uid": evaluated("$" + scope.names.run_uid),
            }
            enter |= {
                names.run_id: evaluated("$states.input.run_id"),
                names.run_uid: evaluated("$states.input.run_uid"),
            }
        width, assigned = self._handed_width(share)
        if assigned:
            selector["w"] = expressions.field(share)
            enter |= assigned
        inner = Scope(states={}, names=names, width=width)
        inner.states[start] = states.assign(enter, self._ways.first(block))
        self._pending.append((block, 0, inner, None))
        return inner.states, selector

    def _reader(self, step: str, scope: Scope) -> dict[str, object]:
        """The numbers of the items, which a distributed Map reads by itself."""
        key = states.control_key(self._inputs.program.graph.name, scope.names, step, contract.ITEMS_OBJECT)
        return {
            "Resource": f"arn:{self._inputs.settings.stepfunctions.partition}:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Arguments": {"Bucket": states.BUCKET, "Key": evaluated(key)},
        }

    def _number(self) -> int:
        """The number of a new scope, which its variables carry."""
        self._numbers += 1
        return self._numbers


def _assigning(variables: Assign) -> Rule:
    return {"Assign": variables} if variables else {}
