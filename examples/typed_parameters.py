"""Parameters of every type: typed inputs on Argo and Step Functions, options on the command line."""

from metaflow import FlowSpec, JSONType, Parameter, step

DEFAULT_RATE = 0.05


class TypedParameters(FlowSpec):
    """Print what the run was given."""

    title = Parameter("title", help="text", default="a study")
    rounds = Parameter("rounds", type=int, help="a whole number", default=3)
    rate = Parameter("rate", help="a number, its type taken from the default", default=DEFAULT_RATE * 2)
    verbose = Parameter("verbose", type=bool, help="yes or no", default=False)
    options = Parameter("options", type=JSONType, help="any JSON", default='{"seed": 7}')
    colours = Parameter("colours", separator=",", help="a list, split at commas", default="red,green")

    @step
    def start(self):
        self.settings = {
            "title": self.title,
            "rounds": self.rounds + 1,
            "rate": self.rate / 2,
            "verbose": not self.verbose,
            "seed": self.options["seed"],
            "colours": list(self.colours),
        }
        self.next(self.end)

    @step
    def end(self):
        for name, value in self.settings.items():
            print(f"{name}: {value!r}")


if __name__ == "__main__":
    TypedParameters()
