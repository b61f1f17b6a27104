"""Regions inside one another: in a foreach a fork, in its arm a loop with a retried step, then a choice."""

from flowc import FlowSpec, catch, current, retry, step


class Tangle(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.item, foreach="items")

    @step
    def item(self):
        self.number = self.input
        self.next(self.grow, self.other)

    @retry(times=1, minutes_between_retries=0)
    @step
    def grow(self):
        self.size = getattr(self, "size", 0) + self.number
        if current.retry_count == 0 and self.size == 2:
            raise ConnectionError("no answer")
        self.next(self.judge)

    @step
    def judge(self):
        self.enough = "yes" if self.size >= 2 else "no"
        self.next({"yes": self.both, "no": self.grow}, condition="enough")

    @catch(var="failure")
    @step
    def other(self):
        self.share = 1 / (self.number - 1)
        self.next(self.both)

    @step
    def both(self, inputs):
        self.number = inputs[0].number
        self.size = inputs[0].size
        self.failed = inputs.other.failure is not None
        self.next({True: self.mend, False: self.join}, condition="failed")

    @step
    def mend(self):
        self.size = -self.size
        self.next(self.join)

    @step
    def join(self, inputs):
        self.sizes = [(i.number, i.size) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.sizes)


if __name__ == "__main__":
    Tangle()
