"""A loop of several steps, which flowc takes and Metaflow does not: train, evaluate, and again until good."""

from flowc import FlowSpec, Parameter, step


class Loop(FlowSpec):
    """Train until the score is high enough or the patience ends."""

    target = Parameter("target", help="the score to reach", default=0.9)

    @step
    def start(self):
        self.epochs = 0
        self.score = 0.0
        self.next(self.train)

    @step
    def train(self):
        self.epochs += 1
        self.score = 1 - 0.5**self.epochs
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.verdict = "good" if self.score >= self.target else "poor"
        self.next({"good": self.end, "poor": self.adjust}, condition="verdict")

    @step
    def adjust(self):
        print(f"epoch {self.epochs}: {self.score:.3f}, once more")
        self.next(self.train)

    @step
    def end(self):
        print(f"{self.score:.3f} after {self.epochs} epochs")


if __name__ == "__main__":
    Loop()
