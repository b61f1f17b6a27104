"""Names outside ASCII, which flowc spells safely in every manifest."""

from flowc import FlowSpec, step


class Überblick(FlowSpec):
    """Steps may be named in any language that Python allows."""

    @step
    def start(self):
        self.größe = 3
        self.next(self.zählen)

    @step
    def zählen(self):
        self.summe = sum(range(self.größe))
        self.next(self.end)

    @step
    def end(self):
        print(self.summe)


if __name__ == "__main__":
    Überblick()
