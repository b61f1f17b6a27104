"""Steps in a row: what one step assigns to `self`, the next one reads."""

from metaflow import FlowSpec, step


class Hello(FlowSpec):
    """Greet someone, one step at a time."""

    @step
    def start(self):
        self.name = "world"
        self.next(self.greet)

    @step
    def greet(self):
        self.greeting = f"hello, {self.name}"
        self.next(self.end)

    @step
    def end(self):
        print(self.greeting)


if __name__ == "__main__":
    Hello()
