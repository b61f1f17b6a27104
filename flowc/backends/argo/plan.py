"""What the DAGs of one program share: its names, budgets and cuts, and what is still to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.partition import partition
from flowc.ir.region import GangRegion, LoopRegion, outside_in
from flowc.records import dataclass
from flowc.target.budget import budgets
from flowc.target.pools import kept_splits

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.backends.argo.naming import TemplateNames
    from flowc.ir.program import Program
    from flowc.ir.region import Block, ForeachRegion, ForkRegion
    from flowc.target.budget import Budget
    from flowc.target.settings import Settings

    Split = ForkRegion | ForeachRegion | GangRegion


@dataclass(frozen=True, slots=True)
class Job:
    """A DAG to be made of `block`. `path` is what the paths of its tasks are, `inputs` what it is given.

    With `loop` the block is the body of that loop; with `fork` the fork's arms are its tasks, side by
    side, and the block is not looked at.
    """

    name: str
    block: Block
    path: str
    inputs: tuple[str, ...] = ()
    parallelism: int | None = None
    loop: LoopRegion | None = None
    fork: ForkRegion | None = None

    @property
    def is_root(self) -> bool:
        """Whether its tasks have the root's path."""
        return self.path == contract.ROOT


class Plan:
    """Decisions that hold for the whole program."""

    def __init__(
        self, program: Program, settings: Settings, names: TemplateNames, is_tried: Callable[[str], bool]
    ) -> None:
        self.program = program
        self.names = names
        self.is_tried = is_tried
        self.workers = max(1, settings.max_workers)
        self.parts, self._large_forks = partition(program.body, len(program.graph.steps))
        self._default_splits = settings.max_num_splits
        self._budgets = budgets(program.body, program.fanouts, self.workers, static=True)
        self._kept = kept_splits(program.body, is_tried)
        self._exits = {
            region.head: len(region.exits)
            for block in outside_in(program.body)
            for region in block.items
            if isinstance(region, LoopRegion)
        }

    @property
    def main_parallelism(self) -> int | None:
        """The limit of the outermost DAG; the workflow's own is enough where no pod is tried again."""
        upset = bool(self._kept) or any(map(self.is_tried, self.program.graph.steps))
        return self.workers if upset else None

    def share(self, split: Split) -> Budget | None:
        """The share that a split keeps to; None where the run's pool is enough."""
        key = (split.head, split.key)
        return self._budgets[key] if key in self._kept else None

    def items_at_once(self, split: ForeachRegion | GangRegion) -> int:
        """The limit on a split's wrapper."""
        share = self.share(split)
        if share is not None:
            return share.at_once
        fanout = self.program.fanouts.get((split.head, split.key))
        own = fanout.max_workers if fanout is not None else None
        return min(own or self.workers, self.workers)

    def most_items(self, split: ForeachRegion | GangRegion) -> tuple[int, str]:
        """The most items that a split may have, and why, in words: a gang's all run at once."""
        known = self.program.fanouts.get((split.head, split.key))
        limit = self._default_splits if known is None else known.max_num_splits
        at_once = self._budgets[split.head, split.key].at_once
        if isinstance(split, GangRegion) and at_once <= limit:
            return at_once, f"its workers are {at_once}"
        return limit, f"max_num_splits is {limit}"

    def stands_alone(self, fork: ForkRegion) -> bool:
        """Whether a fork is a DAG of its own: it is large, or its arms must wait for one another."""
        share = self.share(fork)
        return (fork.head, fork.key) in self._large_forks or (share is not None and not share.side_by_side)

    def chooses_exit(self, loop: str) -> bool:
        """Whether a loop has several ways out."""
        return self._exits[loop] > 1
