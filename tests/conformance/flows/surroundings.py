"""What a step finds around it: variables, secrets, a file of the project, a config."""

import os

from metaflow import Config, FlowSpec, IncludeFile, config_expr, environment, retry, secrets, step

ODD = "{{workflow.name}} $(HOME) \"q\" 'q' é\nnext"


class Surroundings(FlowSpec):
    config = Config("config", default_value={"times": 1, "word": "{{=1+1}} $(HOME)"})
    table = IncludeFile("table", default="table.csv")

    @retry(times=config_expr("config.times"), minutes_between_retries=0)
    @environment(vars={"PLAIN": "eu-west-1", "ODD": ODD, "TREE": '{"LEAF": "$(HOME) é", "2nd": 1}'})
    @secrets(
        sources=[
            "flowc-test-login",
            {"type": "inline", "id": "sender", "options": {"env_vars": {"SENDER": "{{x}} $(HOME)"}}},
            {"type": "env", "id": "RELAYED", "options": {"variable": "ODD"}},
            {"type": "env", "id": "TREE"},
        ]
    )
    @step
    def start(self):
        names = ("PLAIN", "ODD", "LOGIN_USER", "SENDER", "RELAYED", "LEAF", "_2nd")
        self.seen = {name: os.environ.get(name) for name in names}
        self.word = self.config.word
        self.rows = self.table.splitlines()
        self.next(self.größe)

    @environment(vars={"PLAIN": "other"})
    @step
    def größe(self):
        self.länge = len(self.rows)
        self.plain = os.environ["PLAIN"]
        self.hidden = os.environ.get("SENDER")
        self.next(self.end)

    @step
    def end(self):
        print(self.länge, self.word)


if __name__ == "__main__":
    Surroundings()
