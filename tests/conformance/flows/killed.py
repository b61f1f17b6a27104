"""Tasks that the kernel ends: a step's own process, which used up its memory, or the whole container."""

import os
import signal
import time

from metaflow import FlowSpec, catch, current, kubernetes, retry, step


class Killed(FlowSpec):
    @step
    def start(self):
        self.next(self.hungry, self.hungry_once, self.cut_off, self.cut_off_once)

    @catch(var="failure")
    @kubernetes(memory=150, cpu=0.05)
    @step
    def hungry(self):
        self.eat()
        self.next(self.join)

    @retry(times=1, minutes_between_retries=0)
    @kubernetes(memory=150, cpu=0.05)
    @step
    def hungry_once(self):
        if current.retry_count == 0:
            self.eat()
        self.tried = current.retry_count
        self.next(self.join)

    @catch(var="failure")
    @step
    def cut_off(self):
        self.end_the_container()
        self.next(self.join)

    @retry(times=1, minutes_between_retries=0)
    @step
    def cut_off_once(self):
        self.lost = "attempt " + str(current.retry_count)
        if current.retry_count == 0:
            self.end_the_container()
        self.tried = current.retry_count
        self.next(self.join)

    @step
    def join(self, inputs):
        self.tried = inputs.hungry_once.tried, inputs.cut_off_once.tried, inputs.cut_off_once.lost
        self.failures = inputs.hungry.failure, inputs.cut_off.failure
        self.next(self.end)

    @step
    def end(self):
        for failure in self.failures:
            print(type(failure).__name__, failure)
        print(self.tried)

    def eat(self):
        eaten = [os.urandom(1 << 20) for _ in range(4096)]
        print(len(eaten), "MiB, and nobody minds")

    def end_the_container(self):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)


if __name__ == "__main__":
    Killed()
