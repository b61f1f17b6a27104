"""`metadata` of any object: its name, labels and annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.manifest.names import MAX_CRON_NAME, is_subdomain
from flowc.platform.kubernetes.grammar import label_value, qualified_name
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, mapping, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

# Kinds whose name becomes a label's value, and a part of other names.
_LONGEST = {
    "Workflow": 63,
    "WorkflowTemplate": 63,
    "ClusterWorkflowTemplate": 63,
    "CronWorkflow": MAX_CRON_NAME,
}
_WITHOUT_NAME = ("Workflow", "Kustomization", "")
_ONE = {"labels": "a label", "annotations": "an annotation"}
_MOST_ANNOTATIONS = 256 * 1024
_RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
_VERSIONS = {
    **dict.fromkeys(("ConfigMap", "Secret", "ServiceAccount", "Namespace", "PersistentVolumeClaim"), "v1"),
    **dict.fromkeys(_RBAC, "rbac.authorization.k8s.io/v1"),
}
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9.]*)")


def check_version(findings: Findings, kind: str) -> None:
    """Report FC704 and FC705 for the `apiVersion` of an object."""
    version = mapping(findings.value).get("apiVersion")
    wanted = _VERSIONS.get(kind, "argoproj.io/v1alpha1")
    if kind == "Kustomization" or version == wanted:
        return
    if version is None:
        message = f"the {kind} has no `apiVersion`"
        findings.report(catalog.MISSING_FIELD, (), message, f"add `apiVersion: {wanted}`", at_key=True)
    elif isinstance(version, str):
        message = f"there is no {kind} in `{version}`"
        findings.report(catalog.FIELD_VALUE, ("apiVersion",), message, f"write `{wanted}`")


def check_metadata(findings: Findings, kind: str) -> None:
    """Report FC704, FC707, FC708 and FC709 for the metadata of an object."""
    metadata = mapping(mapping(findings.value).get("metadata"))
    name = text(metadata.get("name"))
    if name:
        _check_name(findings, name, kind)
    elif text(metadata.get("generateName")):
        _check_prefix(findings, text(metadata["generateName"]), kind)
    elif kind not in _WITHOUT_NAME and "metadata" in mapping(findings.value):
        findings.report(
            catalog.MISSING_FIELD,
            ("metadata",),
            f"the {kind} has no name",
            "add `metadata.name`",
            at_key=True,
        )
    check_labels(findings, ("metadata",), metadata)


def check_named(findings: Findings, path: Path, name: object) -> None:
    """Report FC708 for the name of another object that no object can have."""
    if isinstance(name, str) and name and not is_dynamic(name) and not is_subdomain(name):
        message = f"`{name}` cannot be the name of an object"
        remedy = "use lower-case letters, digits, `-` and `.`, a letter or digit at both ends"
        findings.report(catalog.MANIFEST_NAME, path, message, remedy)


def check_labels(findings: Findings, path: Path, metadata: Mapping) -> None:
    """Report labels and annotations that Kubernetes refuses."""
    for part in ("labels", "annotations"):
        for key, value in mapping(metadata.get(part)).items():
            reason = qualified_name(key)
            if reason:
                findings.report(
                    catalog.FIELD_GRAMMAR,
                    (*path, part, key),
                    f"`{key}` cannot be the key of {_ONE[part]}",
                    reason,
                    at_key=True,
                )
            reason = (
                label_value(value)
                if part == "labels" and isinstance(value, str) and "{{" not in value
                else None
            )
            if reason:
                findings.report(
                    catalog.FIELD_GRAMMAR,
                    (*path, part, key),
                    f"`{value}` cannot be the value of a label",
                    reason,
                )
    size = sum(len(key) + len(text(value)) for key, value in mapping(metadata.get("annotations")).items())
    if size > _MOST_ANNOTATIONS:
        findings.report(
            catalog.MANIFEST_LIMIT,
            (*path, "annotations"),
            f"the annotations have {size:,} characters; Kubernetes takes {_MOST_ANNOTATIONS:,}",
            "move some into a ConfigMap",
            at_key=True,
        )


def _check_name(findings: Findings, name: str, kind: str) -> None:
    longest = _LONGEST.get(kind, 253)
    path: Path = ("metadata", "name")
    if len(name) > longest:
        why = ", since a run's name appends its time" if kind == "CronWorkflow" else ""
        findings.report(
            catalog.MANIFEST_NAME,
            path,
            f"the name of the {kind} has {len(name)} characters; {longest} are allowed{why}",
            "shorten it",
        )
    elif not is_subdomain(name) and kind not in _RBAC:
        findings.report(
            catalog.MANIFEST_NAME,
            path,
            f"`{name}` cannot be the name of a {kind}",
            "use lower-case letters, digits, `-` and `.`, a letter or digit at both ends",
        )


def _check_prefix(findings: Findings, prefix: str, kind: str) -> None:
    if not _PREFIX.fullmatch(prefix):
        findings.report(
            catalog.MANIFEST_NAME,
            ("metadata", "generateName"),
            f"`{prefix}` cannot begin the name of a {kind}",
            "use lower-case letters, digits, `-` and `.`, a letter or digit first",
        )
