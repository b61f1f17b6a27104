"""A run that on an engine never ends by itself: somebody stops it, and somebody resumes it elsewhere."""

import time

from metaflow import FlowSpec, current, exit_hook, step


def told(run):
    print("told of", run.id)


@exit_hook(on_error=[told])
class Stopped(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.each, self.waits)

    @step
    def each(self):
        self.double = [2 * n for n in self.items]
        self.next(self.join)

    @step
    def waits(self):
        while current.run_id.startswith(("argo-", "sfn-")):
            time.sleep(1)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.double = inputs.each.double
        self.next(self.end)

    @step
    def end(self):
        print(self.double)


if __name__ == "__main__":
    Stopped()
