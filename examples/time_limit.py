"""`@timeout`: a step may take so long and no longer; with `@retry` it is then tried again."""

import time

from metaflow import FlowSpec, current, retry, step, timeout

PATIENCE = 60


class TimeLimit(FlowSpec):
    """Wait for an answer, but not for ever."""

    @retry(times=1, minutes_between_retries=0)
    @timeout(seconds=PATIENCE * 2, minutes=1)
    @step
    def start(self):
        time.sleep(0.1 * (1 - min(current.retry_count, 1)))
        self.answer = "in time"
        self.next(self.end)

    @step
    def end(self):
        print(self.answer)


if __name__ == "__main__":
    TimeLimit()
