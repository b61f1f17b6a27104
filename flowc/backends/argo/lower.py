"""From regions to DAG templates.

One DAG for the flow, two for each foreach: a wrapper that makes one task an item, and a body where
the body is more than one plain step; one recursive DAG for each loop. Forks and choices stand in
the DAG around them. A step that is tried again sits in a DAG of its own, since the engine counts a
DAG between attempts but not a pod's next attempt.

`parallelism` is a foreach's own limit on its wrapper; where steps are tried again or gangs run, on
every DAG the budget of `target.budget`. The run's limit itself stands in the workflow.

Invariant: the order of templates and tasks follows the source, and nothing here recurses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

from flowc import contract
from flowc.backends.argo.conditions import AT_ONCE, Entry, Way, all_of, entry, expression, taken
from flowc.backends.argo.partition import MAX_TASKS, partition
from flowc.backends.argo.steps import control_outputs
from flowc.ir.region import (
    Again,
    Block,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Pred,
    Run,
    SwitchRegion,
    ends,
    first_step,
    outside_in,
)
from flowc.target.budget import budgets
from flowc.target.pools import kept_splits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowc.backends.argo.manifest import Parameter, Task, Template
    from flowc.backends.argo.naming import TemplateNames
    from flowc.backends.argo.partition import Cuts
    from flowc.ir.program import Program
    from flowc.ir.region import Region
    from flowc.target.budget import Budget
    from flowc.target.settings import Settings

MAIN = "main"
_PATH = "{{inputs.parameters.path}}"
_VISITED = _PATH + "~{{inputs.parameters.visit}}"
_SPLITS = "{{inputs.parameters.splits}}"


class Lowered(NamedTuple):
    """The DAG templates, the entry first, and the name of the entry."""

    templates: list[Template]
    entrypoint: str


class _Job(NamedTuple):
    """A DAG to be made of `block`, or of `items` of one. `path` is what the paths of its tasks are."""

    name: str
    block: Block
    path: str
    inputs: tuple[str, ...] = ()
    parallelism: int | None = None
    workers: int = 1
    loop: LoopRegion | None = None
    fork: ForkRegion | None = None  # the arms of `block`'s items are tasks side by side

    @property
    def is_root(self) -> bool:
        """Whether its tasks have the root's path."""
        return self.path == contract.ROOT


def lower(
    program: Program, settings: Settings, names: TemplateNames, is_tried: Callable[[str], bool]
) -> Lowered:
    """The DAG templates of a program. `is_tried` tells the steps whose template has a retry strategy."""
    return _Lowering(program, settings, names, is_tried).run()


class _Lowering:
    """What the jobs of one program share."""

    def __init__(
        self, program: Program, settings: Settings, names: TemplateNames, is_tried: Callable[[str], bool]
    ) -> None:
        self.program = program
        self.names = names
        self.is_tried = is_tried
        self.workers = max(1, settings.max_workers)
        self.default_splits = settings.max_num_splits
        self.budgets = budgets(program.body, program.fanouts, self.workers, static=True)
        self.kept = kept_splits(program.body, is_tried)
        self.cuts: Cuts = partition(program.body, len(program.graph.steps))
        self.exits = {
            region.head: len(region.exits)
            for block in outside_in(program.body)
            for region in block.items
            if isinstance(region, LoopRegion)
        }
        self.templates: list[Template] = []
        self.jobs: list[_Job] = []

    def run(self) -> Lowered:
        upset = bool(self.kept) or any(map(self.is_tried, self.program.graph.steps))
        name = self.names.claim(MAIN)
        main = _Job(name, self.program.body, contract.ROOT, (), self.workers if upset else None, self.workers)
        self.jobs.append(main)
        while self.jobs:
            job = self.jobs.pop()
            made = _DagMaker(self, job)
            made.fill()
            self.templates.append(made.template())
            self.templates.extend(made.beside)
            self.jobs.extend(reversed(made.jobs))
        return Lowered(self.templates, name)

    def splits_limit(self, head: str, key: str) -> int:
        """The most items that a split may have."""
        known = self.program.fanouts.get((head, key))
        return self.default_splits if known is None else known.max_num_splits

    def stands_alone(self, fork: ForkRegion) -> bool:
        """Whether a fork is a DAG of its own: it is large, or its arms must wait for one another."""
        key = (fork.head, fork.key)
        return key in self.cuts.forks or (key in self.kept and not self.budgets[key].side_by_side)


class _DagMaker:
    """The tasks of one DAG."""

    def __init__(self, shared: _Lowering, job: _Job) -> None:
        self.shared = shared
        self.names = shared.names
        self.job = job
        self.tasks: list[Task] = []
        self.jobs: list[_Job] = []
        self.beside: list[Template] = []  # wrappers made along with their tasks
        self.open: list[tuple[tuple[Region, ...], Entry]] = []
        self.again: list[str] = []  # tasks that go to the next visit
        self.left: list[tuple[list[Way], str]] = []  # ways out of the loop, each with its exit's key

    def fill(self) -> None:
        """Make the tasks, in source order."""
        if self.job.fork is not None:
            self._side_by_side(self.job.fork)
            return
        self._enter(self.job.block, AT_ONCE, ())
        while self.open:
            items, start = self.open.pop()
            self._sequence(items, start)

    def template(self) -> Template:
        """The DAG template, when it is filled."""
        made: Template = {"name": self.job.name}
        if self.job.parallelism is not None:
            made["parallelism"] = self.job.parallelism
        if self.job.inputs:
            made["inputs"] = {"parameters": [{"name": name} for name in self.job.inputs]}
        if self.job.loop is not None and len(self.job.loop.exits) > 1:
            exit_key: Parameter = {"name": "next", "valueFrom": {"expression": self._exit()}}
            made["outputs"] = {"parameters": [exit_key]}
        made["dag"] = {"tasks": self.tasks}
        return made

    # ------------------------------------------------------------------ blocks
    def _sequence(self, items: tuple[Region, ...], start: Entry) -> None:
        """Regions one after the other; what lies inside one in this DAG is put off, and the rest with it."""
        for index, region in enumerate(items):
            inner = self._inner(region, start)
            after = self._after(region)
            if inner:
                self.open.append((items[index + 1 :], after))
                for block, block_entry, ways in reversed(inner):
                    self._enter(block, block_entry, ways)
                return
            if isinstance(region, Leave) and index:
                self.left.append(([self._way(pred) for pred in ends(Block(items[:index]))], region.key))
            self._region(region, start)
            start = after

    def _enter(self, block: Block, start: Entry, ways: Sequence[Way]) -> None:
        """Put a block off; its first items may have become DAGs of their own."""
        first = 0
        for number, count in enumerate(self.shared.cuts.parts.get(block, ()), 1):
            part = Block(block.items[first : first + count])
            name = self.names.claim(f"{self.job.name}-part-{number}")
            self._call(name, name, start, self._scope_arguments())
            self._same_scope(name, part)
            start = entry([Way(name)])
            first += count
        rest = block.items[first:]
        if self.job.loop is not None and rest and isinstance(rest[0], Leave):
            self.left.append((list(ways), rest[0].key))
        self.open.append((rest, start))

    def _inner(self, region: Region, start: Entry) -> list[tuple[Block, Entry, Sequence[Way]]]:
        """The blocks of a region that stand in this DAG, with their entries."""
        if isinstance(region, ForkRegion) and not self.shared.stands_alone(region):
            return [(arm, start, ()) for arm in region.arms]
        if isinstance(region, SwitchRegion):
            by_arm = [(arm.block, self._ways(arm.preds)) for arm in region.arms]
            return [(block, entry(ways), ways) for block, ways in by_arm]
        return []

    def _after(self, region: Region) -> Entry:
        """When what follows a region in its block may start."""
        match region:
            case Run(step=step):
                return entry([Way(self.names.steps[step])])
            case ForkRegion(head=head, key=key) if self.shared.stands_alone(region):
                return entry([Way(self.names.split(head, key))])
            case ForkRegion(arms=arms):
                return all_of(entry(self._ways(ends(arm))) for arm in arms)
            case ForeachRegion(head=head, key=key) | GangRegion(head=head, key=key):
                return entry([Way(self.names.split(head, key))])
            case SwitchRegion(merge_preds=preds):
                return entry(self._ways(preds))
            case LoopRegion(head=head):
                return entry([Way(self.names.loop(head))])
            case Again() | Leave():
                return AT_ONCE
        assert_never(region)

    def _ways(self, preds: Sequence[Pred]) -> list[Way]:
        return [self._way(pred) for pred in preds]

    def _way(self, pred: Pred) -> Way:
        if not pred.loop:
            return Way(self.names.steps[pred.node], pred.key)
        # A loop with one way out chooses nothing.
        return Way(self.names.loop(pred.node), pred.key if self.shared.exits[pred.node] > 1 else None)

    # ------------------------------------------------------------------ tasks
    def _region(self, region: Region, start: Entry) -> None:
        match region:
            case Run(step=step):
                self._step(step, start)
            case ForkRegion():
                self._fork(region, start)
            case ForeachRegion() | GangRegion():
                self._foreach(region, start)
            case LoopRegion():
                self._loop(region, start)
            case Again(loop=head):
                self._again(head, start)
            case SwitchRegion() | Leave():
                return
            case _:
                assert_never(region)

    def _step(self, step: str, start: Entry) -> None:
        name = self.names.steps[step]
        template = self._step_template(step, is_root=self.job.is_root)
        self._call(name, template, start, self._path_arguments())

    def _step_template(self, step: str, *, is_root: bool) -> str:
        """The template that runs a step: its pod, or the DAG around a pod that is tried again."""
        name = self.names.steps[step]
        if not self.shared.is_tried(step):
            return name
        wrapper = self.names.claim(f"{name}-tries")
        subject = self.shared.program.graph.steps[step]
        self.beside.append(_tries(wrapper, name, control_outputs(subject), is_root=is_root))
        return wrapper

    def _fork(self, fork: ForkRegion, start: Entry) -> None:
        name = self.names.split(fork.head, fork.key)
        self._call(name, name, start, self._scope_arguments())
        kept = self._kept(fork)
        job = self._scope_job(name, Block((fork,)), None if kept is None else kept.at_once)
        self.jobs.append(job._replace(fork=fork))

    def _side_by_side(self, fork: ForkRegion) -> None:
        """The arms of a fork that is a DAG of its own, in groups where they are too many."""
        if len(fork.arms) > MAX_TASKS:
            self._groups(fork)
            return
        kept = self._kept(fork)
        for arm in fork.arms:
            match arm.items:
                case (Run(step=step),):
                    self._step(step, AT_ONCE)
                case _:
                    first = next(iter(region for region in arm.items if isinstance(region, Run | LoopRegion)))
                    step = first.step if isinstance(first, Run) else first.head
                    name = self.names.claim(f"{self.names.steps[step]}-arm")
                    self._call(name, name, AT_ONCE, self._scope_arguments())
                    self.jobs.append(self._scope_job(name, arm, None if kept is None else kept.inner))

    def _groups(self, fork: ForkRegion) -> None:
        before = AT_ONCE
        kept = self._kept(fork)
        for first in range(0, len(fork.arms), MAX_TASKS):
            some = ForkRegion(fork.head, fork.arms[first : first + MAX_TASKS], fork.join, fork.key)
            name = self.names.claim(f"{self.job.name}-group")
            self._call(name, name, before, self._scope_arguments())
            job = self._scope_job(name, Block((some,)), self.job.parallelism)
            self.jobs.append(job._replace(fork=some))
            # Arms that wait for one another wait for the groups before as well.
            before = AT_ONCE if kept is None or kept.side_by_side else entry([Way(name)])

    def _foreach(self, region: ForeachRegion | GangRegion, start: Entry) -> None:
        """The task of the wrapper; the wrapper itself is made at once, its body put off."""
        name = self.names.split(region.head, region.key)
        splits = "{{tasks." + self.names.steps[region.head] + ".outputs.parameters.splits}}"
        arguments = [*self._path_arguments(), _parameter("splits", splits)]
        self._call(name, name, start, arguments)
        kept = self._kept(region)
        body = self._body(region, None if kept is None else kept.inner)
        budget = self.shared.budgets[region.head, region.key]
        fanout = self.shared.program.fanouts.get((region.head, region.key))
        own = fanout.max_workers if fanout is not None else None
        workers = min(own or self.shared.workers, self.shared.workers)
        inputs = ["splits"] if self.job.is_root else ["path", "splits"]
        outer = contract.ROOT if self.job.is_root else _PATH
        task: Task = {
            "name": self.names.steps[first_step(region.body) or region.head],
            "template": self._wrapped_template(region, body),
            "arguments": {"parameters": [_parameter("path", contract.item_path(outer, 0)[:-1] + "{{item}}")]},
            "withSequence": {"count": self._count(region, budget)},
        }
        self.beside.append(
            {
                "name": name,
                "parallelism": workers if kept is None else budget.at_once,
                "inputs": {"parameters": [{"name": parameter} for parameter in inputs]},
                "dag": {"tasks": [task]},
            }
        )

    def _count(self, region: ForeachRegion | GangRegion, budget: Budget) -> str:
        """The number of items; beyond the limit a message that is no number, so that the task errors by name."""
        limit = self.shared.splits_limit(region.head, region.key)
        kind, setting = "foreach", "max_num_splits"
        if isinstance(region, GangRegion) and budget.at_once < limit:
            limit, kind, setting = budget.at_once, "gang", "its workers"
        name = f"{contract.escape_name(region.head)}.{self.names.split_over(region.head, region.key)}"
        given = "inputs.parameters.splits"
        message = f"'{kind} {name} - ' + {given} + ' splits, {setting} is {limit}'"
        return expression(f"asInt({given}) <= {limit} ? {given} : {message}")

    def _body(self, region: ForeachRegion | GangRegion, inner: int | None) -> str:
        """The name of the task inside the wrapper; a body that is more than a step becomes a DAG."""
        match region.body.items:
            case (Run(step=step),):
                return self.names.steps[step]
            case _:
                name = self.names.claim(f"{self.names.split(region.head, region.key)}-body")
                job = _Job(name, region.body, _PATH, ("path",), inner, inner or self.shared.workers)
                self.jobs.append(job)
                return name

    def _wrapped_template(self, region: ForeachRegion | GangRegion, body: str) -> str:
        match region.body.items:
            case (Run(step=step),):
                return self._step_template(step, is_root=False)
            case _:
                return body

    def _loop(self, region: LoopRegion, start: Entry) -> None:
        name = self.names.loop(region.head)
        arguments = [_parameter("path", self.job.path), _parameter("visit", "0")]
        self._call(name, name, start, arguments)
        job = self._scope_job(name, region.body, self.job.parallelism)
        self.jobs.append(job._replace(path=_VISITED, inputs=("path", "visit"), loop=region))

    def _again(self, head: str, start: Entry) -> None:
        loop = self.names.loop(head)
        name = self.names.claim(f"{loop}-again")
        self.again.append(name)
        next_visit = expression("asInt(inputs.parameters.visit) + 1")
        self._call(name, loop, start, [_parameter("path", _PATH), _parameter("visit", next_visit)])

    def _exit(self) -> str:
        """The key of the exit taken: the last visit's, carried out through all of them."""
        cases = [f"{taken(Way(name))} ? tasks['{name}'].outputs.parameters['next'] : " for name in self.again]
        *others, (_, last) = self.left
        for ways, key in others:
            cases.append(f"{' || '.join(taken(way) for way in ways)} ? '{key}' : ")
        return "".join(cases) + f"'{last}'"

    # ------------------------------------------------------------------ small parts
    def _call(self, name: str, template: str, start: Entry, arguments: list[Parameter]) -> None:
        task: Task = {"name": name, "template": template}
        if start.depends:
            task["depends"] = start.depends
        if start.when:
            task["when"] = expression(start.when)
        if arguments:
            task["arguments"] = {"parameters": arguments}
        self.tasks.append(task)

    def _path_arguments(self) -> list[Parameter]:
        return [] if self.job.is_root else [_parameter("path", self.job.path)]

    _scope_arguments = _path_arguments  # what a DAG of the same scope is given

    def _same_scope(self, name: str, block: Block) -> None:
        self.jobs.append(self._scope_job(name, block, self.job.parallelism))

    def _scope_job(self, name: str, block: Block, parallelism: int | None) -> _Job:
        """A DAG whose tasks have the same paths as those of this one."""
        inputs = () if self.job.is_root else ("path",)
        path = contract.ROOT if self.job.is_root else _PATH
        return _Job(name, block, path, inputs, parallelism, self.job.workers)

    def _kept(self, region: ForkRegion | ForeachRegion | GangRegion) -> Budget | None:
        """The share that a split keeps to; None where the run's pool is enough."""
        key = (region.head, region.key)
        return self.shared.budgets[key] if key in self.shared.kept else None


def _tries(wrapper: str, pod: str, outputs: Sequence[str], *, is_root: bool) -> Template:
    """The DAG around a pod that is tried again; the pod's control outputs are its own."""
    made: Template = {"name": wrapper}
    task: Task = {"name": pod, "template": pod}
    if not is_root:
        made["inputs"] = {"parameters": [{"name": "path"}]}
        task["arguments"] = {"parameters": [_parameter("path", _PATH)]}
    if outputs:
        made["outputs"] = {"parameters": [_passed_on(pod, name) for name in outputs]}
    made["dag"] = {"tasks": [task]}
    return made


def _passed_on(task: str, output: str) -> Parameter:
    source = "{{tasks." + task + ".outputs.parameters." + output + "}}"
    return {"name": output, "valueFrom": {"parameter": source}}


def _parameter(name: str, value: str) -> Parameter:
    return {"name": name, "value": value}
