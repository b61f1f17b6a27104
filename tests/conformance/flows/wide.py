"""More arms than workers, each of which fails once and waits: never more tasks at once than the limit."""

import time

from flowc import FlowSpec, current, retry, step


class Wide(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2, 3]
        self.next(self.a, self.b, self.c, self.split)

    @retry(times=2, minutes_between_retries=0)
    @step
    def a(self):
        self.once()
        self.next(self.join)

    @retry(times=2, minutes_between_retries=0.1)
    @step
    def b(self):
        self.once()
        self.next(self.join)

    @step
    def c(self):
        time.sleep(1)
        self.next(self.join)

    @step
    def split(self):
        self.next(self.each, foreach="items")

    @retry(times=2, minutes_between_retries=0.05)
    @step
    def each(self):
        self.once()
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass

    def once(self):
        time.sleep(1)
        if current.retry_count == 0:
            raise ConnectionError("no answer")


if __name__ == "__main__":
    Wide()
