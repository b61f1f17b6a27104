"""A flow that fails in one world alone, so that another can resume its run."""

import uuid

from flowc import FlowSpec, Parameter, current, step


def world():
    kind = current.run_id.partition("-")[0]
    return kind if kind in ("argo", "sfn") else "local"


class Unlucky(FlowSpec):
    fails_on = Parameter("fails_on", default="")
    label = Parameter("label", default="as written")

    @step
    def start(self):
        self.token = uuid.uuid4().hex
        self.items = [1, 2, 3]
        self.next(self.early, self.each_of)

    @step
    def early(self):
        self.seen = world()
        self.next(self.both)

    @step
    def each_of(self):
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.square = self.input**2
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.squares = [i.square for i in inputs]
        self.seen = "not yet"
        self.next(self.hard)

    @step
    def hard(self):
        if world() == self.fails_on:
            raise RuntimeError("no luck on " + self.fails_on)
        self.seen = world()
        self.next(self.both)

    @step
    def both(self, inputs):
        self.token = inputs.early.token
        self.squares = inputs.hard.squares
        self.worlds = [inputs.early.seen, inputs.hard.seen]
        self.next(self.end)

    @step
    def end(self):
        print(self.label, self.token, self.squares, self.worlds)


if __name__ == "__main__":
    Unlucky()
