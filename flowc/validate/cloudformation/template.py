"""One CloudFormation template: its resources by their types, its references, the machines it deploys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.asl.job_definitions import check_definition
from flowc.validate.asl.reading import is_replaced
from flowc.validate.cloudformation.definitions import check_definition_of
from flowc.validate.cloudformation.order import check_order
from flowc.validate.cloudformation.policies import check_policies
from flowc.validate.cloudformation.references import check_references
from flowc.validate.cloudformation.schedules import check_schedule
from flowc.validate.cloudformation.sections import check_sections
from flowc.validate.parts import Mapping, json_size, mapping, text
from flowc.validate.shape import Reading, check_shape, load_definitions

if TYPE_CHECKING:
    from flowc.validate.findings import Findings
    from flowc.validate.kinds import Collection, Known

_READING = Reading(replaced=lambda value: isinstance(value, dict) and is_replaced(value), converts=True)
_PARTS = (
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform",
    "Resources", "Outputs", "Hooks", "Globals",
)  # fmt: skip
_FIELDS = (
    "Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy",
    "CreationPolicy", "Metadata", "Connectors", "IgnoreGlobals",
)  # fmt: skip
_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_MOST_RESOURCES = 500
_MOST_PARAMETERS = 200
_MOST_BYTES = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9]{1,255}")


def check_template(known: Known, collection: Collection) -> None:
    """Report everything wrong in a template, and between it and the machines beside it."""
    findings = known.findings
    template = mapping(findings.value)
    _check_limits(findings, template)
    for part in template:
        if part not in _PARTS:
            helps = did_you_mean(part, _PARTS) or (f"it has {', '.join(f'`{p}`' for p in _PARTS[:-2])}",)
            findings.report(
                catalog.UNKNOWN_FIELD, (part,), f"a template has no part `{part}`", *helps, at_key=True
            )
    check_sections(findings, template)
    _check_transform(findings, template)
    check_references(findings, template)
    if "Transform" not in template:  # a macro may part what needs one another
        check_order(findings, mapping(template.get("Resources")))
    for name, resource in mapping(template.get("Resources")).items():
        if name.startswith("Fn::") or not isinstance(resource, dict):
            continue
        _check_resource(findings.below("Resources", name), name, resource)
        if text(resource.get("Type")) in {
            "AWS::StepFunctions::StateMachine",
            "AWS::Serverless::StateMachine",
        }:
            check_definition_of(known, name, collection)


def _check_transform(findings: Findings, template: Mapping) -> None:
    for name, resource in mapping(template.get("Resources")).items():
        if (
            text(mapping(resource).get("Type")).startswith("AWS::Serverless::")
            and "Transform" not in template
        ):
            message = f"`{name}` is serverless, and the template has no `Transform`"
            remedy = "add `Transform: AWS::Serverless-2016-10-31`"
            findings.report(catalog.MISSING_FIELD, ("Resources", name), message, remedy, at_key=True)
            return


def _check_limits(findings: Findings, template: Mapping) -> None:
    for part, most in (("Resources", _MOST_RESOURCES), ("Parameters", _MOST_PARAMETERS), ("Outputs", 200)):
        count = len(mapping(template.get(part)))
        if count > most:
            findings.report(
                catalog.MANIFEST_LIMIT,
                (part,),
                f"the template has {count:,} {part.lower()}; CloudFormation takes {most:,}",
                "split it into several stacks",
                at_key=True,
            )
    size = json_size(template)
    if size > _MOST_BYTES:
        findings.report(
            catalog.MANIFEST_LIMIT,
            (),
            f"the template has {size:,} bytes; CloudFormation takes {_MOST_BYTES:,}",
            "split it into several stacks",
            at_key=True,
        )
    if not mapping(template.get("Resources")):
        findings.report(
            catalog.MISSING_FIELD,
            (),
            "the template has no `Resources`",
            "add one resource at least",
            at_key=True,
        )


def _check_resource(findings: Findings, name: str, resource: Mapping) -> None:
    if not _NAME.fullmatch(name):
        findings.report(
            catalog.MANIFEST_NAME,
            (),
            f"`{name}` cannot be the name of a resource",
            "use letters and digits alone",
            at_key=True,
        )
    kind = text(resource.get("Type"))
    for key in resource:
        if key not in _FIELDS and not (key == "Version" and kind.startswith(_CUSTOM)):
            helps = did_you_mean(key, _FIELDS) or (f"it has {', '.join(f'`{f}`' for f in _FIELDS[:-2])}",)
            findings.report(
                catalog.UNKNOWN_FIELD, (key,), f"a resource has no field `{key}`", *helps, at_key=True
            )
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        policy = resource.get(key)
        if isinstance(policy, str) and policy not in _POLICIES:
            findings.report(
                catalog.FIELD_VALUE,
                (key,),
                f"`{policy}` is no value of `{key}`",
                f"it takes {', '.join(f'`{p}`' for p in _POLICIES)}",
            )
    if kind:
        _check_properties(findings, name, kind, resource)
    else:
        findings.report(
            catalog.MISSING_FIELD, (), f"resource `{name}` has no `Type`", "add `Type`", at_key=True
        )


def _check_properties(findings: Findings, name: str, kind: str, resource: Mapping) -> None:
    _check_type(findings, kind)
    properties = findings.below("Properties")
    schema = load_definitions("cloudformation").get(kind)
    if schema is not None and "Properties" in resource:
        check_shape(properties, "cloudformation", kind, _READING)
    elif schema is not None and (required := schema.get("required")):
        message, remedy = (
            f"resource `{name}` has no `Properties`",
            f"add {', '.join(f'`{r}`' for r in required)}",
        )
        findings.report(catalog.MISSING_FIELD, (), message, remedy, at_key=True)
    given = resource.get("Properties", {})
    if not isinstance(given, dict):
        message = f"`Properties` of `{name}` is no mapping"
        properties.report(catalog.FIELD_VALUE, (), message, "write `Name: value` for each", at_key=True)
    values = mapping(given)
    if kind == "AWS::Batch::JobDefinition":
        check_definition(properties, values)
    elif kind in {"AWS::Scheduler::Schedule", "AWS::Events::Rule"}:
        check_schedule(properties, values, kind)
    elif kind == "AWS::StepFunctions::StateMachine":
        _check_logging(properties, mapping(values.get("LoggingConfiguration")))
    elif kind.startswith("AWS::IAM::"):
        check_policies(properties, values)


def _check_logging(properties: Findings, logging: Mapping) -> None:
    level = logging.get("Level", "OFF")
    if isinstance(level, str) and level != "OFF" and not logging.get("Destinations"):
        message = f"the log level is `{level}`, and nothing says where the log goes"
        remedy = "add `Destinations` with a log group"
        properties.report(catalog.MISSING_FIELD, ("LoggingConfiguration",), message, remedy, at_key=True)


def _check_type(findings: Findings, kind: str) -> None:
    """A type of a family that flowc knows, under a name that it does not have."""
    known = load_definitions("cloudformation")
    families = {name.rpartition("::")[0] for name in known if name.count("::") == 2 and "." not in name}
    if kind in known or kind.rpartition("::")[0] not in families & {
        "AWS::StepFunctions",
        "AWS::Batch",
        "AWS::Scheduler",
    }:
        return
    near = did_you_mean(kind, [name for name in known if "." not in name])
    if near:
        findings.report(catalog.FIELD_VALUE, ("Type",), f"there is no resource type `{kind}`", *near)
