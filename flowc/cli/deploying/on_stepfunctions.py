"""A run started on Step Functions: its parameters as JSON, and checked by what was deployed."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING

from flowc.backends.stepfunctions.inputs import FILE_FORMAT
from flowc.cli.deploying.inputs import declared, run_values, tell_other_code
from flowc.cli.deploying.remote import on_stepfunctions
from flowc.cli.output import say, write
from flowc.deploy.faults import DeployFault
from flowc.deploy.stepfunctions.account import open_account
from flowc.deploy.stepfunctions.deployed import deployed_flow
from flowc.deploy.stepfunctions.runs import RUN_PREFIX, encode_input, find_machine, new_name, submit

if TYPE_CHECKING:
    from typing import Any

    import click

    from flowc.cli.deploying.inputs import Meant, Start
    from flowc.cli.deploying.remote import Remote
    from flowc.deploy.stepfunctions.deployed import Deployed
    from flowc.ir.params import Parameter

_TYPES = {"integer": "int", "number": "float", "boolean": "bool"}  # of JSON Schema; all else is text


def start_run(ctx: click.Context, meant: Meant, start: Start) -> Remote | None:
    """Start an execution; None where it is only shown. Raises DeployFault."""
    account = open_account()
    machine = find_machine(account, meant.name)
    stack = deployed_flow(account, meant.name)
    tell_other_code(meant, stack.code_sha256)
    given = run_values(ctx, meant, _deployed(stack, meant), start)
    values = {name: sendable(value) for name, value in given.items()}
    wishes = {"origin_run": start.origin_run, "from_step": start.from_step, "tags": start.tags}
    content = encode_input(values, wishes)
    if start.dry_run:
        say(f"would be given to a new execution of {machine}:")
        write(sys.stdout, content + "\n")
        return None
    name = new_name(meant.name)
    return on_stepfunctions(account, submit(account, machine, name, content), RUN_PREFIX + name)


def _deployed(stack: Deployed, meant: Meant) -> list[Parameter]:
    """The parameters that the deployed machine takes: its schema was uploaded with it."""
    if stack.schema is None and meant.program is not None:  # a stack that another tool made
        return list(meant.program.graph.parameters.values())
    if stack.schema is None:
        raise DeployFault(
            f"what parameters `{meant.name}` takes cannot be read from here: give the flow's file instead of its name"
        )
    schema = json.loads(stack.schema)
    required = schema.get("required") or ()
    return [
        declared(name, _kind(facts), required=name in required)
        for name, facts in schema["properties"].items()
        if name != "_flowc"
    ]


def _kind(facts: dict[str, Any]) -> str:
    return "file" if facts.get("format") == FILE_FORMAT else _TYPES.get(str(facts.get("type")), "str")


def sendable(value: object) -> object:
    """A value for JSON, which has no word for `nan` and infinities: the run reads them as text."""
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
