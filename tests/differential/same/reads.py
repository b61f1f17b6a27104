"""A run that reads itself by the client while it runs, and a join that finds its branches by name."""

from metaflow import Flow, FlowSpec, Run, Step, Task, current, namespace, step


class Reads(FlowSpec):
    @step
    def start(self):
        self.x = 42
        self.next(self.asks, self.waits)

    @step
    def asks(self):
        namespace(None)
        run = Run(f"{current.flow_name}/{current.run_id}")
        self.first = run["start"].task.data.x
        self.again = Step(f"{run.pathspec}/start").task["x"].data
        self.ended = run.finished, run.successful, run["start"].task.successful
        self.next(self.join)

    @step
    def waits(self):
        self.known = sorted(current.tags)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.found = inputs.asks.first, [hasattr(inputs.waits, name) for name in ("first", "known", "x")]
        self.count = len(list(inputs))
        self.next(self.end)

    @step
    def end(self):
        namespace(None)
        self.latest = Flow(current.flow_name).latest_run.id == current.run_id
        self.step_found = Task(current.pathspec).parent.id


if __name__ == "__main__":
    Reads()
