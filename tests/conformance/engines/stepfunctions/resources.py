"""The resources of compiled templates, each made, changed and removed by its service's own API.

A kind is three functions: `make` gives what `Ref` and `Fn::GetAtt` of `Arn` name, `change` the same
after a change in place, `remove` takes it away. A refusal of the service is its ClientError.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from expressions import camel_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REGION = "us-east-1"


class Made(NamedTuple):
    """A resource that is there: what `Ref` gives, and its ARN."""

    identifier: str
    arn: str


class Kind(NamedTuple):
    """How resources of a type come, change and go. `make` is given a name for those that have none."""

    make: Callable[[Services, str, Mapping[str, Any]], Made]
    change: Callable[[Services, Made, Mapping[str, Any]], Made]
    remove: Callable[[Services, Made], None]


class Refusal(Exception):  # noqa: N818 - as a service's own
    """What CloudFormation itself says against a resource."""


class Services:
    """Clients of the engine at `aws`, and of the S3 server at `s3`."""

    def __init__(self, aws: str, s3: str) -> None:
        self._addresses = {"s3": s3}
        self._aws = aws

    @functools.cache  # noqa: B019 - there is one for the life of the process
    def __call__(self, service: str) -> Any:
        address = self._addresses.get(service, self._aws)
        plain = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        return boto3.client(service, endpoint_url=address, region_name=REGION, config=plain)


# ------------------------------------------------------------------------------- log groups
def _make_group(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    name = properties.get("LogGroupName", name)
    services("logs").create_log_group(logGroupName=name)
    return _change_group(services, Made(name, _arn("logs", f"log-group:{name}:*")), properties)


def _change_group(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    days = properties.get("RetentionInDays")
    if days:
        services("logs").put_retention_policy(logGroupName=made.identifier, retentionInDays=days)
    return made


def _remove_group(services: Services, made: Made) -> None:
    services("logs").delete_log_group(logGroupName=made.identifier)


def adopted_group(services: Services, properties: Mapping[str, Any]) -> Made | None:
    """A log group that an earlier stack left, where there is one."""
    name = properties.get("LogGroupName", "")
    known = services("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = any(group["logGroupName"] == name for group in known)
    return Made(name, _arn("logs", f"log-group:{name}:*")) if found else None


# ------------------------------------------------------------------------------------ roles
def _make_role(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    trust = json.dumps(properties["AssumeRolePolicyDocument"])
    role = services("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    return _change_role(services, Made(name, role["Arn"]), properties)


def _change_role(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    iam, role = services("iam"), made.identifier
    iam.update_assume_role_policy(
        RoleName=role, PolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"])
    )
    wanted = {policy["PolicyName"] for policy in properties.get("Policies", [])}
    for name in set(iam.list_role_policies(RoleName=role)["PolicyNames"]) - wanted:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    for policy in properties.get("Policies", []):
        content = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=content)
    for policy in properties.get("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    return made


def _remove_role(services: Services, made: Made) -> None:
    iam, role = services("iam"), made.identifier
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=role)


# -------------------------------------------------------------------------- job definitions
def _make_job(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    own = camel_case({k: v for k, v in properties.items() if k not in ("Tags", "ResourceRetentionPolicy")})
    own = {"jobDefinitionName": name, **own, "tags": properties.get("Tags", {})}
    arn = services("batch").register_job_definition(**own)["jobDefinitionArn"]
    return Made(arn, arn)


def _change_job(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    """A new revision. The one before stays where the template says so."""
    changed = _make_job(services, "", properties)
    if not properties.get("ResourceRetentionPolicy", {}).get("SkipDeregisterOnUpdate"):
        _remove_job(services, made)
    return changed


def _remove_job(services: Services, made: Made) -> None:
    services("batch").deregister_job_definition(jobDefinition=made.arn)


# --------------------------------------------------------------------------- state machines
def _make_machine(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    client, name = services("stepfunctions"), properties.get("StateMachineName", name)
    arn = _arn("states", f"stateMachine:{name}")
    if any(each["stateMachineArn"] == arn for each in client.list_state_machines()["stateMachines"]):
        # The engine would give back the one there is.
        raise Refusal(f"State Machine Already Exists: '{arn}'")
    tags = camel_case(properties.get("Tags", []))
    arn = client.create_state_machine(
        name=name, type=properties["StateMachineType"], tags=tags, **_machine(services, properties)
    )["stateMachineArn"]
    return Made(arn, arn)


def _change_machine(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    services("stepfunctions").update_state_machine(stateMachineArn=made.arn, **_machine(services, properties))
    return made


def _machine(services: Services, properties: Mapping[str, Any]) -> dict[str, Any]:
    place = properties["DefinitionS3Location"]
    try:
        stored = services("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read()
    except services("s3").exceptions.ClientError as error:
        raise Refusal(f"Error occurred while GetObject. S3 Error: {error}") from error
    given = properties["DefinitionSubstitutions"]
    text = re.sub(r"\$\{([A-Za-z0-9]+)\}", lambda found: given.get(found[1], found[0]), stored.decode())
    left = re.search(r"\$\{[^}]*\}", text)
    if left:
        raise Refusal(f"Undefined substitution in the definition: {left[0]}")
    services("iam").get_role(RoleName=properties["RoleArn"].rpartition("/")[2])
    return {
        "definition": text,
        "roleArn": properties["RoleArn"],
        "loggingConfiguration": camel_case(properties["LoggingConfiguration"]),
    }


def _remove_machine(services: Services, made: Made) -> None:
    services("stepfunctions").delete_state_machine(stateMachineArn=made.arn)


# ------------------------------------------------------------------------ schedules, events
def _make_schedule(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    arn = services("scheduler").create_schedule(Name=name[:64], **properties)["ScheduleArn"]
    return Made(name[:64], arn)


def _change_schedule(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    services("scheduler").update_schedule(Name=made.identifier, **properties)
    return made


def _remove_schedule(services: Services, made: Made) -> None:
    services("scheduler").delete_schedule(Name=made.identifier)


def _make_rule(services: Services, name: str, properties: Mapping[str, Any]) -> Made:
    bus = properties.get("EventBusName", "default")
    pattern = json.dumps(properties["EventPattern"])
    arn = services("events").put_rule(Name=name[:64], EventPattern=pattern, EventBusName=bus)["RuleArn"]
    refused = services("events").put_targets(
        Rule=name[:64], EventBusName=bus, Targets=list(properties["Targets"])
    )
    if refused["FailedEntryCount"]:
        raise Refusal(str(refused["FailedEntries"]))
    return Made(f"{bus}|{name[:64]}", arn)


def _change_rule(services: Services, made: Made, properties: Mapping[str, Any]) -> Made:
    return _make_rule(services, made.identifier.rpartition("|")[2], properties)


def _remove_rule(services: Services, made: Made) -> None:
    bus, _, name = made.identifier.partition("|")
    targets = services("events").list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    services("events").remove_targets(Rule=name, EventBusName=bus, Ids=[target["Id"] for target in targets])
    services("events").delete_rule(Name=name, EventBusName=bus)


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:123456789012:{rest}"


KINDS = {
    "AWS::Logs::LogGroup": Kind(_make_group, _change_group, _remove_group),
    "AWS::IAM::Role": Kind(_make_role, _change_role, _remove_role),
    "AWS::Batch::JobDefinition": Kind(_make_job, _change_job, _remove_job),
    "AWS::StepFunctions::StateMachine": Kind(_make_machine, _change_machine, _remove_machine),
    "AWS::Scheduler::Schedule": Kind(_make_schedule, _change_schedule, _remove_schedule),
    "AWS::Events::Rule": Kind(_make_rule, _change_rule, _remove_rule),
}
