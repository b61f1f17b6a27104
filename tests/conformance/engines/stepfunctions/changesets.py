"""What is to become of a stack: which of its resources a template would add, modify or remove.

Whatever CloudFormation refuses before it does anything is refused here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from expressions import names_in
from resources import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resources import Services
    from stacks import Stack


class Rejected(Exception):  # noqa: N818 - the request, before anything is done
    """A request that is refused at once; `code` is the service's."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code


class ChangeSet(NamedTuple):
    """What is to become of a stack. `changes` are actions and logical ids, `adopt` takes over what is there."""

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: list[dict[str, str]]
    changes: list[tuple[str, str]]
    adopt: bool


def plan(asked: Mapping[str, Any], before: Stack, services: Services) -> ChangeSet:
    """The change set of a request. Raises Rejected."""
    body = asked.get("TemplateBody") or _stored(services, asked["TemplateURL"])
    template = json.loads(body)
    parameters = given_parameters(template, asked.get("Parameters", []), before.parameters)
    check_template(template, asked.get("Capabilities", []))
    return ChangeSet(
        name=asked["ChangeSetName"],
        template=body,
        parameters=parameters,
        tags=asked.get("Tags", []),
        changes=list(difference(before, template, parameters)),
        adopt=bool(asked.get("ImportExistingResources")),
    )


def _stored(services: Services, url: str) -> str:
    found = re.fullmatch(r"https://([^./]+)\.s3\.[^/]+/(.*)", url)
    if found is None:
        raise Rejected("TemplateURL must be a supported URL.")
    stored = services("s3").get_object(Bucket=found[1], Key=found[2])["Body"].read()
    return str(stored.decode())


def difference(
    before: Stack, template: Mapping[str, Any], parameters: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What would be done. A job definition that changes has a new ARN, which changes what names it."""
    old, new = before.resources, template["Resources"]
    changed = {name for name in parameters if before.parameters.get(name) != parameters[name]}
    for name in in_order(template):
        if name not in before.made:
            yield "Add", name
        elif new[name] != old[name] or changed & named_by(template, name):
            yield "Modify", name
            if new[name]["Type"] == "AWS::Batch::JobDefinition":
                changed.add(name)
    for name in before.made:
        if name not in new:
            yield "Remove", name


def named_by(template: Mapping[str, Any], name: str) -> set[str]:
    """What a resource's expressions speak of."""
    return set(names_in(template["Resources"][name], template.get("Conditions", {})))


def in_order(template: Mapping[str, Any]) -> list[str]:
    """Each resource after those that it names."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in template["Resources"] and name not in found:
            for needed in sorted(named_by(template, name) - {name}):
                visit(needed)
            found[name] = None

    for name in template["Resources"]:
        visit(name)
    return list(found)


def given_parameters(
    template: Mapping[str, Any], given: list[dict[str, Any]], before: Mapping[str, str]
) -> dict[str, str]:
    """The values of a template's parameters, each within what it allows."""
    declared = template.get("Parameters", {})
    values = {
        item["ParameterKey"]: before[item["ParameterKey"]]
        if item.get("UsePreviousValue")
        else item["ParameterValue"]
        for item in given
    }
    unknown, missing = values.keys() - declared.keys(), declared.keys() - values.keys()
    if unknown:
        raise Rejected(f"Parameters: {sorted(unknown)} do not exist in the template")
    if missing:
        raise Rejected(f"Parameters: {sorted(missing)} must have values")
    for name, value in values.items():
        pattern = declared[name].get("AllowedPattern", "(?s).*")
        if not re.fullmatch(pattern, value) or len(value) < declared[name].get("MinLength", 0):
            raise Rejected(f"Parameter '{name}' must match pattern {pattern}")
    return values


def check_template(template: Mapping[str, Any], capabilities: list[str]) -> None:
    """What the service refuses of a template before it looks at the stack."""
    resources = template["Resources"]
    kinds = {resource["Type"] for resource in resources.values()}
    if kinds - KINDS.keys():
        raise Rejected(f"Template format error: Unrecognized resource types: {sorted(kinds - KINDS.keys())}")
    if "AWS::IAM::Role" in kinds and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(capabilities):
        raise Rejected("Requires capabilities : [CAPABILITY_IAM]", "InsufficientCapabilitiesException")
    known = {*resources, *template.get("Parameters", {})}
    named = set().union(*(named_by(template, name) for name in resources))
    unresolved = sorted(name for name in named - known if not name.startswith("AWS::"))
    if unresolved:
        raise Rejected(
            f"Template format error: Unresolved resource dependencies {unresolved} in the Resources block"
        )
