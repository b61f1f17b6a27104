"""A switch: an artifact's value chooses which one of several steps comes next."""

from metaflow import FlowSpec, Parameter, step


class Switch(FlowSpec):
    """Train the model that fits the size of the table."""

    rows = Parameter("rows", help="rows of the table", default=5000)

    @step
    def start(self):
        self.size = "large" if self.rows > 10000 else "medium" if self.rows > 1000 else "small"
        self.next({"small": self.exact, "medium": self.sampled, "large": self.streamed}, condition="size")

    @step
    def exact(self):
        self.model = "exact"
        self.next(self.end)

    @step
    def sampled(self):
        self.model = "sampled"
        self.next(self.end)

    @step
    def streamed(self):
        self.model = "streamed"
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.rows} rows: {self.model}")


if __name__ == "__main__":
    Switch()
