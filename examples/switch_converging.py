"""Arms of a switch that share steps: a short cut, a common tail and a second choice on the way."""

from metaflow import FlowSpec, Parameter, step


class SwitchConverging(FlowSpec):
    """Bring a document to plain text by as few steps as its kind needs."""

    kind = Parameter("kind", help="scan, html or text", default="scan")

    @step
    def start(self):
        self.steps_taken = []
        self.source = self.kind
        self.next({"scan": self.recognise, "html": self.strip, "text": self.tidy}, condition="source")

    @step
    def recognise(self):
        self.steps_taken = [*self.steps_taken, "recognise"]
        self.quality = "poor" if len(self.source) < 4 else "good"
        self.next({"poor": self.correct, "good": self.tidy}, condition="quality")

    @step
    def correct(self):
        self.steps_taken = [*self.steps_taken, "correct"]
        self.next(self.tidy)

    @step
    def strip(self):
        self.steps_taken = [*self.steps_taken, "strip"]
        self.next(self.tidy)

    @step
    def tidy(self):
        self.steps_taken = [*self.steps_taken, "tidy"]
        self.next(self.end)

    @step
    def end(self):
        print(" > ".join(self.steps_taken))


if __name__ == "__main__":
    SwitchConverging()
