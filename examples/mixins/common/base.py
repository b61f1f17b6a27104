"""The shape of a training flow; a subclass may replace the step `evaluate`."""

from metaflow import FlowSpec, Parameter, resources, retry, step

from .audit import AuditMixin

EVALUATION_MEMORY = 2048


class TrainingFlow(AuditMixin, FlowSpec):
    """Load, train, evaluate."""

    rounds = Parameter("rounds", help="passes over the data", default=5)

    @step
    def start(self):
        self.rows = list(range(10))
        self.note("loaded")
        self.next(self.train)

    @retry(times=2)
    @resources(memory=EVALUATION_MEMORY * 4)
    @step
    def train(self):
        self.loss = 1 / (self.rounds + len(self.rows))
        self.note("trained")
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.note(f"loss {self.loss:.2f}")
        self.next(self.end)

    @step
    def end(self):
        print("; ".join(self.notes))
