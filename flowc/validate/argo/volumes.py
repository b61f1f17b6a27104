"""Volumes and their mounts: what is mounted is declared, each volume once and with one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.names import is_label
from flowc.validate.argo.quantity import amount
from flowc.validate.argo.resources import amount_helps
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template, Workflow
    from flowc.validate.findings import Findings

_ENGINE_VOLUMES = ("var-run-argo", "tmp-dir-argo", "input-artifacts", "argo-staging", "tmp")


def check_volumes(findings: Findings, holder: Mapping, owner: str) -> None:
    """Report volumes that stand twice or say no source, or two."""
    seen: dict[str, Path] = {}
    for index, volume in mappings(holder.get("volumes")):
        name, path = text(volume.get("name")), ("volumes", index)
        if name in seen:
            first = findings.label(seen[name], "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                (*path, "name"),
                f"{owner} has two volumes `{name}`",
                "rename one",
                related=(first,),
            )
        elif name and not is_dynamic(name) and not is_label(name):
            message = f"`{name}` cannot be the name of a volume"
            remedy = "use at most 63 lower-case letters, digits and inner `-`"
            findings.report(catalog.MANIFEST_NAME, (*path, "name"), message, remedy)
        seen.setdefault(name, (*path, "name"))
        sources = [key for key in volume if key != "name" and volume[key] is not None]
        if len(sources) > 1:
            findings.report(
                catalog.EXCLUSIVE_FIELDS,
                path,
                f"the volume `{name}` has {len(sources)} sources: {', '.join(f'`{s}`' for s in sources)}",
                "keep one of them",
            )
        limit = mapping(volume.get("emptyDir")).get("sizeLimit")
        if limit is not None and amount(limit) is None and not is_dynamic(str(limit)):
            findings.report(
                catalog.FIELD_GRAMMAR,
                (*path, "emptyDir", "sizeLimit"),
                f"`{limit}` is no amount of storage",
                *amount_helps(limit),
            )


def mountable(workflow: Workflow, template: Template) -> set[str] | None:
    """The volumes a container may mount; None where a workflow that is not here may add some."""
    if not workflow.runs:
        return None
    holders = (workflow.spec, template.value, mapping(workflow.spec.get("templateDefaults")))
    names = {text(volume.get("name")) for holder in holders for _, volume in mappings(holder.get("volumes"))}
    names |= {
        text(mapping(claim.get("metadata")).get("name"))
        for _, claim in mappings(workflow.spec.get("volumeClaimTemplates"))
    }
    return None if any(is_dynamic(name) for name in names) else names


def check_mount(findings: Findings, path: Path, mount: Mapping, volumes: set[str] | None, name: str) -> None:
    """Report a mount of no volume (`volumes` is None where they are not all known), and a path that is none."""
    volume, target = text(mount.get("name")), text(mount.get("mountPath"))
    if (
        volumes is not None
        and volume
        and not is_dynamic(volume)
        and volume not in volumes
        and volume not in _ENGINE_VOLUMES
    ):
        helps = did_you_mean(volume, volumes) or (
            "declare it under `volumes` of the template or of the spec",
        )
        findings.report(
            catalog.UNKNOWN_VOLUME, (*path, "name"), f"{name} mounts `{volume}`, which is no volume", *helps
        )
    if ":" in target and not is_dynamic(target):
        findings.report(
            catalog.FIELD_GRAMMAR,
            (*path, "mountPath"),
            f"`{target}` cannot be a mount path",
            "a mount path has no `:`",
        )


def check_mount_paths(findings: Findings, path: Path, container: Mapping, name: str) -> None:
    """Report two volumes that a container mounts at one path."""
    seen: dict[str, Path] = {}
    for index, mount in mappings(container.get("volumeMounts")):
        at = (*path, "volumeMounts", index, "mountPath")
        target = text(mount.get("mountPath"))
        if target and target in seen:
            first = findings.label(seen[target], "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                at,
                f"{name} mounts two volumes at `{target}`",
                "mount one of them elsewhere",
                related=(first,),
            )
        seen.setdefault(target, at)
