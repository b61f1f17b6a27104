"""Steps from a base class and a mixin in sibling modules, with constants and helpers of a package."""

from common.base import EVALUATION_MEMORY, TrainingFlow
from metaflow import resources, step


class Inherited(TrainingFlow):
    """A training flow that evaluates in its own way."""

    @resources(memory=EVALUATION_MEMORY * 2)
    @step
    def evaluate(self):
        self.score = 1 - self.loss
        self.note(f"score {self.score:.2f}")
        self.next(self.end)


if __name__ == "__main__":
    Inherited()
