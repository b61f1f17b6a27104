"""`@card`: accepted, and reported as what no target makes."""

from metaflow import FlowSpec, card, step


class WithCard(FlowSpec):
    """A flow that makes a report under Metaflow runs without one here."""

    @card
    @step
    def start(self):
        self.score = 0.97
        self.next(self.end)

    @step
    def end(self):
        print(self.score)


if __name__ == "__main__":
    WithCard()
