"""An early `return` after a transition, and a `try` whose handler goes elsewhere."""

from flowc import FlowSpec, Parameter, step


class EarlyReturn(FlowSpec):
    """Parse a number; complain about what is none; skip the work for zero."""

    text = Parameter("text", help="a number", default="42")

    @step
    def start(self):
        self.answer = 0
        try:
            self.number = int(self.text)
        except ValueError as error:
            self.reason = str(error)
            self.next(self.complain)
            return
        if self.number == 0:
            return self.next(self.end)
        self.next(self.work)

    @step
    def work(self):
        self.answer = self.number * 2
        self.next(self.end)

    @step
    def complain(self):
        print(f"not a number: {self.reason}")
        self.next(self.end)

    @step
    def end(self):
        print(f"answer: {self.answer}")


if __name__ == "__main__":
    EarlyReturn()
