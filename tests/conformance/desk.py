"""A project's folder from which flowc's commands are given, as its user gives them, to one of the engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLOW = """\
from flowc import FlowSpec, IncludeFile, Parameter, step


class {flow}(FlowSpec):
    count = Parameter("count", default=2)
    table = IncludeFile("table", default=None)

    @step
    def start(self):
        self.items = list(range(self.count))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        print("item", self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        {join}
        self.next(self.end)

    @step
    def end(self):
        print(self.table)
"""


class Ended(NamedTuple):
    """A command that has ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    def changes(self) -> list[str]:
        """What became of each thing, by the thing's last word: `created stack/x`."""
        assert self.code == 0, self.err
        return [
            f"{words[0]} {words[1].rpartition('.')[2]}" for words in map(str.split, self.out.splitlines())
        ]


class Desk:
    """A folder with a flow and its configuration. `name` is what the flow is deployed as, of this desk alone.

    `options` are those of each `flowc deploy`, `surroundings` the variables of each command.
    """

    def __init__(
        self, folder: Path, target: str, settings: str, surroundings: Mapping[str, str], *options: str
    ) -> None:
        self.folder = folder
        self._options = options
        self.name = f"desk-{uuid.uuid4().hex[:8]}"
        self.flow = self.name.title().replace("-", "")
        self._surroundings = surroundings
        self.put("pyproject.toml", f'[tool.flowc]\ntargets = ["{target}"]\nname = "{self.name}"\n{settings}')
        self.write()

    def put(self, path: str, text: str) -> None:
        """Write a file of the project."""
        (self.folder / path).write_text(text)

    def write(self, join: str = "pass") -> None:
        """Write the flow; `join` is the line of its step that joins."""
        self.put("flow.py", FLOW.format(flow=self.flow, join=join))

    def run(self, *words: str, **variables: str) -> Ended:
        """Give a command, with other variables where they are given."""
        done = subprocess.run(
            [sys.executable, "-m", "flowc", *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**os.environ, **self._surroundings, **variables},
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def deploy(self) -> list[str]:
        """Deploy the flow as it is now; what became of each thing."""
        return self.run("deploy", "flow.py", *self._options).changes()

    def refused(self, command: str, *parts: str, **variables: str) -> None:
        """A command that ends with a message which has the parts."""
        ended = self.run(*command.split(), **variables)
        assert ended.code == 2, ended
        for part in parts:
            assert part in ended.err

    def status(self, run_id: str) -> dict[str, Any]:
        """How far a run is."""
        found: dict[str, Any] = json.loads(self.run("status", run_id, "--json").out)
        return found

    def steps(self, run_id: str) -> dict[str, int]:
        """How many tasks of each step have succeeded."""
        return {count["step"]: count["succeeded"] for count in self.status(run_id)["steps"]}
