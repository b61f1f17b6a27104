"""A foreach with more tasks at once than one history of an engine holds."""

from flowc import FlowSpec, step


class Broad(FlowSpec):
    @step
    def start(self):
        self.items = list(range(60))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.square = self.input**2
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.total = sum(i.square for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.total)


if __name__ == "__main__":
    Broad()
