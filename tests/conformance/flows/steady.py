"""Retried tasks that take a while, so that something can happen to them; what they leave is always the same."""

import os
import socket
import time
from urllib.parse import urlsplit

from flowc import FlowSpec, Parameter, current, retry, step


class Steady(FlowSpec):
    seconds = Parameter("seconds", default=0)
    outage = Parameter("outage", default=False)
    hangs = Parameter("hangs", default=False)
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
        while self.hangs and self.index == 1 and current.retry_count == 0:
            time.sleep(1)
        while self.outage and self.index == 1 and self.datastore_answers():
            time.sleep(0.2)
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

    def datastore_answers(self):
        address = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
        try:
            socket.create_connection((address.hostname, address.port), timeout=5).close()
        except OSError:
            return False
        return True


if __name__ == "__main__":
    Steady()
