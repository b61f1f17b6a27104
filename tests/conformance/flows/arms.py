"""A choice among unlike ways: straight to the end, one step, a fork, a foreach, each to the same merge."""

from flowc import FlowSpec, Parameter, step


class Arms(FlowSpec):
    way = Parameter("way", default="fork")

    @step
    def start(self):
        self.items = [1, 2]
        if self.way == "none":
            self.found = "nothing"
            self.next(self.merge)
        elif self.way == "fork":
            self.next(self.left, self.right)
        elif self.way == "foreach":
            self.next(self.each, foreach="items")
        else:
            self.next(self.single)

    @step
    def single(self):
        self.found = "single"
        self.next(self.merge)

    @step
    def left(self):
        self.side = "left"
        self.next(self.both)

    @step
    def right(self):
        self.side = "right"
        self.next(self.both)

    @step
    def both(self, inputs):
        self.found = [i.side for i in inputs]
        self.next(self.merge)

    @step
    def each(self):
        self.double = 2 * self.input
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.found = [i.double for i in inputs]
        self.next(self.merge)

    @step
    def merge(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.found)


if __name__ == "__main__":
    Arms()
