"""A loop in a loop, left by one step out of both at once; each round of the inner one is a foreach."""

from flowc import FlowSpec, step


class Rounds(FlowSpec):
    @step
    def start(self):
        self.outer = self.inner = self.sum = 0
        self.next(self.begin)

    @step
    def begin(self):
        self.outer += 1
        self.inner = 0
        self.next(self.split)

    @step
    def split(self):
        self.inner += 1
        self.items = [self.outer, self.inner]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.part = self.input
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.merge_artifacts(inputs, exclude=["part"])
        self.sum += sum(i.part for i in inputs)
        self.next(self.judge)

    @step
    def judge(self):
        if self.outer == 2:
            self.next(self.end)
        elif self.inner < 2:
            self.next(self.split)
        else:
            self.next(self.begin)

    @step
    def end(self):
        print(self.sum)


if __name__ == "__main__":
    Rounds()
