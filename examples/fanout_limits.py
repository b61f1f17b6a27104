"""`@fanout`, flowc's own: how many items one foreach may have, and how many of them run at once."""

from flowc import FlowSpec, fanout, step

PAGES = 150


class FanoutLimits(FlowSpec):
    """Fetch many pages, four at a time, however many workers the run has."""

    @fanout(max_num_splits=200, max_workers=4)
    @step
    def start(self):
        self.pages = range(PAGES)
        self.next(self.fetch, foreach="pages")

    @step
    def fetch(self):
        self.size = 100 + self.input % 7
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.size for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.total} bytes")


if __name__ == "__main__":
    FanoutLimits()
