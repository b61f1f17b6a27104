"""A step that is still running when its pod is deleted."""

import time

from metaflow import FlowSpec, catch, step


class Deleted(FlowSpec):
    @catch(var="failure")
    @step
    def start(self):
        self.next(self.waits)

    @catch(var="failure")
    @step
    def waits(self):
        time.sleep(100)
        self.next(self.end)

    @step
    def end(self):
        print(type(self.failure).__name__, self.failure)


if __name__ == "__main__":
    Deleted()
