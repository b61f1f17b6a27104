"""Steps called by words that mean something to YAML, to expressions, to templates, or in flowc's own names."""

from flowc import FlowSpec, retry, step


class Workflow(FlowSpec):
    @step
    def start(self):
        self.next(self.main, self.start_split, self.null)

    @step
    def main(self):
        self.tasks = ["{{item}}", "on", ""]
        self.next(self.item, foreach="tasks")

    @retry(times=1, minutes_between_retries=0)
    @step
    def item(self):
        self.word = self.input
        self.next(self.item_tries)

    @step
    def item_tries(self):
        self.next(self.main_items)

    @step
    def main_items(self, inputs):
        self.steps = [i.word for i in inputs]
        self.next(self.outputs)

    @step
    def start_split(self):
        self.kind = "nil"
        self.next({"true": self.true, "nil": self.nil, "": self.let}, condition="kind")

    @step
    def true(self):
        self.next(self.match)

    @step
    def nil(self):
        self.kind = ""
        self.next(self.match)

    @step
    def let(self):
        self.next(self.match)

    @step
    def match(self):
        self.steps = ["match", self.kind]
        self.next(self.outputs)

    @step
    def null(self):
        self.rounds = 0
        self.next(self.y)

    @step
    def y(self):
        self.rounds += 1
        self.more = "on" if self.rounds < 2 else "off"
        self.next({"on": self.y, "off": self._}, condition="more")

    @step
    def _(self):
        self.steps = ["_", self.rounds]
        self.next(self.outputs)

    @step
    def outputs(self, inputs):
        self.parameters = [i.steps for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.parameters)


if __name__ == "__main__":
    Workflow()
