"""CloudFormation's requests, answered by `stacks` in place of moto's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from changesets import Rejected
from resources import Services
from stacks import Stack, Stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


def mend(aws: str, s3: str) -> None:
    """Answer the requests of `flowc deploy`; the services are at `aws`, S3 at `s3`."""
    from moto.cloudformation.responses import CloudFormationResponse

    CloudFormationResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER = {}  # of moto's models
    stacks = Stacks(Services(aws, s3))
    answers: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "create_change_set": lambda asked: {
            "StackId": stacks.plan(asked).identifier,
            "Id": asked["ChangeSetName"],
        },
        "describe_change_set": lambda asked: _change_set(
            stacks.find(asked["StackName"]), asked["ChangeSetName"]
        ),
        "delete_change_set": lambda asked: _forget(stacks.find(asked["StackName"]), asked["ChangeSetName"]),
        "execute_change_set": lambda asked: stacks.execute(asked["StackName"], asked["ChangeSetName"]) or {},
        "describe_stacks": lambda asked: {"Stacks": _stacks(stacks, asked.get("StackName"))},
        "describe_stack_events": lambda asked: {"StackEvents": stacks.find(asked["StackName"]).events[::-1]},
        "get_template": lambda asked: {"TemplateBody": stacks.find(asked["StackName"]).template},
        "delete_stack": lambda asked: stacks.delete(asked["StackName"]) or {},
    }
    for name, answer in answers.items():
        setattr(CloudFormationResponse, name, _method(answer, stacks))


def _method(answer: Callable[[Mapping[str, Any]], dict[str, Any]], stacks: Stacks) -> Callable[[Any], Any]:
    from moto.cloudformation.exceptions import CloudFormationError
    from moto.core.responses import ActionResult

    def method(self: Any) -> Any:
        try:
            with stacks.lock:
                return ActionResult(answer(self.params))
        except Rejected as rejected:
            error = CloudFormationError(str(rejected))
            error.code = rejected.code
            raise error from rejected

    return method


def _stacks(stacks: Stacks, name: str | None) -> list[dict[str, Any]]:
    found = list(stacks.known.values()) if name is None else [stacks.find(name)]
    return [_described(stack) for stack in found]


def _described(stack: Stack) -> dict[str, Any]:
    machine = stack.made.get("StateMachine")
    return {
        "StackId": stack.identifier,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "CreationTime": stack.created,
        "Parameters": [{"ParameterKey": n, "ParameterValue": v} for n, v in stack.parameters.items()],
        "Outputs": [{"OutputKey": "StateMachineArn", "OutputValue": machine.arn}] if machine else [],
        "Tags": stack.tags,
    }


def _change_set(stack: Stack, label: str) -> dict[str, Any]:
    if label not in stack.change_sets:
        raise Rejected(f"ChangeSet [{label}] does not exist", "ChangeSetNotFound")
    changes = stack.change_sets[label].changes
    known = {"StackName": stack.name, "ChangeSetName": label}
    if not changes:
        return {**known, "Status": "FAILED", "StatusReason": NO_CHANGES}
    told = [{"Action": action, "LogicalResourceId": name} for action, name in changes]
    return {**known, "Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": change} for change in told]}


def _forget(stack: Stack, label: str) -> dict[str, Any]:
    stack.change_sets.pop(label, None)
    return {}
