"""What a document is, told by its content; a list of objects is taken apart.

Objects of a kind that flowc does not know are counted, never judged: a folder of manifests holds
many things.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.placed.read import read_manifest
from flowc.validate.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowc.diagnostics.model import Sink
    from flowc.source import SourceFile

# Kind of a Kubernetes object → the API groups under which flowc knows it.
_GROUPS = {
    "Workflow": "argoproj.io",
    "WorkflowTemplate": "argoproj.io",
    "ClusterWorkflowTemplate": "argoproj.io",
    "CronWorkflow": "argoproj.io",
    "WorkflowEventBinding": "argoproj.io",
    "Sensor": "argoproj.io",
    "ConfigMap": "",
    "Secret": "",
    "ServiceAccount": "",
    "Namespace": "",
    "PersistentVolumeClaim": "",
    "Role": "rbac.authorization.k8s.io",
    "ClusterRole": "rbac.authorization.k8s.io",
    "RoleBinding": "rbac.authorization.k8s.io",
    "ClusterRoleBinding": "rbac.authorization.k8s.io",
    "Kustomization": "kustomize.config.k8s.io",
}
_ARGO = "argoproj.io"
# What Argo's other projects and its controller keep.
_OTHERS_OF_ARGO = (
    "Application", "ApplicationSet", "AppProject", "ArgoCD", "Rollout", "Experiment", "AnalysisRun", "AnalysisTemplate",
    "ClusterAnalysisTemplate", "EventSource", "EventBus", "WorkflowTaskSet", "WorkflowTaskResult", "WorkflowArtifactGCTask",
)  # fmt: skip
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MACHINE = "state machine"
TEMPLATE = "template"


class Known(NamedTuple):
    """An object that flowc judges: a Kubernetes kind, MACHINE or TEMPLATE."""

    kind: str
    findings: Findings

    @property
    def name(self) -> str:
        """`metadata.name` of a Kubernetes object, "" where it has none."""
        return text_at(self.findings.value, "metadata", "name")

    @property
    def folder(self) -> str:
        """The folder of the object's file."""
        return self.findings.document.file.path.rpartition("/")[0]


class Collection(NamedTuple):
    """All that was read: the objects that flowc judges, and how many of each other kind there were."""

    known: tuple[Known, ...]
    others: Counter[str]

    def named(self, kind: str, name: str) -> Known | None:
        """The object of a kind and name; None where it was not given."""
        return next((each for each in self.known if each.kind == kind and each.name == name), None)


def text_at(value: object, *path: str) -> str:
    """The text at a path of mappings; "" where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def collect(files: Iterable[SourceFile], sink: Sink) -> Collection:
    """Read the files; what cannot be read is reported."""
    known: list[Known] = []
    others: Counter[str] = Counter()
    for file in files:
        for document in read_manifest(file, sink):
            for kind, findings in _objects(Findings(document, sink)):
                if kind in _GROUPS or kind in {MACHINE, TEMPLATE}:
                    known.append(Known(kind, findings))
                elif kind:
                    others[kind] += 1
                    _check_kind(findings)
    return Collection(tuple(known), others)


def _check_kind(findings: Findings) -> None:
    """Report an object of Argo under a kind that looks misspelt: passed over, nobody would miss it."""
    kind, version = text_at(findings.value, "kind"), text_at(findings.value, "apiVersion")
    if version.partition("/")[0] != _ARGO or kind in _OTHERS_OF_ARGO:
        return
    near = did_you_mean(kind, [name for name, group in _GROUPS.items() if group == _ARGO])
    if near:
        findings.report(catalog.FIELD_VALUE, ("kind",), f"Argo has no kind `{kind}`", *near)


def _objects(findings: Findings) -> Iterator[tuple[str, Findings]]:
    value = findings.value
    items = value.get("items") if isinstance(value, dict) else None
    if isinstance(items, list) and text_at(value, "kind").endswith("List"):
        for index in range(len(items)):
            yield from _objects(findings.below("items", index))
    else:
        yield kind_of(value, findings.document.file.path), findings


def kind_of(value: object, path: str = "") -> str:
    """The kind of a document; what flowc does not know in words for a person, "" for a JSON Schema."""
    if not isinstance(value, dict):
        return "no object"
    if "$schema" in value:
        return ""
    kind, version = text_at(value, "kind"), text_at(value, "apiVersion")
    if kind and version:
        group = version.rpartition("/")[0]
        return kind if _GROUPS.get(kind, group) == group else f"{kind} of {group or 'v1'}"
    if path.rpartition("/")[2] in _KUSTOMIZATIONS:
        return "Kustomization"
    if "States" in value or "StartAt" in value:
        return MACHINE
    if "AWSTemplateFormatVersion" in value or _has_resources(value.get("Resources")):
        return TEMPLATE
    return kind or "no object"


def _has_resources(resources: object) -> bool:
    if not isinstance(resources, dict):
        return False
    types = [text_at(resource, "Type") for resource in resources.values()]
    return any(word.startswith(("AWS::", "Custom::")) for word in types)
