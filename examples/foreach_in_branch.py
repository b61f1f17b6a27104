"""A foreach in one arm of a static split, while the other arm is a single task."""

from metaflow import FlowSpec, step


class ForeachInBranch(FlowSpec):
    """Train on each fold while the hold-out set is prepared."""

    @step
    def start(self):
        self.rows = list(range(30))
        self.next(self.fold, self.hold_out)

    @step
    def fold(self):
        self.folds = [self.rows[i::3] for i in range(3)]
        self.next(self.train, foreach="folds")

    @step
    def train(self):
        self.mean = sum(self.input) / len(self.input)
        self.next(self.ensemble)

    @step
    def ensemble(self, inputs):
        self.means = [i.mean for i in inputs]
        self.next(self.compare)

    @step
    def hold_out(self):
        self.target = sum(self.rows) / len(self.rows)
        self.next(self.compare)

    @step
    def compare(self, inputs):
        means = inputs.ensemble.means
        self.error = abs(sum(means) / len(means) - inputs.hold_out.target)
        self.next(self.end)

    @step
    def end(self):
        print(f"error {self.error}")


if __name__ == "__main__":
    ForeachInBranch()
