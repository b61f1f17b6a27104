"""Artifacts: where each lies in its container, and where it comes from or goes to.

A pod needs a path for each of its artifacts; a DAG or list of steps only hands them on. An artifact
has one place in a store at most, and what the store cannot do without is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.argo.templates import LEAVES
from flowc.validate.parts import Mapping, items, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template
    from flowc.validate.findings import Findings

STORES = ("s3", "git", "http", "artifactory", "hdfs", "raw", "oss", "gcs", "azure", "plugin")
# What stores read nothing without; the rest may come from the repository that the controller has.
_NEEDED = {"git": "repo", "hdfs": "addresses", "http": "url", "artifactory": "url"}
_CHECKED = ("git", "hdfs")  # without the others an artifact only has no place, which one that is optional may


def check_artifacts(template: Template) -> None:
    """Report what is wrong in the artifacts that a template takes and gives."""
    findings, value = template.findings, template.value
    for part in ("inputs", "outputs"):
        for index, artifact in mappings(mapping(value.get(part)).get("artifacts")):
            path: Path = (part, "artifacts", index)
            check_location(findings, path, artifact)
            _check_path(template, path, artifact)
    for index, artifact in mappings(mapping(value.get("inputs")).get("artifacts")):
        if artifact.get("from"):
            message = f"the input `{artifact.get('name')}` has `from`, which only arguments take"
            findings.report(
                catalog.MISPLACED_FIELD,
                ("inputs", "artifacts", index, "from"),
                message,
                "give it in the arguments of the task",
                at_key=True,
            )
    _check_collisions(template)


def has_place(artifact: Mapping) -> bool:
    """Whether an artifact says where it lies in a store."""
    return any(
        isinstance(artifact.get(store), dict)
        and (store in _CHECKED or mapping(artifact[store]).get(_NEEDED.get(store, ""), "x"))
        for store in STORES
    )


def check_location(findings: Findings, path: Path, artifact: Mapping) -> None:
    """Report an artifact with two places, or one that lacks what its store needs."""
    name = text(artifact.get("name"))
    stores = [store for store in STORES if artifact.get(store) is not None]
    if len(stores) > 1:
        message = f"the artifact `{name}` has {len(stores)} places: {', '.join(f'`{s}`' for s in stores)}"
        findings.report(catalog.EXCLUSIVE_FIELDS, path, message, "keep one of them")
    for store in [store for store in stores if store in _CHECKED]:
        needed = _NEEDED[store]
        if mapping(artifact[store]).get(needed, "x") in ("", []):
            message = f"the artifact `{name}` has an empty `{needed}`"
            findings.report(catalog.MISSING_FIELD, (*path, store, needed), message, f"fill in `{needed}`")
    if artifact.get("from") and artifact.get("fromExpression"):
        message = f"the artifact `{name}` has both `from` and `fromExpression`"
        findings.report(catalog.EXCLUSIVE_FIELDS, path, message, "keep one of the two")


def _check_path(template: Template, path: Path, artifact: Mapping) -> None:
    kind = next(iter(template.kinds), "")
    written = artifact.get("path")
    if kind in LEAVES and not written:
        message = f"the artifact `{artifact.get('name')}` of `{template.name}` has no `path`"
        remedy = "add the path that it has in the container"
        template.findings.report(catalog.MISSING_FIELD, path, message, remedy, at_key=True)
    elif kind in {"dag", "steps"} and written:
        message = f"the artifact `{artifact.get('name')}` has a `path` in `{template.name}`, which has no container of its own"
        remedy = "leave it out: templates that run a pod have paths"
        template.findings.report(catalog.MISPLACED_FIELD, (*path, "path"), message, remedy, at_key=True)


def _check_collisions(template: Template) -> None:
    """Artifacts of a container that lie where another one or a volume does."""
    taken: dict[str, Path] = {}
    for index, mount in mappings(mapping(template.value.get("container")).get("volumeMounts")):
        taken.setdefault(text(mount.get("mountPath")), ("container", "volumeMounts", index, "mountPath"))
    for index, artifact in enumerate(items(mapping(template.value.get("inputs")).get("artifacts"))):
        where, at = text(mapping(artifact).get("path")), ("inputs", "artifacts", index, "path")
        if where and where in taken:
            message = f"`{where}` of `{template.name}` is taken already"
            first = template.findings.label(taken[where], "first here")
            template.findings.report(
                catalog.DUPLICATE_NAME, at, message, "give the artifact a path of its own", related=(first,)
            )
        taken.setdefault(where, at)
