"""`@environment`: variables of a step, any text among them; no engine takes a part of it for its own syntax."""

import os

from metaflow import FlowSpec, environment, step

REGION = "eu-west-1"


class EnvironmentVariables(FlowSpec):
    """Print what a program would see."""

    @environment(
        vars={
            "APP_REGION": REGION,
            "APP_GREETING": "hello, {{name}}",
            "APP_PATTERN": "$(HOME) ${HOME} {% raw %}",
        }
    )
    @step
    def start(self):
        self.seen = {name: os.environ.get(name) for name in ("APP_REGION", "APP_GREETING", "APP_PATTERN")}
        self.next(self.end)

    @step
    def end(self):
        for name, value in self.seen.items():
            print(f"{name}={value}")


if __name__ == "__main__":
    EnvironmentVariables()
