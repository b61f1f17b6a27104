"""A join that splits again at once, without a step in between, as flowc allows."""

from flowc import FlowSpec, step


class JoinThatSplits(FlowSpec):
    """Two sources, then two reports on what they have in common."""

    @step
    def start(self):
        self.next(self.read_sales, self.read_returns)

    @step
    def read_sales(self):
        self.items = {"lamp": 12, "chair": 5}
        self.next(self.combine)

    @step
    def read_returns(self):
        self.items = {"lamp": 2, "chair": 1}
        self.next(self.combine)

    @step
    def combine(self, inputs):
        sales, returns = inputs.read_sales.items, inputs.read_returns.items
        self.kept = {name: count - returns[name] for name, count in sales.items()}
        self.next(self.total, self.best)

    @step
    def total(self):
        self.text = f"{sum(self.kept.values())} kept"
        self.next(self.report)

    @step
    def best(self):
        self.text = f"most kept: {max(self.kept, key=self.kept.get)}"
        self.next(self.report)

    @step
    def report(self, inputs):
        self.report_text = "; ".join(i.text for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.report_text)


if __name__ == "__main__":
    JoinThatSplits()
