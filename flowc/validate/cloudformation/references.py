"""References inside a template: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Condition`, `DependsOn`, `Fn::FindInMap`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.cloudformation.calls import check_call
from flowc.validate.parts import Mapping, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_PSEUDO = frozenset(
    f"AWS::{name}"
    for name in "AccountId NotificationARNs NoValue Partition Region StackId StackName URLSuffix".split()
)
_HOLE = re.compile(r"\$\{(!?)([^{}]*)\}")
# What a resource gives beside its id, of the types that flows are deployed with; others are not judged.
_ATTRIBUTES = {
    "AWS::IAM::Role": ("Arn", "RoleId"),
    "AWS::Logs::LogGroup": ("Arn",),
    "AWS::StepFunctions::StateMachine": ("Arn", "Name", "StateMachineRevisionId"),
    "AWS::Events::Rule": ("Arn",),
    "AWS::Scheduler::Schedule": ("Arn",),
    "AWS::SQS::Queue": ("Arn", "QueueName", "QueueUrl"),
    "AWS::SNS::Topic": ("TopicArn", "TopicName"),
    "AWS::Batch::JobDefinition": ("JobDefinitionArn",),
    "AWS::Batch::JobQueue": ("JobQueueArn",),
    "AWS::Batch::ComputeEnvironment": ("ComputeEnvironmentArn",),
}


_SERVERLESS = "AWS::Serverless-2016-10-31"
_MAKES_MORE = re.compile(r"^AWS::Serverless::|::MODULE$")


class Names(NamedTuple):
    """The logical names of a template."""

    resources: Mapping
    parameters: Mapping
    conditions: Mapping
    mappings: Mapping

    def may_be(self, name: str) -> bool:
        """Whether a name may be of a resource that a module or the serverless transform makes."""
        return name.startswith("Serverless") or any(
            name.startswith(own)
            for own, resource in self.resources.items()
            if _MAKES_MORE.search(text(mapping(resource).get("Type")))
        )

    @property
    def referable(self) -> frozenset[str]:
        """What `Ref` and `${…}` may name."""
        return frozenset(self.resources) | frozenset(self.parameters) | _PSEUDO


def check_references(findings: Findings, template: Mapping) -> None:
    """Report FC761 for everything in a template that names what is not there."""
    names = Names(
        *(mapping(template.get(part)) for part in ("Resources", "Parameters", "Conditions", "Mappings"))
    )
    if (
        template.get("Transform") not in (None, _SERVERLESS, [_SERVERLESS])
        or "Fn::Transform" in names.resources
    ):
        return  # a macro makes resources that nobody sees here
    for part in ("Resources", "Outputs", "Conditions"):
        for path, function, value in functions(template.get(part), (part,)):
            _check_function(findings, path, function, value, names)
    for name, resource in names.resources.items():
        _check_resource(findings, name, mapping(resource), names)
    for name, output in mapping(template.get("Outputs")).items():
        _check_condition(findings, ("Outputs", name, "Condition"), mapping(output).get("Condition"), names)


def functions(value: object, path: Path) -> Iterator[tuple[Path, str, object]]:
    """Every function call inside a value: its path, its name, what it is given."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, given),) = value.items()
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and path[0] == "Conditions"):
                yield (*path, name), name, given
        for key, part in value.items():
            yield from functions(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from functions(part, (*path, index))


def _check_function(findings: Findings, path: Path, function: str, value: object, names: Names) -> None:
    check_call(findings, path, function, value)
    match function, value:
        case "Condition", str(condition):
            _check_condition(findings, path, condition, names)
        case "Ref", str(name) if name not in names.referable and not names.may_be(name):
            _unknown(findings, path, name, sorted(names.referable), None)
        case "Fn::GetAtt", [str(resource), *rest]:
            _check_attribute(findings, path, resource, ".".join(text(part) for part in rest), names)
        case "Fn::GetAtt", str(written):
            _check_attribute(findings, path, *written.partition(".")[::2], names)
        case "Fn::Sub", str(written):
            _check_text(findings, path, written, frozenset(), names)
        case "Fn::Sub", [str(written), dict(own)]:
            _check_text(findings, (*path, 0), written, frozenset(own), names)
        case "Fn::If", [str(condition), *_]:
            _check_condition(findings, (*path, 0), condition, names)
        case "Fn::FindInMap", [str(name), *keys]:
            _check_found(findings, path, name, keys, names)


def _check_found(findings: Findings, path: Path, name: str, keys: list[object], names: Names) -> None:
    """What `Fn::FindInMap` looks up, as far as it is written."""
    at: object = names.mappings
    for index, key in enumerate((name, *keys[:2])):
        if not isinstance(key, str) or not isinstance(at, dict) or "Fn::Transform" in at:
            return
        if key not in at and not (index and len(keys) > 2):  # a third argument may give a default
            _unknown(findings, (*path, index), key, sorted(at), None)
            return
        at = at.get(key)


def _check_text(findings: Findings, path: Path, written: str, own: frozenset[str], names: Names) -> None:
    for match in _HOLE.finditer(written):
        is_literal, name = match.groups()
        name = name.strip()
        if is_literal or name in own:
            continue
        resource, dot, attribute = name.partition(".")
        if dot and resource in names.resources:
            _check_attribute(findings, path, resource, attribute, names, match.span())
        elif name not in names.referable and not names.may_be(resource):
            _unknown(findings, path, name, sorted(names.referable | own), match.span())


def _check_attribute(
    findings: Findings,
    path: Path,
    resource: str,
    attribute: str,
    names: Names,
    part: tuple[int, int] | None = None,
) -> None:
    if resource not in names.resources and names.may_be(resource):
        return
    if resource not in names.resources:
        _unknown(findings, path, resource, sorted(names.resources), part)
        return
    kind = text(mapping(names.resources[resource]).get("Type"))
    known = _ATTRIBUTES.get(kind)
    if known is not None and attribute and attribute not in known:
        message = f"`{resource}` ({kind}) has no attribute `{attribute}`"
        helps = did_you_mean(attribute, known) or (f"it has {', '.join(f'`{name}`' for name in known)}",)
        findings.report(catalog.UNKNOWN_LOGICAL_NAME, path, message, *helps, part=part)


def _check_resource(findings: Findings, name: str, resource: Mapping, names: Names) -> None:
    _check_condition(findings, ("Resources", name, "Condition"), resource.get("Condition"), names)
    depends = resource.get("DependsOn")
    for index, other in enumerate([depends] if isinstance(depends, str) else items(depends)):
        path: Path = (
            ("Resources", name, "DependsOn")
            if isinstance(depends, str)
            else ("Resources", name, "DependsOn", index)
        )
        if isinstance(other, str) and other not in names.resources and not names.may_be(other):
            _unknown(findings, path, other, sorted(names.resources), None)


def _check_condition(findings: Findings, path: Path, condition: object, names: Names) -> None:
    if isinstance(condition, str) and condition not in names.conditions:
        _unknown(findings, path, condition, sorted(names.conditions), None)


def _unknown(
    findings: Findings, path: Path, name: str, known: list[str], part: tuple[int, int] | None
) -> None:
    what = {"Condition": "condition", "Fn::FindInMap": "mapping"}.get(
        str(path[-2] if isinstance(path[-1], int) else path[-1]), "resource or parameter"
    )
    helps = did_you_mean(name, known) or (f"add it to the template, or name a {what} that is there",)
    findings.report(
        catalog.UNKNOWN_LOGICAL_NAME, path, f"the template has no {what} `{name}`", *helps, part=part
    )
