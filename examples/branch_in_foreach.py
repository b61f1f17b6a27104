"""A static split inside a foreach: every item goes down two arms before the items meet."""

from metaflow import FlowSpec, step


class BranchInForeach(FlowSpec):
    """Judge some texts by length and by vocabulary."""

    @step
    def start(self):
        self.texts = ["to be or not to be", "a rose is a rose", "call me Ishmael"]
        self.next(self.read, foreach="texts")

    @step
    def read(self):
        self.words = self.input.split()
        self.next(self.length, self.vocabulary)

    @step
    def length(self):
        self.count = len(self.words)
        self.next(self.judge)

    @step
    def vocabulary(self):
        self.count = len(set(self.words))
        self.next(self.judge)

    @step
    def judge(self, inputs):
        self.variety = inputs.vocabulary.count / inputs.length.count
        self.merge_artifacts(inputs, include=["words"])
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.varieties = [(" ".join(i.words), i.variety) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        for text, variety in self.varieties:
            print(f"{variety:.2f}  {text}")


if __name__ == "__main__":
    BranchInForeach()
