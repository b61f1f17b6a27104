"""The smallest flow: one step is the first and the last."""

from metaflow import FlowSpec, step


class SingleStep(FlowSpec):
    """A job that needs no second step still gets a schedule, retries and resources."""

    @step
    def report(self):
        self.answer = sum(n * n for n in range(10))
        print(f"the sum of squares is {self.answer}")


if __name__ == "__main__":
    SingleStep()
