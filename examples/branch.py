"""A static split: two steps side by side, met by a join that reads each by its name."""

from metaflow import FlowSpec, step


class Branch(FlowSpec):
    """Describe a list of numbers from two sides at once."""

    @step
    def start(self):
        self.numbers = [3, 1, 4, 1, 5, 9, 2, 6]
        self.next(self.average, self.spread)

    @step
    def average(self):
        self.result = sum(self.numbers) / len(self.numbers)
        self.next(self.join)

    @step
    def spread(self):
        self.result = max(self.numbers) - min(self.numbers)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.summary = {"average": inputs.average.result, "spread": inputs.spread.result}
        self.next(self.end)

    @step
    def end(self):
        print(self.summary)


if __name__ == "__main__":
    Branch()
