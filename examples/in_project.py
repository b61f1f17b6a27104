"""`@project`: flows of one project share a name space, and each branch deploys beside the others."""

from metaflow import FlowSpec, project, step


@project(name="fraud_detection")
class InProject(FlowSpec):
    """Score the day's payments."""

    @step
    def start(self):
        self.payments = [10.0, 9999.0, 25.5]
        self.next(self.end)

    @step
    def end(self):
        print([p for p in self.payments if p > 1000])


if __name__ == "__main__":
    InProject()
