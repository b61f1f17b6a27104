"""What a foreach may go over, one after the other."""

# differs: gather.outer
from metaflow import FlowSpec, step


class Sequences(FlowSpec):
    @step
    def start(self):
        import numpy

        self.kinds = [
            ("list", [None, [], {"a": 1}]),
            ("tuple", (1, 2)),
            ("range", range(5, 0, -2)),
            ("text", "añb"),
            ("bytes", b"\x00\xff"),
            ("array", numpy.array([[1, 2], [3, 4]])),
            ("one", [[]]),
        ]
        self.next(self.split, foreach="kinds")

    @step
    def split(self):
        self.kind, self.items = self.input
        self.next(self.item, foreach="items")

    @step
    def item(self):
        self.seen = (self.input, self.index)
        self.stack = self.foreach_stack()
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.all = [i.seen for i in inputs]
        self.kinds_seen = {i.kind for i in inputs}
        self.outer = (self.input, self.index, self.foreach_stack())
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.all for i in inputs]
        self.outside = (self.input, self.index, self.foreach_stack())
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Sequences()
