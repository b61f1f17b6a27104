"""Nested tasks, each of which fails once and waits: never more at once than the limit, in back-off either."""

import random
import time

from flowc import FlowSpec, current, retry, step

OUTER = 3


class Restless(FlowSpec):
    @step
    def start(self):
        self.outer = list(range(OUTER))
        self.next(self.split, foreach="outer")

    @retry(times=1, minutes_between_retries=0.05)
    @step
    def split(self):
        self.once()
        # Four items; the compiler counts a hundred, so that many outer items burst one history.
        self.inner = random.sample(range(10), 4)
        self.next(self.each, foreach="inner")

    @retry(times=1, minutes_between_retries=0.05)
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
        time.sleep(0.5)
        if current.retry_count == 0:
            raise ConnectionError("no answer")


if __name__ == "__main__":
    Restless()
