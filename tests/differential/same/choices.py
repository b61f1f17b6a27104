"""Switches and loops, in and out of foreaches."""

from metaflow import FlowSpec, step


class Choices(FlowSpec):
    @step
    def start(self):
        self.items = ["one", "two", "three"]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.way = {"one": "short", "two": "long"}.get(self.input, "short")
        self.trace = [self.input]
        self.next({"short": self.short, "long": self.long}, condition="way")

    @step
    def short(self):
        self.trace.append("short")
        self.next(self.meet)

    @step
    def long(self):
        self.trace.append("long")
        self.next(self.longer)

    @step
    def longer(self):
        self.trace.append(self.input)
        self.next(self.meet)

    @step
    def meet(self):
        self.trace.append(self.index)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.traces = [i.trace for i in inputs]
        self.visits = 0
        self.path = []
        self.next(self.again)

    @step
    def again(self):
        self.visits += 1
        self.path = self.path + [self.visits]
        self.more = "yes" if self.visits < 4 else "no"
        self.next({"yes": self.again, "no": self.after}, condition="more")

    @step
    def after(self):
        self.key = 7
        self.word = str(self.key)
        self.next({"7": self.seven, "8": self.eight}, condition="word")

    @step
    def seven(self):
        self.chosen = 7
        self.next(self.end)

    @step
    def eight(self):
        self.chosen = 8
        self.next(self.end)

    @step
    def end(self):
        self.final = (self.chosen, self.path, self.visits)


if __name__ == "__main__":
    Choices()
