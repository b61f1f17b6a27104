"""`@trigger_on_finish`: a run whenever another flow ends well."""

from metaflow import FlowSpec, step, trigger_on_finish


@trigger_on_finish(flow="Scheduled")
class AfterAnotherFlow(FlowSpec):
    """Send the report that another flow wrote."""

    @step
    def start(self):
        self.message = "the report is ready"
        self.next(self.end)

    @step
    def end(self):
        print(self.message)


if __name__ == "__main__":
    AfterAnotherFlow()
