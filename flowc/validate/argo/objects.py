"""One Kubernetes object: its shape, its metadata, and what its kind adds."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.cron import Unsaid, parse_cron
from flowc.manifest.timezones import TIMEZONES
from flowc.validate.argo.metadata import check_labels, check_metadata, check_version
from flowc.validate.argo.numbers import check_schedule_numbers
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.workflow import check_workflow
from flowc.validate.parts import Mapping, items, json_size, mapping, mappings, text
from flowc.validate.shape import Reading, check_shape

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings
    from flowc.validate.kinds import Collection, Known

_READING = Reading(
    replaced=lambda value: isinstance(value, str) and is_dynamic(value) and value.count("{{") > 0,
    null_is_absent=True,
    replaces_texts=True,
)
_MOST_CONFIGMAP = 1024 * 1024
_MOST_WORKFLOW = 1024 * 1024
_MOST_TEMPLATE = 512 * 1024  # a run stores its template beside its own state
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_EVERY = re.compile(r"@every\s+(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+")


def check_object(known: Known, collection: Collection) -> None:
    """Report everything wrong in an object of a kind that flowc knows."""
    kind, findings = known.kind, known.findings
    check_version(findings, kind)
    check_shape(findings, "argo", kind, _READING)
    check_metadata(findings, kind)
    value = mapping(findings.value)
    match kind:
        case "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate":
            _check_size(findings, kind)
            check_workflow(kind, findings.below("spec"), collection)
        case "CronWorkflow":
            _check_cron(findings, mapping(value.get("spec")))
            check_workflow(kind, findings.below("spec", "workflowSpec"), collection)
        case "ConfigMap" | "Secret":
            _check_entries(findings, value, kind)
        case "RoleBinding" | "ClusterRoleBinding":
            _check_binding(findings, value, collection)
        case "Sensor":
            _check_sensor(findings, mapping(value.get("spec")), collection)
        case "Kustomization":
            _check_kustomization(known, collection)


def _check_size(findings: Findings, kind: str) -> None:
    size = json_size(findings.value)
    remedy = "fold equal templates, or split the workflow"
    if size > _MOST_WORKFLOW:
        message = f"the {kind} has {size:,} bytes as JSON; Kubernetes stores {_MOST_WORKFLOW:,}"
        findings.report(catalog.MANIFEST_LIMIT, (), message, remedy, at_key=True)
    elif size > _MOST_TEMPLATE and kind != "Workflow":
        message = f"the {kind} has {size:,} bytes as JSON, and each run stores it beside its own state in {_MOST_WORKFLOW:,}"
        findings.report(catalog.MANIFEST_LIMIT, (), message, remedy, at_key=True, severity=Severity.WARNING)


# ------------------------------------------------------------------------------------------- cron
def _check_cron(findings: Findings, spec: Mapping) -> None:
    schedules: list[tuple[Path, str]] = [
        (("spec", "schedules", index), text(s)) for index, s in enumerate(items(spec.get("schedules")))
    ]
    if isinstance(spec.get("schedule"), str):
        schedules.append((("spec", "schedule"), text(spec["schedule"])))
    if not schedules:
        findings.report(
            catalog.MISSING_FIELD,
            ("spec",),
            "the CronWorkflow has no schedule",
            'add `schedules: ["0 2 * * *"]`',
            at_key=True,
        )
    for path, schedule in schedules:
        words = schedule.split()
        zone = ""
        if words and words[0].startswith(("TZ=", "CRON_TZ=")):
            zone = words[0].partition("=")[2]
            schedule = " ".join(words[1:])  # noqa: PLW2901 - the rest is the schedule itself
        reason = cron_reason(schedule)
        if reason:
            findings.report(
                catalog.MANIFEST_SCHEDULE,
                path,
                f"`{schedule}` is no schedule: {reason}",
                "write five fields: minute, hour, day of the month, month, day of the week",
            )
        _check_zone(findings, path, zone)
    _check_zone(findings, ("spec", "timezone"), text(spec.get("timezone")))
    check_schedule_numbers(findings.below("spec"))
    check_labels(findings, ("spec", "workflowMetadata"), mapping(spec.get("workflowMetadata")))


def cron_reason(schedule: str) -> str | None:
    """Why a text is no schedule of Argo's; None where it is one."""
    if schedule.startswith("@every"):
        return None if _EVERY.fullmatch(schedule) else "after `@every` stands a duration such as `1h30m`"
    if len(schedule.split()) == 6:
        return "it has 6 fields, where Argo Workflows takes 5"
    found = parse_cron(schedule)
    return found.reason if isinstance(found, Unsaid) else None


def _check_zone(findings: Findings, path: Path, zone: str) -> None:
    if zone and zone not in TIMEZONES and zone != "Local":
        helps = did_you_mean(zone, TIMEZONES) or ("name one as `Europe/Berlin`",)
        findings.report(catalog.MANIFEST_SCHEDULE, path, f"there is no time zone `{zone}`", *helps)


# ------------------------------------------------------------------------------------ the bundle
def _check_entries(findings: Findings, value: Mapping, kind: str) -> None:
    size = 0
    for part in ("data", "binaryData", "stringData"):
        is_encoded = part == "binaryData" or (part == "data" and kind == "Secret")
        for key, entry in mapping(value.get(part)).items():
            if not _KEY.fullmatch(key):
                findings.report(
                    catalog.MANIFEST_NAME,
                    (part, key),
                    f"`{key}` cannot be a key of a {kind}",
                    "use letters, digits, `-`, `_` and `.`",
                    at_key=True,
                )
            if isinstance(entry, str):
                size += len(entry.encode("utf-8", "surrogatepass"))
                if is_encoded and not _is_base64(entry):
                    findings.report(
                        catalog.FIELD_GRAMMAR,
                        (part, key),
                        f"`{key}` is not base64",
                        "encode it, or put it under `stringData`"
                        if kind == "Secret"
                        else "encode it, or put it under `data`",
                        at_key=True,
                    )
    for key in mapping(value.get("data")).keys() & mapping(value.get("binaryData")).keys():
        findings.report(
            catalog.DUPLICATE_NAME,
            ("binaryData", key),
            f"`{key}` stands in both `data` and `binaryData`",
            "keep one of the two",
            at_key=True,
        )
    if size > _MOST_CONFIGMAP:
        findings.report(
            catalog.MANIFEST_LIMIT,
            (),
            f"the {kind} holds {size:,} bytes; Kubernetes takes {_MOST_CONFIGMAP:,}",
            "split it, or keep the content in an object store",
            at_key=True,
        )


def _is_base64(entry: str) -> bool:
    try:
        base64.b64decode("".join(entry.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _check_binding(findings: Findings, value: Mapping, collection: Collection) -> None:
    """Subjects and roles that the files hold under another name are likely misspelt."""
    for index, subject in mappings(value.get("subjects")):
        name = text(subject.get("name"))
        if subject.get("kind") == "ServiceAccount":
            _check_known(findings, ("subjects", index, "name"), name, "ServiceAccount", collection)
            if subject.get("apiGroup"):
                findings.report(
                    catalog.FIELD_VALUE,
                    ("subjects", index, "apiGroup"),
                    "a ServiceAccount has no API group",
                    "leave `apiGroup` out",
                    at_key=True,
                )
    role = mapping(value.get("roleRef"))
    _check_known(findings, ("roleRef", "name"), text(role.get("name")), text(role.get("kind")), collection)


def _check_known(findings: Findings, path: Path, name: str, kind: str, collection: Collection) -> None:
    names = [known.name for known in collection.known if known.kind == kind]
    near = did_you_mean(name, names) if name and name not in names else ()
    if near:
        findings.report(catalog.UNKNOWN_OBJECT, path, f"there is no {kind} `{name}` among the files", *near)


def _check_sensor(findings: Findings, spec: Mapping, collection: Collection) -> None:
    names = [text(d.get("name")) for _, d in mappings(spec.get("dependencies"))]
    for index, trigger in mappings(spec.get("triggers")):
        template = mapping(trigger.get("template"))
        for kind in ("argoWorkflow", "k8s"):
            path = ("spec", "triggers", index, "template", kind)
            action = mapping(template.get(kind))
            for number, parameter in mappings(action.get("parameters")):
                name = text(mapping(parameter.get("src")).get("dependencyName"))
                if name and name not in names:
                    helps = did_you_mean(name, names) or ("name one of `spec.dependencies`",)
                    findings.report(
                        catalog.UNKNOWN_OBJECT,
                        (*path, "parameters", number, "src", "dependencyName"),
                        f"the sensor has no dependency `{name}`",
                        *helps,
                    )
            resource = mapping(action.get("source")).get("resource")
            if mapping(resource).get("kind") == "Workflow":
                nested = findings.below(*path, "source", "resource")
                check_shape(nested, "argo", "Workflow", _READING)
                check_workflow("Workflow", nested.below("spec"), collection)


def _check_kustomization(known: Known, collection: Collection) -> None:
    """Files that a kustomization names beside itself, where that folder was given with more than it."""
    beside = {each.findings.document.file.path for each in collection.known}
    folder = f"{known.folder}/" if known.folder else ""
    if len({path for path in beside if path.startswith(folder)}) < 2:
        return
    names = [path.removeprefix(folder) for path in beside if path.startswith(folder)]
    for index, resource in enumerate(items(mapping(known.findings.value).get("resources"))):
        name = text(resource)
        if name.endswith((".yaml", ".yml")) and "/" not in name and name not in names:
            helps = did_you_mean(name, names)
            if helps:
                known.findings.report(
                    catalog.UNKNOWN_OBJECT,
                    ("resources", index),
                    f"there is no file `{name}` beside the kustomization",
                    *helps,
                )
