"""Plain `if`, `elif` and `else` around transitions: no table, and each arm may be of another kind."""

from flowc import FlowSpec, Parameter, step


class IfElse(FlowSpec):
    """Handle a batch of files by how many there are."""

    count = Parameter("count", help="how many files", default=3)

    @step
    def start(self):
        self.files = [f"part-{i:03d}" for i in range(self.count)]
        if not self.files:
            self.outcome = "nothing to do"
            self.next(self.end)
        elif len(self.files) == 1:
            self.outcome = f"read {self.files[0]}"
            self.next(self.single)
        else:
            self.next(self.read, foreach="files")

    @step
    def single(self):
        print(self.outcome)
        self.next(self.end)

    @step
    def read(self):
        self.name = self.input
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.outcome = f"read {', '.join(i.name for i in inputs)}"
        self.next(self.end)

    @step
    def end(self):
        print(self.outcome)


if __name__ == "__main__":
    IfElse()
