"""Arms of a fork that choose: one goes straight to the join or by a detour."""

from flowc import FlowSpec, Parameter, step


class Straight(FlowSpec):
    way = Parameter("way", default="direct")

    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.found = ["a"]
        self.kind = self.way
        self.next({"direct": self.join, "detour": self.more}, condition="kind")

    @step
    def more(self):
        self.found = [*self.found, "more"]
        self.next(self.join)

    @step
    def b(self):
        self.found = ["b"]
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.found for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.all)


if __name__ == "__main__":
    Straight()
