"""Parameters of all types, each kept as the run received it."""

from metaflow import FlowSpec, JSONType, Parameter, step

HOSTILE = "{{workflow.name}} $(HOME) ${HOME} \"q\" 'q' \\ é\n{{=1+1}} {% raw %}"


def todays_seed(context):
    return 11


class Inputs(FlowSpec):
    text = Parameter("text", default=HOSTILE)
    plain = Parameter("plain", default="plain $(HOME)")
    empty = Parameter("empty", default="")
    whole = Parameter("whole", type=int, default=3)
    real = Parameter("real", default=0.25)
    flag = Parameter("flag", type=bool, default=True)
    tree = Parameter("tree", type=JSONType, default='{"a": ["{{x}}", null, 1.5]}')
    parts = Parameter("parts", separator=",", default="a,b")
    seed = Parameter("seed", type=int, default=todays_seed)

    @step
    def start(self):
        self.seen = [
            self.text,
            self.plain,
            self.empty,
            self.whole,
            self.real,
            self.flag,
            self.tree,
            list(self.parts),
            self.seed,
        ]
        self.next(self.end)

    @step
    def end(self):
        print(self.seen)


if __name__ == "__main__":
    Inputs()
