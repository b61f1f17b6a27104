"""A switch inside a foreach: each item takes its own arm, and the arms meet before the join."""

from metaflow import FlowSpec, step


class SwitchInForeach(FlowSpec):
    """Route each order by its value."""

    @step
    def start(self):
        self.orders = [12, 480, 95, 1700]
        self.next(self.route, foreach="orders")

    @step
    def route(self):
        self.amount = self.input
        self.route_name = "review" if self.amount > 400 else "ship"
        self.next({"review": self.review, "ship": self.ship}, condition="route_name")

    @step
    def review(self):
        self.fate = "held" if self.amount > 1000 else "reviewed"
        self.next(self.record)

    @step
    def ship(self):
        self.fate = "shipped"
        self.next(self.record)

    @step
    def record(self):
        self.line = f"{self.amount}: {self.fate}"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.lines = [i.line for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("\n".join(self.lines))


if __name__ == "__main__":
    SwitchInForeach()
