"""merge_artifacts with all its ways to refuse."""

# differs: *.constant
from metaflow import FlowSpec, Parameter, step
from metaflow.exception import MetaflowException


class Merges(FlowSpec):
    level = Parameter("level", default=1)
    constant = ("a", "b")

    @step
    def start(self):
        self.common = {"deep": [1]}
        self.changed_alike = [0]
        self.deleted = 1
        self.overwritten = 0
        self.next(self.a, self.b, self.c)

    @step
    def a(self):
        self.changed_alike.append(1)
        self.differs = 1
        self.only_a = "a"
        self.equal = (1, "x")
        self.next(self.meet)

    @step
    def b(self):
        self.changed_alike.append(1)
        self.differs = 2
        self.equal = (1, "x")
        self.deleted
        del self.deleted
        self.next(self.meet)

    @step
    def c(self):
        self.differs = 3
        self.changed_alike.append(1)
        self.next(self.meet)

    @step
    def meet(self, inputs):
        self.refusals = []
        for options in (
            {},
            {"include": ["differs"]},
            {"include": ["never"]},
            {"include": ["common"], "exclude": ["differs"]},
            {"exclude": ["only_a"]},
        ):
            try:
                self.merge_artifacts(inputs, **options)
            except MetaflowException as error:
                self.refusals.append(
                    (type(error).__name__, sorted(set(getattr(error, "artifact_names", []))))
                )
        self.has_now = [hasattr(self, n) for n in ("common", "differs", "only_a")]
        self.overwritten = "here"
        self.merge_artifacts(inputs, exclude=["differs"])
        self.differs = sum(i.differs for i in inputs)
        self.next(self.two)

    @step
    def two(self):
        self.next(self.spread, self.idle)

    @step
    def spread(self):
        self.items = [1, 2, 3]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.square = self.input**2
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.merge_artifacts(inputs, include=["common", "equal"])
        self.squares = [i.square for i in inputs]
        self.next(self.last)

    @step
    def idle(self):
        self.next(self.last)

    @step
    def last(self, inputs):
        self.squares = inputs.collect.squares
        try:
            self.merge_artifacts(inputs)
        except Exception as error:
            self.refused = type(error).__name__
        self.next(self.end)

    @step
    def end(self):
        try:
            self.merge_artifacts([])
        except Exception as error:
            self.refused_at_end = type(error).__name__


if __name__ == "__main__":
    Merges()
