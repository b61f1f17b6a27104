"""A step that repeats itself: a switch whose table names the step it stands in."""

from metaflow import FlowSpec, step


class SelfLoop(FlowSpec):
    """Newton's method, a task for each iteration."""

    @step
    def start(self):
        self.guess = 2.0
        self.next(self.improve)

    @step
    def improve(self):
        before = self.guess
        self.guess = (before + 2 / before) / 2
        self.state = "done" if abs(self.guess - before) < 1e-9 else "again"
        self.next({"again": self.improve, "done": self.end}, condition="state")

    @step
    def end(self):
        print(f"the square root of 2 is {self.guess:.9f}")


if __name__ == "__main__":
    SelfLoop()
