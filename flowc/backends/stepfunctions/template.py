"""The CloudFormation template: everything that a flow needs in an account, in one stack.

The state machine's definition is a file of its own, which the template names by its digest:
`flowc deploy` (or any pipeline) uploads it first. Its placeholders are filled here, and nothing is asked
for that neither it nor a resource uses.

Invariant: `Fn::Sub` sees texts of this package alone, and no text of the flow holds `{{resolve:`
(`check` refuses it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions import roles
from flowc.backends.stepfunctions.account import named_secrets, step_queues
from flowc.backends.stepfunctions.deployment import EXECUTION_ROLE, JOB_ROLE, QUEUE
from flowc.manifest.encode import compact_json
from flowc.platform.batch.sizes import FARGATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.backends.stepfunctions.deployment import Deployment
    from flowc.ir.program import Program
    from flowc.platform.batch.manifest import JobDefinition
    from flowc.target.settings import Settings

MAX_RESOURCES = 500


def template(
    program: Program,
    settings: Settings,
    deployment: Deployment,
    definitions: Mapping[str, JobDefinition],
    *,
    machine: str,
    definition_key: str,
    placeholders: frozenset[str],
    distributed: bool,
) -> dict[str, object]:
    """The template. `placeholders` are those of the definition.

    `distributed`: the machine starts executions of its own for the items of a foreach.
    """
    own = settings.stepfunctions
    secrets, queues = named_secrets(program), [roles.queue_arn(queue) for queue in step_queues(program)]
    if QUEUE in placeholders:
        queues.insert(0, deployment.queue)
    resources: dict[str, object] = {"LogGroup": _log_group(machine, own.log_retention_days)}
    flow = contract.escape_name(program.graph.name)
    if own.job_role is None:
        resources[JOB_ROLE] = roles.job_role(deployment, secrets, embedded=settings.code == "embed")
    if own.platform == FARGATE and own.execution_role is None:
        resources[EXECUTION_ROLE] = roles.execution_role()
    resources["StateMachineRole"] = roles.state_machine_role(
        machine, flow, deployment, queues, distributed=distributed
    )
    for identifier, definition in definitions.items():
        resources[identifier] = _job_definition(machine, identifier, definition, own.tags)
    known = {**deployment.values, **{name: {"Ref": name} for name in definitions}}
    given = {name: value for name, value in known.items() if name in placeholders}
    resources["StateMachine"] = _state_machine(machine, deployment, definition_key, given, own.tags)
    specs = program.graph.specs
    if specs.schedule is not None or specs.events:
        from flowc.backends.stepfunctions.triggers import trigger_resources

        resources |= trigger_resources(specs, settings)
    made: dict[str, object] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{flow}, compiled by flowc",
    }
    asked = _used(deployment.parameters, [resources, deployment.conditions])
    if asked:
        made["Parameters"] = asked
    if deployment.conditions:
        made["Conditions"] = deployment.conditions
    made["Resources"] = resources
    made["Outputs"] = {"StateMachineArn": {"Value": {"Ref": "StateMachine"}}}
    return made


def _used(parameters: Mapping[str, object], content: object) -> dict[str, object]:
    """The parameters that expressions of the content name."""
    text = compact_json(content)
    return {
        name: said
        for name, said in parameters.items()
        if compact_json({"Ref": name}) in text or "${" + name + "}" in text
    }


def _log_group(machine: str, days: int) -> dict[str, object]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"LogGroupName": f"/aws/vendedlogs/states/{machine}", "RetentionInDays": days},
    }


def _job_definition(
    machine: str, identifier: str, definition: JobDefinition, tags: Mapping[str, str]
) -> dict[str, object]:
    """Earlier revisions stay usable: executions that are under way name them."""
    properties: dict[str, object] = {"JobDefinitionName": f"{machine}-{identifier[3:]}"[:128], **definition}
    if tags:
        properties["Tags"] = {**tags, **definition.get("Tags", {})}
    properties["ResourceRetentionPolicy"] = {"SkipDeregisterOnUpdate": True}
    return {"Type": "AWS::Batch::JobDefinition", "Properties": properties}


def _state_machine(
    machine: str,
    deployment: Deployment,
    definition_key: str,
    substitutions: Mapping[str, object],
    tags: Mapping[str, str],
) -> dict[str, object]:
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["LogGroup", "Arn"]}}}
    properties: dict[str, object] = {
        "StateMachineName": machine,
        "StateMachineType": "STANDARD",
        "RoleArn": {"Fn::GetAtt": ["StateMachineRole", "Arn"]},
        "LoggingConfiguration": {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": [group]},
        "DefinitionS3Location": {"Bucket": deployment.code_bucket, "Key": definition_key},
        "DefinitionSubstitutions": dict(substitutions),
    }
    if tags:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
