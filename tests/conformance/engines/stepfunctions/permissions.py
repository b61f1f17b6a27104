"""The calls of states, each allowed only where the state machine's role allows it, as AWS asks of it.

Roles that IAM does not know are not judged. Conditions of statements are not looked at.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from interpreter import Interpreter

HERE = "us-east-1:123456789012"
Statements = Callable[[str], "Iterable[Mapping[str, Any]]"]


def mend(of: Interpreter, statements_of: Statements) -> None:
    """Ask before each call of S3 and Batch; `statements_of` gives those of a role's own policies."""
    for kind in (of.service("aws_sdk").StateTaskServiceAwsSdk, of.service("batch").StateTaskServiceBatch):
        kind._eval_service_task = asking_first(kind._eval_service_task, statements_of)


def asking_first(call: Any, statements_of: Statements) -> Any:
    """A call that a role without the permission does not make."""

    def judged(self: Any, **given: Any) -> None:
        service, operation = self._get_boto_service_name(), self._get_boto_service_action()
        role = given["state_credentials"].role_arn
        refuse(role, list(statements_of(role)), service, operation, given["normalised_parameters"])
        call(self, **given)

    return judged


def refuse(
    role: str,
    statements: list[Mapping[str, Any]],
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
) -> None:
    """Raise what the service answers to a role that may not do it."""
    for action, resource in needed(service, operation, parameters) if statements else ():
        if not any(allows(statement, action, resource) for statement in statements):
            said = f"User: {role} is not authorized to perform: {action} on resource: {resource}"
            about = {"HTTPStatusCode": 403, "RequestId": "0"}
            error = {"Code": "AccessDeniedException", "Message": said}
            raise ClientError({"Error": error, "ResponseMetadata": about}, operation)


def needed(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions of a call with the resources that they are about."""
    action = f"{service}:" + "".join(word.capitalize() for word in operation.split("_"))
    if service == "s3":
        yield action, f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"
    elif action == "batch:SubmitJob":
        yield action, parameters["jobDefinition"]
        queue = parameters["jobQueue"]
        yield action, queue if queue.startswith("arn:") else f"arn:aws:batch:{HERE}:job-queue/{queue}"


def in_moto(role: str) -> Iterator[Mapping[str, Any]]:
    """The statements of a role, of the IAM in this process."""
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

    try:
        policies = iam_backends["123456789012"]["aws"].get_role_by_arn(role).policies
    except NotFoundException:
        return
    for policy in policies.values():
        yield from json.loads(policy)["Statement"]


def at(address: str) -> Statements:
    """The statements of a role, of the IAM at an address. They are asked for at each call: a stack may change them."""
    import boto3

    iam = boto3.client("iam", endpoint_url=address)

    def statements_of(role: str) -> Iterator[Mapping[str, Any]]:
        name = role.rpartition("/")[2]
        try:
            policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        except iam.exceptions.NoSuchEntityException:
            return
        for policy in policies:
            yield from iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]

    return statements_of


def allows(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    """Whether a statement grants an action on a resource."""
    actions, resources = (
        [said] if isinstance(said := statement[key], str) else said for key in ("Action", "Resource")
    )
    fits = any(fnmatch.fnmatchcase(action, pattern) for pattern in actions)
    return fits and any(fnmatch.fnmatchcase(resource, pattern) for pattern in resources)
