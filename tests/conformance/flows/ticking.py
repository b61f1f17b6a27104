"""A flow that starts every minute."""

from metaflow import FlowSpec, schedule, step


@schedule(cron="* * * * *")
class Ticking(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Ticking()
