"""Stacks in states that no account on this machine gets into: answers by the operation that asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from flowc.deploy.faults import DeployFault
from flowc.deploy.outcome import Change
from flowc.deploy.stepfunctions.account import Account, Refused
from flowc.deploy.stepfunctions.stack import change_stack, find_stack, own_stack

TAG = [{"Key": "flowc", "Value": "train"}]
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


class Scripted(Account):
    """Gives each operation its answers in order, the last one again and again; `asked` are the operations."""

    def __init__(self, **answers: list[Any]) -> None:
        super().__init__(None, "eu-west-1")
        self._answers = answers
        self.asked: list[str] = []

    def call(self, service: str, operation: str, **_: object) -> dict[str, Any]:
        assert service == "cloudformation"
        self.asked.append(operation)
        several = self._answers.get(operation, [{}])
        answer = several.pop(0) if len(several) > 1 else several[0]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def stack(status: str, *, ours: bool = True, reason: str = "") -> dict[str, Any]:
    described = {"StackName": "flowc-train", "StackStatus": status, "StackStatusReason": reason}
    return {"Stacks": [{**described, "Tags": TAG if ours else []}]}


def event(identifier: str, resource: str, status: str, reason: str = "") -> dict[str, Any]:
    return {
        "EventId": identifier, "LogicalResourceId": resource, "ResourceType": "AWS::IAM::Role",
        "ResourceStatus": status, "ResourceStatusReason": reason, "Timestamp": datetime.now(UTC),
    }  # fmt: skip


NONE = Refused("no such stack", "ValidationError", "Stack with id flowc-train does not exist")
READY = {
    "Status": "CREATE_COMPLETE",
    "Changes": [{"ResourceChange": {"Action": "Add", "LogicalResourceId": "A"}}],
}


def change(account: Scripted, said: list[str]) -> tuple[Change, list[str]]:
    before = own_stack(account, "flowc-train")
    return change_stack(account, "flowc-train", "train", before, {}, [], said.append)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (stack("UPDATE_COMPLETE", ours=False), "was not made by flowc"),
        (stack("UPDATE_IN_PROGRESS"), "is being changed (UPDATE_IN_PROGRESS)"),
        (
            stack("UPDATE_ROLLBACK_FAILED", reason="a role is gone"),
            "is stuck in UPDATE_ROLLBACK_FAILED: a role is gone",
        ),
        (stack("DELETE_FAILED"), "is stuck in DELETE_FAILED"),
    ],
)
def test_a_stack_that_cannot_be_changed_is_left(answer: dict[str, Any], message: str) -> None:
    account = Scripted(describe_stacks=[answer])
    with pytest.raises(DeployFault) as fault:
        change(account, [])
    assert message in str(fault.value)
    assert account.asked == ["describe_stacks"]


def test_a_new_stack_is_told_resource_by_resource() -> None:
    account = Scripted(
        describe_stacks=[NONE, stack("CREATE_IN_PROGRESS"), stack("CREATE_COMPLETE")],
        describe_change_set=[{"Status": "CREATE_PENDING"}, READY],
        describe_stack_events=[
            {"StackEvents": [event("1", "JobRole", "CREATE_IN_PROGRESS")]},
            {
                "StackEvents": [
                    event("2", "JobRole", "CREATE_COMPLETE"),
                    event("1", "JobRole", "CREATE_IN_PROGRESS"),
                ]
            },
        ],
    )
    said: list[str] = []
    assert change(account, said) == (Change.CREATED, ["Add A"])
    assert said == [
        "CREATE_IN_PROGRESS   JobRole (AWS::IAM::Role)",
        "CREATE_COMPLETE      JobRole (AWS::IAM::Role)",
    ]


def test_a_creation_that_was_never_carried_out_is_taken_up() -> None:
    account = Scripted(
        describe_stacks=[stack("REVIEW_IN_PROGRESS", ours=False), stack("CREATE_COMPLETE")],
        describe_change_set=[READY],
        describe_stack_events=[{"StackEvents": []}],
    )
    assert change(account, []) == (Change.CREATED, ["Add A"])
    assert "delete_stack" not in account.asked


def test_no_changes_are_no_fault() -> None:
    account = Scripted(
        describe_stacks=[stack("CREATE_COMPLETE")],
        describe_change_set=[{"Status": "FAILED", "StatusReason": NO_CHANGES}],
    )
    assert change(account, []) == (Change.UNCHANGED, [])
    assert "execute_change_set" not in account.asked
    assert account.asked[-1] == "delete_change_set"


def test_a_refused_change_set_says_why() -> None:
    account = Scripted(
        describe_stacks=[NONE], describe_change_set=[{"Status": "FAILED", "StatusReason": "bad template"}]
    )
    with pytest.raises(DeployFault, match="CloudFormation refuses the stack `flowc-train`: bad template"):
        change(account, [])


def test_a_failure_names_the_resources_at_fault() -> None:
    account = Scripted(
        describe_stacks=[NONE, stack("ROLLBACK_IN_PROGRESS"), stack("ROLLBACK_COMPLETE")],
        describe_change_set=[READY],
        describe_stack_events=[
            {
                "StackEvents": [
                    event("2", "JobStart", "CREATE_FAILED", "Resource creation cancelled"),
                    event("1", "JobRole", "CREATE_FAILED", "not authorized to perform iam:CreateRole"),
                ]
            }
        ],
    )
    with pytest.raises(DeployFault) as fault:
        change(account, [])
    assert str(fault.value) == (
        "the stack `flowc-train` ended in ROLLBACK_COMPLETE: "
        "JobRole (AWS::IAM::Role): not authorized to perform iam:CreateRole"
    )


def test_what_a_failed_creation_left_is_removed_first() -> None:
    account = Scripted(
        describe_stacks=[stack("ROLLBACK_COMPLETE"), NONE, stack("CREATE_COMPLETE")],
        describe_change_set=[READY],
        describe_stack_events=[{"StackEvents": []}],
    )
    said: list[str] = []
    assert change(account, said) == (Change.CREATED, ["Add A"])
    assert account.asked.index("delete_stack") < account.asked.index("create_change_set")
    assert "could not be made earlier" in said[0]


def test_a_deleted_stack_is_none() -> None:
    assert find_stack(Scripted(describe_stacks=[stack("DELETE_COMPLETE")]), "flowc-train") is None
