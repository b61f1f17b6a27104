"""CloudFormation as far as `flowc deploy` needs it, in place of moto's.

Moto's knows no definition in S3, keeps what depends on a changed resource as it was, never rolls back,
takes what it does not know for made, and finds change sets by their name in any stack. Here a stack is
made and changed in a thread of its own, each resource by its service's own API (`resources`), what
fails is undone, and every step is told as an event.
"""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from changesets import ChangeSet, Rejected, difference, in_order, plan
from expressions import Values
from resources import KINDS, REGION, Made, Refusal, Services, adopted_group

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = "123456789012"
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
CHANGEABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
STACK = "AWS::CloudFormation::Stack"


class Stack:
    """A stack: its status, what it was made of, and what it holds by logical id, in the order of making."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.identifier = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}"
        self.status, self.reason = "REVIEW_IN_PROGRESS", ""
        self.template = '{"Resources": {}}'
        self.parameters: Mapping[str, str] = {}
        self.tags: list[dict[str, str]] = []
        self.made: dict[str, Made] = {}
        self.events: list[dict[str, Any]] = []
        self.change_sets: dict[str, ChangeSet] = {}
        self.created = datetime.now(UTC)

    @property
    def resources(self) -> Mapping[str, Any]:
        """The resources of the template in force."""
        found: Mapping[str, Any] = json.loads(self.template)["Resources"]
        return found

    def values(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> Values:
        """What the names of a template stand for, resources as they are."""
        pseudo = {"Region": REGION, "AccountId": ACCOUNT, "Partition": "aws", "StackName": self.name}
        values = Values(template, {**{f"AWS::{n}": v for n, v in pseudo.items()}, **parameters})
        for name, made in self.made.items():
            values.known[name], values.arns[name] = made
        return values

    def tell(self, status: str, name: str = "", kind: str = STACK, reason: str = "") -> None:
        """Note what has become of a resource, or of the stack itself."""
        if kind == STACK:
            self.status, self.reason = status, reason
        made = self.made.get(name)
        event = {
            "EventId": str(uuid.uuid4()), "StackId": self.identifier, "StackName": self.name,
            "LogicalResourceId": name or self.name, "ResourceType": kind, "ResourceStatus": status,
            "PhysicalResourceId": made.identifier if made else "", "Timestamp": datetime.now(UTC),
        }  # fmt: skip
        self.events.append(event | ({"ResourceStatusReason": reason} if reason else {}))


class Stacks:
    """All stacks of the account; `gone` are those that were deleted, by their identifiers."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.known: dict[str, Stack] = {}
        self.gone: dict[str, Stack] = {}
        self.lock = threading.RLock()

    def find(self, name: str) -> Stack:
        """A stack by its name or identifier, also a deleted one by the latter."""
        for stack in self.known.values():
            if name in (stack.name, stack.identifier):
                return stack
        if name in self.gone:
            return self.gone[name]
        raise Rejected(f"Stack with id {name} does not exist")

    def plan(self, asked: Mapping[str, Any]) -> Stack:
        """Note what is to become of a stack, which need not be there yet."""
        name, kind = asked["StackName"], asked["ChangeSetType"]
        stack = self.known.get(name)
        if kind == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise Rejected(f"Stack [{name}] already exists and cannot be created again with the changeSet.")
        if kind == "UPDATE" and stack is None:
            raise Rejected(f"Stack [{name}] does not exist")
        if kind == "UPDATE" and stack is not None and stack.status not in CHANGEABLE:
            raise Rejected(f"Stack:{stack.identifier} is in {stack.status} state and can not be updated.")
        before = stack or Stack(name)
        planned = plan(asked, before, self.services)
        before.change_sets[planned.name] = planned
        self.known[name] = before
        return before

    def execute(self, name: str, label: str) -> None:
        """Begin to carry a change set out."""
        stack = self.find(name)
        planned = stack.change_sets.pop(label)
        begun = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        stack.tell(f"{begun}_IN_PROGRESS", reason="User Initiated")
        threading.Thread(target=self._carry_out, args=(stack, planned, begun), daemon=True).start()

    # ---------------------------------------------------------------------------- carrying out
    def _carry_out(self, stack: Stack, planned: ChangeSet, kind: str) -> None:
        before = stack.template, stack.parameters, dict(stack.made)
        stack.tags = planned.tags
        try:
            self._make(stack, planned.template, planned.parameters, adopt=planned.adopt)
        except Failed as failed:
            stack.template, stack.parameters = planned.template, planned.parameters
            self._undo(
                stack, before, kind, f"The following resource(s) failed to {kind.lower()}: [{failed}]."
            )
            return
        stack.template, stack.parameters = planned.template, planned.parameters
        stack.tell(f"{kind}_COMPLETE")

    def _make(self, stack: Stack, body: str, parameters: Mapping[str, str], *, adopt: bool) -> None:
        """Make the stack's resources what a template says, in the order in which they need one another."""
        template = json.loads(body)
        changing = {name for _, name in difference(stack, template, parameters)}
        values = stack.values(template, parameters)
        for name in in_order(template):
            if name not in changing:
                continue
            resource = template["Resources"][name]
            known, kind = stack.made.get(name), resource["Type"]
            verb = "UPDATE" if known else "CREATE"
            stack.tell(f"{verb}_IN_PROGRESS", name, kind)
            try:
                properties = values.of(resource["Properties"])
                made = self._made(stack, name, kind, properties, known, adopt=adopt)
            except (ClientError, BotoCoreError, Refusal, ValueError, KeyError) as error:
                stack.tell(f"{verb}_FAILED", name, kind, f'Resource handler returned message: "{error}"')
                raise Failed(name) from error
            stack.made[name] = made
            values.known[name], values.arns[name] = made
            stack.tell(f"{verb}_COMPLETE", name, kind)
        for name in set(stack.made) - template["Resources"].keys():
            self._remove(stack, name, stack.resources[name])

    def _made(
        self, stack: Stack, name: str, kind: str, properties: Any, known: Made | None, *, adopt: bool
    ) -> Made:
        if known is not None:
            return KINDS[kind].change(self.services, known, properties)
        adopted = (
            adopted_group(self.services, properties) if adopt and kind == "AWS::Logs::LogGroup" else None
        )
        if adopted is not None:
            return KINDS[kind].change(self.services, adopted, properties)
        return KINDS[kind].make(
            self.services, f"{stack.name}-{name}-{uuid.uuid4().hex[:12].upper()}", properties
        )

    def _undo(
        self, stack: Stack, before: tuple[str, Mapping[str, str], dict[str, Made]], kind: str, why: str
    ) -> None:
        """Bring back what was before; a stack that was not there before is left empty."""
        rollback = "ROLLBACK" if kind == "CREATE" else "UPDATE_ROLLBACK"
        stack.tell(f"{rollback}_IN_PROGRESS", reason=why)
        template, parameters, made = before
        for name in [name for name in reversed(stack.made) if name not in made]:
            self._remove(stack, name, stack.resources[name])
        try:
            self._make(stack, template, parameters, adopt=False)
        except Failed:
            stack.tell(f"{rollback}_FAILED", reason=why)
            return
        stack.template, stack.parameters = template, parameters
        stack.tell(f"{rollback}_COMPLETE")

    def _remove(self, stack: Stack, name: str, resource: Mapping[str, Any]) -> None:
        kind = resource["Type"]
        if resource.get("DeletionPolicy") == "Retain":
            stack.tell("DELETE_SKIPPED", name, kind)
            stack.made.pop(name)
            return
        stack.tell("DELETE_IN_PROGRESS", name, kind)
        KINDS[kind].remove(self.services, stack.made[name])
        stack.tell("DELETE_COMPLETE", name, kind)
        stack.made.pop(name)

    def delete(self, name: str) -> None:
        """Begin to take a stack away; one that is not there is gone already."""
        stack = next((s for s in self.known.values() if name in (s.name, s.identifier)), None)
        if stack is not None:
            stack.tell("DELETE_IN_PROGRESS", reason="User Initiated")
            threading.Thread(target=self._delete, args=(stack,), daemon=True).start()

    def _delete(self, stack: Stack) -> None:
        try:
            for name in list(reversed(stack.made)):
                self._remove(stack, name, stack.resources[name])
        except ClientError as error:
            stack.tell("DELETE_FAILED", reason=str(error))
            return
        self.gone[stack.identifier] = self.known.pop(stack.name)
        stack.tell("DELETE_COMPLETE")


class Failed(Exception):  # noqa: N818 - its text is the resource's name
    """A resource could not be made."""
