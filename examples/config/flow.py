"""`Config` and `config_expr`: a file read at compile time decides resources, retries and defaults."""

from metaflow import Config, FlowSpec, Parameter, config_expr, resources, retry, step


class Configured(FlowSpec):
    """Train with the settings of `settings.json`."""

    config = Config("config", default="settings.json")
    limits = Config("limits", default_value={"attempts": 2})

    rounds = Parameter("rounds", help="passes over the data", default=config_expr("config.training.rounds"))

    @retry(times=config_expr("limits.attempts"), minutes_between_retries=0)
    @resources(memory=config_expr("config.training.memory"), cpu=config_expr("config.training.cpu"))
    @step
    def start(self):
        self.name = self.config.model
        self.loss = 1 / (1 + self.rounds)
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.name}: loss {self.loss:.3f} after {self.rounds} rounds")


if __name__ == "__main__":
    Configured()
