"""Forks in a foreach and a foreach in a fork; what self and inputs show at each step."""

# differs: undeep.item undeep.stack meet.stack
from metaflow import FlowSpec, step


class Branches(FlowSpec):
    @step
    def start(self):
        self.base = [0]
        self.xs = ["a", "b"]
        self.where = []
        self.next(self.each, foreach="xs")

    @step
    def each(self):
        self.where.append("each")
        self.before = self.input
        self.next(self.left, self.right)

    @step
    def left(self):
        self.where.append("left")
        self.side = "left"
        self.only_left = self.input + str(self.index)
        self.ys = [1, 2]
        self.next(self.deep, foreach="ys")

    @step
    def deep(self):
        self.where.append("deep")
        self.stack = self.foreach_stack()
        self.product = self.before * self.input
        self.next(self.undeep)

    @step
    def undeep(self, inputs):
        self.products = [i.product for i in inputs]
        self.side = inputs[0].side
        self.stack_of_inputs = [i.foreach_stack() for i in inputs]
        self.stack = self.foreach_stack()
        self.item = (self.input, self.index)
        self.next(self.meet)

    @step
    def right(self):
        self.where.append("right")
        self.side = "right"
        self.item = (self.input, self.index)
        self.next(self.meet)

    @step
    def meet(self, inputs):
        self.sides = (inputs.undeep.side, inputs.right.side)
        self.order = sorted(i.side for i in inputs)
        self.stack = self.foreach_stack()
        self.index_here = self.index
        self.has = sorted(
            (i.side, [hasattr(i, n) for n in ("only_left", "products", "where")]) for i in inputs
        )
        self.own_before = [i.before for i in inputs if hasattr(i, "before")]
        self.has_own = [hasattr(self, n) for n in ("base", "before", "where")]
        self.next(self.join)

    @step
    def join(self, inputs):
        self.sides = [i.sides for i in inputs]
        self.named = inputs.meet.sides
        self.count = len(list(inputs))
        self.twice = [[i.index for i in inputs] for _ in range(2)]
        self.next(self.plain)

    @step
    def plain(self):
        self.item = (self.input, self.index, self.foreach_stack())
        self.next(self.end)

    @step
    def end(self):
        self.sides.append("end")


if __name__ == "__main__":
    Branches()
