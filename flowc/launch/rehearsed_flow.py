"""The flow that `rehearsal` carries out: what most tasks do, and nothing else."""

from __future__ import annotations

from flowc.dsl import FlowSpec, step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.task import Inputs


class RehearsedFlow(FlowSpec):
    """A foreach."""

    @step
    def start(self) -> None:
        """Split."""
        self.items = [0, 1, 2, 3, 4, 5, 6, 7]
        self.next(self.each, foreach="items")

    @step
    def each(self) -> None:
        """Leave an artifact made of the item."""
        self.result = self.input
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        """Never carried out."""
