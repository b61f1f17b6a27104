"""A flow's CloudFormation stack: made or changed through a change set, watched, removed.

A change set tells before anything is done whether something would change. Where nothing would, the
service fails it with a message, which is how `unchanged` is known.

Invariant: a stack that flowc did not make is never touched.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc.deploy.faults import DeployFault
from flowc.deploy.outcome import Change
from flowc.deploy.stepfunctions.account import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowc.deploy.stepfunctions.account import Account

_SERVICE = "cloudformation"
_TAG = "flowc"  # on every stack of ours; its value is the flow's name
_PAUSE = 2.0  # seconds between two looks
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_SHOWN = 8  # failed resources that a message names
MAX_INLINE = 51_200  # bytes of a template in the request


class Stack(NamedTuple):
    """A stack as the service knows it."""

    identifier: str
    status: str
    reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    is_ours: bool

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing yet: only a change set was made, or its creation was undone."""
        return self.status in {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"}


def find_stack(account: Account, name: str) -> Stack | None:
    """The stack of a name; None where there is none."""
    try:
        found = account.call(_SERVICE, "describe_stacks", StackName=name)["Stacks"]
    except Refused as refused:
        if "does not exist" in refused.reason:
            return None
        raise
    return _read(found[0]) if found and found[0].get("StackStatus") != "DELETE_COMPLETE" else None


def own_stack(account: Account, name: str) -> Stack | None:
    """As `find_stack`. Raises DeployFault where someone else made the stack or is changing it, or where it is stuck."""
    stack = find_stack(account, name)
    if stack is None:
        return None
    if not stack.is_ours and stack.status != "REVIEW_IN_PROGRESS":  # which has no tags yet
        raise DeployFault(
            f"the stack `{name}` in {account.region} was not made by flowc; give the flow another `--name`"
        )
    if stack.status.endswith("_IN_PROGRESS") and not stack.is_empty:
        raise DeployFault(f"the stack `{name}` is being changed ({stack.status}); wait until that is done")
    if stack.status.endswith(("ROLLBACK_FAILED", "DELETE_FAILED")):
        raise DeployFault(
            f"the stack `{name}` is stuck in {stack.status}{_because(stack.reason)}; repair or delete it in CloudFormation"
        )
    return stack


def change_stack(
    account: Account,
    name: str,
    flow: str,
    before: Stack | None,
    source: Mapping[str, str],
    parameters: list[dict[str, Any]],
    say: Callable[[str], None],
) -> tuple[Change, list[str]]:
    """Make the stack what the template says: (what that was, the resources changed). Raises DeployFault.

    `source` is TemplateBody or TemplateURL.
    """
    if before is not None and before.status == "ROLLBACK_COMPLETE":
        say(f"{name} could not be made earlier; what that left is removed first")
        delete_stack(account, before, say)
        before = None
    kind = "CREATE" if before is None or before.is_empty else "UPDATE"
    label = f"flowc-{int(time.time())}"
    _ask(account, name, label, kind, flow, {"Parameters": parameters, **source})
    changes = _planned(account, name, label)
    if changes is None:
        account.call(_SERVICE, "delete_change_set", StackName=name, ChangeSetName=label)
        return Change.UNCHANGED, []
    _carry_out(account, name, label, say)
    return (Change.CREATED if kind == "CREATE" else Change.CHANGED), changes


def _ask(account: Account, name: str, label: str, kind: str, flow: str, wanted: Mapping[str, object]) -> None:
    """Have a change set made."""
    # What an earlier stack of the flow left behind (the log group) belongs to the new one.
    adopted = {"ImportExistingResources": True} if kind == "CREATE" else {}
    account.call(
        _SERVICE, "create_change_set", StackName=name, ChangeSetName=label, ChangeSetType=kind,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"], Tags=[{"Key": _TAG, "Value": flow}],
        **adopted, **wanted,
    )  # fmt: skip


def _carry_out(account: Account, name: str, label: str, say: Callable[[str], None]) -> None:
    started = time.time()
    account.call(_SERVICE, "execute_change_set", StackName=name, ChangeSetName=label)
    try:
        _wait(account, name, started, say)
    except KeyboardInterrupt:
        say(
            f"CloudFormation goes on: `aws cloudformation describe-stacks --stack-name {name}` tells how far it is"
        )
        raise


def delete_stack(account: Account, stack: Stack, say: Callable[[str], None]) -> None:
    """Remove a stack and wait until it is gone. Raises DeployFault."""
    started = time.time()
    account.call(_SERVICE, "delete_stack", StackName=stack.identifier)
    _wait(account, stack.identifier, started, say)


def _planned(account: Account, name: str, label: str) -> list[str] | None:
    """What a change set would do, as `Modify StateMachine`; None where it is nothing."""
    while True:
        found = account.call(_SERVICE, "describe_change_set", StackName=name, ChangeSetName=label)
        status, reason = found.get("Status"), str(found.get("StatusReason") or "")
        if status == "FAILED":
            if any(sign in reason for sign in _NO_CHANGES):
                return None
            raise DeployFault(f"CloudFormation refuses the stack `{name}`: {reason}")
        if status == "CREATE_COMPLETE":
            changes = [change.get("ResourceChange") or {} for change in found.get("Changes") or ()]
            return [f"{change.get('Action')} {change.get('LogicalResourceId')}" for change in changes]
        time.sleep(_PAUSE)


def _wait(account: Account, name: str, started: float, say: Callable[[str], None]) -> None:
    """Wait for the end of what is being done to a stack, telling each resource. Raises DeployFault."""
    told: set[str] = set()
    failures: list[str] = []
    while True:
        stack = find_stack(account, name)
        for event in _events(account, name, started) if stack else ():
            if event["EventId"] not in told:
                told.add(event["EventId"])
                _tell(event, failures, say)
        if stack is None:
            return
        if not stack.status.endswith("_IN_PROGRESS"):
            break
        time.sleep(_PAUSE)
    if "ROLLBACK" in stack.status or "FAILED" in stack.status:
        listed = "; ".join(failures[:_SHOWN]) or stack.reason or "no resource says why"
        raise DeployFault(f"the stack `{name}` ended in {stack.status}: {listed}")


def _events(account: Account, name: str, started: float) -> Iterator[dict[str, Any]]:
    """What has happened to the stack since `started`, oldest first."""
    page = account.call(_SERVICE, "describe_stack_events", StackName=name)["StackEvents"]
    # The clocks of two machines differ a little.
    return (event for event in reversed(page) if event["Timestamp"].timestamp() >= started - 5)


def _tell(event: Mapping[str, Any], failures: list[str], say: Callable[[str], None]) -> None:
    status, reason = str(event.get("ResourceStatus")), str(event.get("ResourceStatusReason") or "")
    what = f"{event.get('LogicalResourceId')} ({event.get('ResourceType')})"
    if status.endswith("FAILED") and "cancelled" not in reason:
        failures.append(f"{what}: {reason or status}")
    if event.get("ResourceType") != "AWS::CloudFormation::Stack":
        say(f"{status:<20} {what}{_because(reason) if status.endswith('FAILED') else ''}")


def _read(found: Mapping[str, Any]) -> Stack:
    return Stack(
        identifier=str(found.get("StackId") or found["StackName"]),
        status=str(found["StackStatus"]),
        reason=str(found.get("StackStatusReason") or ""),
        parameters={
            p["ParameterKey"]: str(p.get("ParameterValue") or "") for p in found.get("Parameters") or ()
        },
        outputs={o["OutputKey"]: str(o["OutputValue"]) for o in found.get("Outputs") or ()},
        is_ours=any(tag.get("Key") == _TAG for tag in found.get("Tags") or ()),
    )


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
