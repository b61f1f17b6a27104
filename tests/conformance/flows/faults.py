"""One final fault of each kind, by a parameter; none of them is tried again."""

from flowc import FlowSpec, Parameter, retry, step


class Faults(FlowSpec):
    kind = Parameter("kind", default="wide")

    @retry(times=2, minutes_between_retries=0)
    @step
    def start(self):
        self.items = list(range({"wide": 4, "empty": 0}.get(self.kind, 1)))
        self.way = "nowhere" if self.kind == "switch" else "loop" if self.kind == "loop" else "raise"
        if self.kind in ("wide", "empty"):
            self.next(self.each, foreach="items")
        else:
            self.next(self.choose)

    @step
    def each(self):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def choose(self):
        self.next({"loop": self.round, "raise": self.broken}, condition="way")

    @step
    def round(self):
        self.more = "yes"
        self.next({"yes": self.round, "no": self.broken}, condition="more")

    @step
    def broken(self):
        raise RuntimeError("as asked")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Faults()
