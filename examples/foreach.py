"""A foreach: one task for each item of a list, and a join that gathers them in order."""

from metaflow import FlowSpec, step


class Foreach(FlowSpec):
    """Count the letters of some cities."""

    @step
    def start(self):
        self.cities = ["Athens", "Berlin", "Cairo"]
        self.next(self.measure, foreach="cities")

    @step
    def measure(self):
        self.city = self.input
        self.length = len(self.city)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.lengths = {i.city: i.length for i in inputs}
        self.next(self.end)

    @step
    def end(self):
        print(self.lengths)


if __name__ == "__main__":
    Foreach()
