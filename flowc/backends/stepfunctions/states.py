"""The single states that a machine is made of.

Every state that could pass its result on ends in `Output: {}`: what travels through a run are
variables alone, so that no payload grows with a flow's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions.expressions import evaluated, joined, quoted
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.backends.stepfunctions.manifest import (
        Assign,
        Branch,
        Catcher,
        Processor,
        Retrier,
        Rule,
        State,
        States,
    )
    from flowc.ir.spec import Retry

# The errors of the services themselves, tried again before a user's @retry counts an attempt.
BATCH_THROTTLED: Retrier = {
    "ErrorEquals": ["Batch.AWSBatchException", "Batch.TooManyRequestsException", "Batch.ServerException"],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxDelaySeconds": 60,
    "MaxAttempts": 10,
    "JitterStrategy": "FULL",
}
EKS_THROTTLED: Retrier = {
    **BATCH_THROTTLED,
    "ErrorEquals": ["EKS.ServerException", "EKS.TooManyRequestsException"],
}
# Without jitter, which halves the time that is waited: two minutes are longer than S3 is away at a stretch.
S3_UNAVAILABLE: Retrier = {
    "ErrorEquals": ["S3.S3Exception", "S3.SdkClientException"],
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxDelaySeconds": 30,
    "MaxAttempts": 8,
}

# Placeholders of the definition, which the template fills.
BUCKET = "${DatastoreBucket}"
PREFIX = "${DatastorePrefix}"


@dataclass(frozen=True, slots=True)
class Names:
    """The variables of a scope: which task a state is about, and what the scope itself remembers."""

    run_id: str
    run_uid: str
    path: str
    depth: int  # scopes around it: a Map's body or a branch adds one

    @property
    def control(self) -> str:
        """The control object that the scope read last."""
        return f"c{self.depth}"

    @property
    def killed(self) -> str:
        """Why the engine gave up the scope's last task that it gave up."""
        return f"killed{self.depth}"


def then(state: State, following: str | None) -> State:
    """`state`, which goes on with the state `following`, or ends its scope."""
    if following is None:
        state["End"] = True
    else:
        state["Next"] = following
    return state


def user_retrier(retry: Retry) -> Retrier:
    """`@retry`. It follows the throttling retrier: the first that matches counts."""
    return {
        "ErrorEquals": ["States.TaskFailed"],
        "IntervalSeconds": max(1, retry.delay_seconds),
        "BackoffRate": 1,
        "MaxAttempts": retry.times,
    }


def task_variables(names: Names) -> list[tuple[str, str]]:
    """What tells one task from another."""
    return [
        (contract.ENV_RUN_ID, evaluated("$" + names.run_id)),
        (contract.ENV_RUN_UID, evaluated("$" + names.run_uid)),
        (contract.ENV_PATH, evaluated("$" + names.path)),
    ]


def environment(variables: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Variables as Batch takes them. An empty value is an expression: validators refuse the empty text."""
    return [{"Name": name, "Value": value or evaluated("''")} for name, value in variables]


def object_key(flow: str, run_id: str, *parts: str) -> str:
    """The expression of a key in the datastore: `parts` are expressions, joined below the run's folder."""
    flow_folder = quoted(f"{PREFIX}{contract.escape_name(flow)}/")
    return joined(flow_folder, run_id, *parts)


def control_key(flow: str, names: Names, step: str, name: str) -> str:
    """The key of a control object beside a task's marker."""
    folder = quoted(f"/{contract.escape_name(step)}/")
    return object_key(flow, "$" + names.run_id, folder, "$" + names.path, quoted("/" + name))


def read_object(partition: str, key: str, variable: str, following: str | None) -> State:
    """Read a small JSON object into a variable."""
    state: State = {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": BUCKET, "Key": evaluated(key)},
        "Retry": [S3_UNAVAILABLE],
        "Assign": {variable: evaluated("$parse($states.result.Body)")},
        "Output": {},
    }
    return then(state, following)


def write_input(partition: str, flow: str, run_id: str, assign: Assign, following: str | None) -> State:
    """Store the execution's input where the first task reads it. A text would arrive quoted twice: it is the object."""
    state: State = {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::aws-sdk:s3:putObject",
        "Arguments": {
            "Bucket": BUCKET,
            "Key": evaluated(object_key(flow, run_id, quoted("/" + contract.INPUT_OBJECT))),
            "Body": evaluated("$states.context.Execution.Input"),
        },
        "Retry": [S3_UNAVAILABLE],
        "Assign": assign,
        "Output": {},
    }
    return then(state, following)


def assign(variables: Assign, following: str | None) -> State:
    """Set variables."""
    return then({"Type": "Pass", "Assign": variables, "Output": {}}, following)


def choice(rules: list[Rule], default: str) -> State:
    """Go on by the first rule that holds."""
    return {"Type": "Choice", "Choices": rules, "Default": default}


def fail(error: str, cause: str) -> State:
    """End the run by name. `cause` is an expression."""
    return {"Type": "Fail", "Error": f"Flowc.{error}", "Cause": evaluated(cause)}


def parallel(branches: list[Branch], following: str | None, catch: list[Catcher] | None = None) -> State:
    """Branches side by side, all at once."""
    state: State = {"Type": "Parallel", "Branches": branches, "Output": {}}
    if catch:
        state["Catch"] = catch
    return then(state, following)


def inline(start: str, states: States) -> Processor:
    """A Map's body that runs in its parent's execution and reads its variables."""
    return {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": start, "States": states}


def distributed(start: str, states: States) -> Processor:
    """A Map's body that is an execution of its own, with a history and variables of its own."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {"ProcessorConfig": config, "StartAt": start, "States": states}
