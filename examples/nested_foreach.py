"""A foreach inside a foreach: a task for each pair, joined from the inside out."""

from metaflow import FlowSpec, step


class NestedForeach(FlowSpec):
    """Search a small grid for the best pair of settings."""

    @step
    def start(self):
        self.depths = [2, 4, 8]
        self.next(self.fix_depth, foreach="depths")

    @step
    def fix_depth(self):
        self.depth = self.input
        self.rates = [0.1, 0.01]
        self.next(self.fit, foreach="rates")

    @step
    def fit(self):
        self.rate = self.input
        self.score = 1 / (1 + abs(self.depth - 4) + abs(self.rate - 0.1))
        self.next(self.best_rate)

    @step
    def best_rate(self, inputs):
        best = max(inputs, key=lambda i: i.score)
        self.score, self.depth, self.rate = best.score, best.depth, best.rate
        self.next(self.best)

    @step
    def best(self, inputs):
        winner = max(inputs, key=lambda i: i.score)
        self.depth, self.rate = winner.depth, winner.rate
        self.next(self.end)

    @step
    def end(self):
        print(f"best: depth {self.depth}, rate {self.rate}")


if __name__ == "__main__":
    NestedForeach()
