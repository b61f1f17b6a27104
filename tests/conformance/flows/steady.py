"""Retried tasks that take a while, so that something can happen to them; what they leave is always the same."""

import time

from flowc import FlowSpec, Parameter, current, retry, step


class Steady(FlowSpec):
    seconds = Parameter("seconds", default=0)
    label = Parameter("label", default="")

    @step
    def start(self):
        self.items = [1, 2, 3]
        self.next(self.each, foreach="items")

    @retry(times=3, minutes_between_retries=0)
    @step
    def each(self):
        self.numbers = [self.input * n for n in range(1000)]
        for _ in range(self.seconds):
            time.sleep(1)
            print(self.input)
        self.total = sum(self.numbers)
        self.next(self.join)

    @retry(times=3, minutes_between_retries=0)
    @step
    def join(self, inputs):
        self.totals = [(self.label, i.total) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(current.retry_count, self.totals)


if __name__ == "__main__":
    Steady()
