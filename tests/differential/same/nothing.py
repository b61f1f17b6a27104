"""A foreach that turns out to have nothing to go over."""

from metaflow import FlowSpec, step


class Nothing(FlowSpec):
    @step
    def start(self):
        self.xs = list(filter(None, [0]))
        self.next(self.each, foreach="xs")

    @step
    def each(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Nothing()
