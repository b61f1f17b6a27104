"""The tasks of one DAG, made of the regions of a block and of the blocks that stand in the same DAG."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from flowc import contract
from flowc.backends.argo.conditions import AT_ONCE, Entry, Way, all_of, entry, expression, taken
from flowc.backends.argo.partition import MAX_TASKS
from flowc.backends.argo.plan import Job
from flowc.backends.argo.steps import control_outputs
from flowc.backends.argo.wrappers import PATH, around_items, around_pod, guarded_count, output_of, parameter
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
)
from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.backends.argo.manifest import Parameter, Task, Template
    from flowc.backends.argo.plan import Plan
    from flowc.ir.region import Region

_VISITED = PATH + "~{{inputs.parameters.visit}}"


class DagMaker:
    """The tasks of one DAG."""

    def __init__(self, plan: Plan, job: Job) -> None:
        self.plan = plan
        self.names = plan.names
        self.job = job
        self.tasks: list[Task] = []
        self.jobs: list[Job] = []
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
        for number, count in enumerate(self.plan.parts.get(block, ()), 1):
            part = Block(block.items[first : first + count])
            name = self.names.claim(f"{self.job.name}-part-{number}")
            self._call(name, name, start, self._scope_arguments())
            self.jobs.append(self._scope_job(name, part, self.job.parallelism))
            start = entry([Way(name)])
            first += count
        rest = block.items[first:]
        if self.job.loop is not None and rest and isinstance(rest[0], Leave):
            self.left.append((list(ways), rest[0].key))
        self.open.append((rest, start))

    def _inner(self, region: Region, start: Entry) -> list[tuple[Block, Entry, Sequence[Way]]]:
        """The blocks of a region that stand in this DAG, with their entries."""
        if isinstance(region, ForkRegion) and not self.plan.stands_alone(region):
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
            case ForkRegion(head=head, key=key) if self.plan.stands_alone(region):
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
        return Way(self.names.loop(pred.node), pred.key if self.plan.chooses_exit(pred.node) else None)

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
        self._call(name, template, start, self._scope_arguments())

    def _step_template(self, step: str, *, is_root: bool) -> str:
        """The template that runs a step: its pod, or the DAG around a pod that is tried again."""
        name = self.names.steps[step]
        if not self.plan.is_tried(step):
            return name
        wrapper = self.names.claim(f"{name}-tries")
        subject = self.plan.program.graph.steps[step]
        self.beside.append(around_pod(wrapper, name, control_outputs(subject), is_root=is_root))
        return wrapper

    def _fork(self, fork: ForkRegion, start: Entry) -> None:
        name = self.names.split(fork.head, fork.key)
        self._call(name, name, start, self._scope_arguments())
        share = self.plan.share(fork)
        job = self._scope_job(name, Block((fork,)), share.at_once if share is not None else None)
        self.jobs.append(replace(job, fork=fork))

    def _side_by_side(self, fork: ForkRegion) -> None:
        """The arms of a fork that is a DAG of its own, in groups where they are too many."""
        if len(fork.arms) > MAX_TASKS:
            self._groups(fork)
            return
        share = self.plan.share(fork)
        for arm in fork.arms:
            match arm.items:
                case (Run(step=step),):
                    self._step(step, AT_ONCE)
                case _:
                    first = next(iter(region for region in arm.items if isinstance(region, Run | LoopRegion)))
                    step = first.step if isinstance(first, Run) else first.head
                    name = self.names.claim(f"{self.names.steps[step]}-arm")
                    self._call(name, name, AT_ONCE, self._scope_arguments())
                    self.jobs.append(self._scope_job(name, arm, share.inner if share is not None else None))

    def _groups(self, fork: ForkRegion) -> None:
        before = AT_ONCE
        share = self.plan.share(fork)
        for first in range(0, len(fork.arms), MAX_TASKS):
            some = ForkRegion(fork.head, fork.arms[first : first + MAX_TASKS], fork.join, fork.key)
            name = self.names.claim(f"{self.job.name}-group")
            self._call(name, name, before, self._scope_arguments())
            job = self._scope_job(name, Block((some,)), self.job.parallelism)
            self.jobs.append(replace(job, fork=some))
            # Arms that wait for one another wait for the groups before as well.
            before = AT_ONCE if share is None or share.side_by_side else entry([Way(name)])

    def _foreach(self, region: ForeachRegion | GangRegion, start: Entry) -> None:
        """The task of the wrapper; the wrapper itself is made at once, its body put off."""
        name = self.names.split(region.head, region.key)
        splits = output_of(self.names.steps[region.head], "splits")
        self._call(name, name, start, [*self._scope_arguments(), parameter("splits", splits)])
        limit, why = self.plan.most_items(region)
        kind = "gang" if isinstance(region, GangRegion) else "foreach"
        over = f"{contract.escape_name(region.head)}.{self.names.split_over(region.head, region.key)}"
        self.beside.append(
            around_items(
                name,
                self.names.steps[first_step(region.body) or region.head],
                self._body_template(region),
                guarded_count(kind, over, limit, why),
                parallelism=self.plan.items_at_once(region),
                is_root=self.job.is_root,
            )
        )

    def _body_template(self, region: ForeachRegion | GangRegion) -> str:
        """What runs for each item: a body that is more than one step becomes a DAG."""
        match region.body.items:
            case (Run(step=step),):
                return self._step_template(step, is_root=False)
            case _:
                name = self.names.claim(f"{self.names.split(region.head, region.key)}-body")
                share = self.plan.share(region)
                self.jobs.append(
                    Job(name, region.body, PATH, ("path",), share.inner if share is not None else None)
                )
                return name

    def _loop(self, region: LoopRegion, start: Entry) -> None:
        name = self.names.loop(region.head)
        arguments = [parameter("path", self.job.path), parameter("visit", "0")]
        self._call(name, name, start, arguments)
        job = self._scope_job(name, region.body, self.job.parallelism)
        self.jobs.append(replace(job, path=_VISITED, inputs=("path", "visit"), loop=region))

    def _again(self, head: str, start: Entry) -> None:
        loop = self.names.loop(head)
        name = self.names.claim(f"{loop}-again")
        self.again.append(name)
        next_visit = expression("asInt(inputs.parameters.visit) + 1")
        self._call(name, loop, start, [parameter("path", PATH), parameter("visit", next_visit)])

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

    def _scope_arguments(self) -> list[Parameter]:
        return [] if self.job.is_root else [parameter("path", self.job.path)]

    def _scope_job(self, name: str, block: Block, parallelism: int | None) -> Job:
        """A DAG whose tasks have the same paths as those of this one."""
        inputs = () if self.job.is_root else ("path",)
        path = contract.ROOT if self.job.is_root else PATH
        return Job(name, block, path, inputs, parallelism)
