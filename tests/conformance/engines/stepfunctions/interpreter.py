"""Which interpreter of the state language is put right: moto's, or LocalStack's.

Moto's grew out of LocalStack's, and each has gone its own way since: they have the same modules, some under other
names, and most of their defects. What an `Interpreter` names is in both.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, NamedTuple


class Interpreter(NamedTuple):
    """The package of an interpreter, that of its API's words, and what its package of executed states is called."""

    package: str
    words: str
    states: str

    def module(self, name: str) -> Any:
        """A module of the interpreter, such as `jsonata.jsonata`."""
        return import_module(f"{self.package}.{name}")

    def state(self, name: str) -> Any:
        """A module about states that do something, such as `state_map.iteration.job`."""
        return self.module(f"component.state.{self.states}.{name}")

    def service(self, name: str) -> Any:
        """A module about one kind of a task's resources: `callback`, `batch`, `aws_sdk`."""
        return self.state(f"state_task.service.state_task_service_{name}")

    def error_name(self, name: str) -> Any:
        """A module about the names of errors."""
        return self.module(f"component.common.error_name.{name}")

    def api(self) -> Any:
        """The words of the service's API."""
        return import_module(self.words)

    def replace_everywhere(self, name: str, replacement: object) -> None:
        """Replace a function in every module of the interpreter that has imported it by name."""
        for module in [m for n, m in sys.modules.items() if n.startswith(self.package)]:
            if name in vars(module):
                setattr(module, name, replacement)


MOTO = Interpreter("moto.stepfunctions.parser.asl", "moto.stepfunctions.parser.api", "exec")
LOCALSTACK = Interpreter(
    "localstack.services.stepfunctions.asl", "localstack.aws.api.stepfunctions", "state_execution"
)
