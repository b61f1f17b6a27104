"""Nested foreaches whose lengths only the run knows: within the limits they may have 10,000 tasks."""

from flowc import FlowSpec, Parameter, step


class Broad(FlowSpec):
    count = Parameter("count", default=2)

    @step
    def start(self):
        self.rows = list(range(self.count))
        self.next(self.row, foreach="rows")

    @step
    def row(self):
        self.cells = [10 * self.input + n for n in range(self.count)]
        self.next(self.cell, foreach="cells")

    @step
    def cell(self):
        self.square = self.input**2
        self.next(self.gather_row)

    @step
    def gather_row(self, inputs):
        self.total = sum(i.square for i in inputs)
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.totals = [i.total for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.totals)


if __name__ == "__main__":
    Broad()
