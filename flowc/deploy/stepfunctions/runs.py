"""Runs of a state machine: started, looked at, stopped.

The run id is `sfn-` and the execution's name; flowc's own names begin with the machine's, so that
the id alone leads to it.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from flowc import contract
from flowc.deploy.faults import DeployFault, Forbidden, known_names
from flowc.deploy.status import RunStatus, State, StepCount
from flowc.deploy.stepfunctions.account import Refused
from flowc.deploy.stepfunctions.history import brief, counts, read_history, steps_of, troubles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from flowc.deploy.stepfunctions.account import Account

_SERVICE = "stepfunctions"
RUN_PREFIX = "sfn-"
_MAX_NAME = 80
MAX_INPUT = 262_144  # bytes
_TRIED = 100  # machines that are asked for an execution whose name does not tell
_STATES = {
    "RUNNING": State.RUNNING,
    "PENDING_REDRIVE": State.RUNNING,
    "SUCCEEDED": State.SUCCEEDED,
    "FAILED": State.FAILED,
    "TIMED_OUT": State.FAILED,
    "ABORTED": State.CANCELLED,
}


def machines(account: Account) -> dict[str, str]:
    """The ARN of each state machine by its name."""
    return {
        machine["name"]: machine["stateMachineArn"]
        for machine in _pages(account, "list_state_machines", "stateMachines")
    }


def find_machine(account: Account, name: str) -> str:
    """The ARN of a deployed flow's machine. Raises DeployFault with the names there are."""
    known = machines(account)
    if name in known:
        return known[name]
    nothing = "no state machine is there: `flowc deploy FILE --target stepfunctions`, or another region"
    raise DeployFault(
        f"no flow `{name}` is deployed in {account.region}; {known_names(name, list(known), nothing)}"
    )


def new_name(machine: str) -> str:
    """A name for an execution of the machine."""
    return f"{machine[: _MAX_NAME - 9]}-{secrets.token_hex(4)}"


def encode_input(values: Mapping[str, object], wishes: Mapping[str, object]) -> str:
    """What an execution is given: parameters by name, and flowc's own key. Raises DeployFault where it is too large.

    `wishes` are what is said of the run itself, as `contract.INPUT_SETTINGS` tells; empty ones are left out.
    """
    own = {key: value for key, value in wishes.items() if value}
    given = {**values, **({contract.INPUT_SETTINGS: own} if own else {})}
    text = json.dumps(given, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > MAX_INPUT:
        raise DeployFault(
            f"the parameters take {len(text.encode()):,} bytes, and Step Functions allows {MAX_INPUT:,}: pass what is "
            "large as a file in S3"
        )
    return text


def submit(account: Account, machine: str, name: str, content: str) -> str:
    """Start an execution; its ARN."""
    started = account.call(_SERVICE, "start_execution", stateMachineArn=machine, name=name, input=content)
    return str(started["executionArn"])


def find_execution(account: Account, run_id: str, name: str | None) -> str:
    """The ARN of a run: of the machine `name`, else of the one that its id tells. Raises DeployFault."""
    execution = run_id.removeprefix(RUN_PREFIX)
    known = machines(account)
    if name is not None:
        tried = [find_machine(account, name)]
    else:
        by_name = sorted(
            (m for m in known if execution.startswith(f"{m[: _MAX_NAME - 9]}-")), key=len, reverse=True
        )
        tried = [known[machine] for machine in dict.fromkeys([*by_name, *list(known)[:_TRIED]])]
    for machine in tried:
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{execution}"
        if _describe(account, arn) is not None:
            return arn
    where = f"`{name}`" if name else "no state machine"
    raise DeployFault(
        f"{where} in {account.region} had {'no' if name else 'the'} run `{run_id}`; "
        + ("look at the id and the region" if name else "write it as NAME/RUN, and look at the region")
    )


def look(account: Account, arn: str, run_id: str) -> RunStatus:
    """How far a run is. Raises DeployFault where it is not there any more."""
    found = _describe(account, arn)
    if found is None:
        raise DeployFault(f"there is no run `{run_id}` in {account.region} any more")
    state = _STATES.get(str(found["status"]), State.RUNNING)
    definition = account.call(_SERVICE, "describe_state_machine_for_execution", executionArn=arn)[
        "definition"
    ]
    seen = read_history(
        _pages(account, "get_execution_history", "events", executionArn=arn), steps_of(definition)
    )
    steps = counts(seen.tasks, ended=state.ended)
    steps += [_items(account, map_run, name) for map_run, name in seen.map_runs.items()]
    return RunStatus(
        run_id=run_id,
        name=arn.split(":")[-2],
        state=state,
        started=_seconds(found.get("startDate")),
        ended=_seconds(found.get("stopDate")),
        message=brief(found.get("error"), found.get("cause")),
        steps=tuple(steps),
        troubles=tuple(troubles(seen.tasks, ended=state.ended)),
    )


def cancel(account: Account, arn: str) -> None:
    """Stop a run with its jobs."""
    account.call(_SERVICE, "stop_execution", executionArn=arn, error="Flowc.Cancelled", cause="flowc cancel")


def _items(account: Account, map_run: str, name: str) -> StepCount:
    """The items of a distributed Map, whose tasks lie in executions of their own."""
    shown = f"{name} (items)"
    try:
        found = account.call(_SERVICE, "describe_map_run", mapRunArn=map_run)["itemCounts"]
    except (Forbidden, Refused):
        return StepCount(shown)
    failed = found.get("failed", 0) + found.get("timedOut", 0) + found.get("aborted", 0)
    return StepCount(
        shown, found.get("pending", 0), found.get("running", 0), found.get("succeeded", 0), failed
    )


def _describe(account: Account, arn: str) -> Mapping[str, Any] | None:
    try:
        return account.call(_SERVICE, "describe_execution", executionArn=arn)
    except Refused as refused:
        if refused.code in {"ExecutionDoesNotExist", "InvalidArn"}:
            return None
        raise


def _pages(account: Account, operation: str, items: str, **parameters: object) -> Iterator[dict[str, Any]]:
    """All items of a list that comes in pages."""
    while True:
        page = account.call(_SERVICE, operation, maxResults=1000, **parameters)
        yield from page.get(items) or ()
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _seconds(moment: Any) -> float | None:  # noqa: ANN401
    return None if moment is None else float(moment.timestamp())
