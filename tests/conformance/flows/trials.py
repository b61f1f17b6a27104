"""Steps that fail at first: tried again, caught after the last attempt, killed, and out of time."""

import os
import signal
import time

from metaflow import FlowSpec, catch, current, retry, step, timeout


class Trials(FlowSpec):
    @step
    def start(self):
        self.next(self.again, self.raises, self.killed, self.slow)

    @retry(times=3, minutes_between_retries=0)
    @step
    def again(self):
        self.before = current.retry_count
        if current.retry_count < 2:
            raise ConnectionError("no answer")
        self.next(self.join)

    @catch(var="failure")
    @retry(times=1, minutes_between_retries=0)
    @step
    def raises(self):
        self.reached = current.retry_count
        if self.reached < 9:
            raise ValueError("attempt " + str(current.retry_count))
        self.next(self.join)

    @catch(var="failure")
    @step
    def killed(self):
        self.reached = "before the kill"
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
        self.next(self.join)

    @catch(var="failure")
    @timeout(seconds=2)
    @step
    def slow(self):
        time.sleep(60)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.before = inputs.again.before
        self.reached = inputs.raises.reached
        self.raised = [inputs.raises.failure.type, inputs.raises.failure.exception]
        self.killed_type = type(inputs.killed.failure).__name__
        self.killed_why = inputs.killed.failure.exception
        self.slow_why = inputs.slow.failure.exception
        self.next(self.end)

    @step
    def end(self):
        print(self.raised, self.killed_type, self.killed_why, self.slow_why)


if __name__ == "__main__":
    Trials()
