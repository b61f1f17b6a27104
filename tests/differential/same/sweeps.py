"""A parameter sweep three foreaches deep: what each join finds, keeps and leaves out."""

# run: --depth 2
from metaflow import FlowSpec, Parameter, step


class Sweeps(FlowSpec):
    depth = Parameter("depth", default=3, type=int)

    @step
    def start(self):
        self.models = ["lr", "rf"]
        self.kept = {"k": 1}
        self.next(self.model, foreach="models")

    @step
    def model(self):
        self.name_of_model = self.input
        self.folds = tuple(range(self.depth))
        self.next(self.fold, foreach="folds")

    @step
    def fold(self):
        self.seeds = "ab"
        self.number = self.input
        self.around = self.foreach_stack()
        self.next(self.seed, foreach="seeds")

    @step
    def seed(self):
        self.score = len(self.name_of_model) * 10 + self.number + (self.input == "b")
        self.indices = [frame[0] for frame in self.foreach_stack()]
        self.next(self.seeds_joined)

    @step
    def seeds_joined(self, inputs):
        self.best = max(inputs, key=lambda one: one.score).score
        self.order = [one.index for one in inputs]
        self.merge_artifacts(inputs, include=["name_of_model", "number", "kept"])
        self.next(self.folds_joined)

    @step
    def folds_joined(self, inputs):
        self.scores = {one.number: one.best for one in inputs}
        self.merge_artifacts(inputs, exclude=["number", "best", "order"])
        self.next(self.models_joined)

    @step
    def models_joined(self, inputs):
        self.table = {one.name_of_model: one.scores for one in inputs}
        self.merge_artifacts(inputs, include=["kept"])
        self.next(self.end)

    @step
    def end(self):
        print(self.table)


if __name__ == "__main__":
    Sweeps()
