"""A sweep whose size is a parameter: `--max-num-splits` and `--max-workers` keep it in bounds."""

from metaflow import FlowSpec, Parameter, step


class ParameterSweep(FlowSpec):
    """Try many settings; the limits stop a sweep that is larger than intended."""

    points = Parameter("points", help="how many settings", default=20)

    @step
    def start(self):
        self.params = range(self.points)
        self.next(self.fanned_out, foreach="params")

    @step
    def fanned_out(self):
        self.setting = self.input
        self.loss = (self.setting - 7) ** 2
        self.next(self.pick)

    @step
    def pick(self, inputs):
        self.best = min(inputs, key=lambda i: i.loss).setting
        self.next(self.end)

    @step
    def end(self):
        print(f"best setting: {self.best}")


if __name__ == "__main__":
    ParameterSweep()
