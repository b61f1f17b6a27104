"""A loop inside a foreach: each item goes around as often as it needs, side by side with the others."""

from flowc import FlowSpec, step


class LoopInForeach(FlowSpec):
    """Follow the Collatz sequence of a few numbers down to one."""

    @step
    def start(self):
        self.numbers = [3, 6, 7]
        self.next(self.begin, foreach="numbers")

    @step
    def begin(self):
        self.number = self.input
        self.value = self.input
        self.count = 0
        self.next(self.advance)

    @step
    def advance(self):
        self.value = self.value // 2 if self.value % 2 == 0 else 3 * self.value + 1
        self.next(self.tally)

    @step
    def tally(self):
        self.count += 1
        if self.value == 1:
            self.next(self.finish)
        else:
            self.next(self.advance)

    @step
    def finish(self):
        self.line = f"{self.number} takes {self.count}"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.lines = [i.line for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("\n".join(self.lines))


if __name__ == "__main__":
    LoopInForeach()
