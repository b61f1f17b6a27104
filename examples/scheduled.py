"""`@schedule`: a run every weekday morning, as a CronWorkflow on Argo and a schedule on AWS."""

from metaflow import FlowSpec, schedule, step


@schedule(cron="30 6 ? * MON-FRI *", timezone="Europe/Berlin")
class Scheduled(FlowSpec):
    """Write the morning's report."""

    @step
    def start(self):
        self.lines = ["sales", "returns"]
        self.next(self.end)

    @step
    def end(self):
        print("\n".join(self.lines))


if __name__ == "__main__":
    Scheduled()
