"""What a pod is made of: containers, their images, variables, resources and volumes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.platform.kubernetes.grammar import image as image_reason
from flowc.validate.argo.quantity import amount
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, items, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template, Workflow
    from flowc.validate.findings import Findings

_VARIABLE = re.compile(r"[ -<>-~]+")
_ENGINE_VOLUMES = ("var-run-argo", "tmp-dir-argo", "input-artifacts", "argo-staging", "tmp")


def containers(template: Mapping) -> Iterator[tuple[Path, Mapping]]:
    """Every container of a template with its path; its own one first."""
    for kind in ("container", "script"):
        if isinstance(template.get(kind), dict):
            yield (kind,), mapping(template[kind])
    for index, value in mappings(mapping(template.get("containerSet")).get("containers")):
        yield ("containerSet", "containers", index), value
    for kind in ("initContainers", "sidecars"):
        for index, value in mappings(template.get(kind)):
            yield (kind, index), value


def check_pod(workflow: Workflow, template: Template) -> None:
    """Report what is wrong in the containers of a template."""
    defaults = mapping(workflow.spec.get("templateDefaults"))
    volumes = _volumes(workflow, template)
    for path, container in containers(template.value):
        name = f"the {path[0]} of `{template.name}`"
        default = mapping(defaults.get(str(path[0]))) if len(path) == 1 else {}
        _check_image(template.findings, path, container, default, name)
        check_container(template.findings, path, container, name)
        for index, mount in mappings(container.get("volumeMounts")):
            _check_mount(template.findings, (*path, "volumeMounts", index), mount, volumes, name)
        _check_mount_paths(template.findings, path, container, name)
    check_volumes(template.findings, template.value, f"template `{template.name}`")
    _check_source(workflow, template)
    _check_order(template)
    _check_objects(workflow, template.findings)


def check_container(findings: Findings, path: Path, container: Mapping, name: str) -> None:
    """Report what is wrong in a container by itself."""
    seen: dict[str, Path] = {}
    for index, variable in mappings(container.get("env")):
        at = (*path, "env", index)
        key = text(variable.get("name"))
        if key in seen:
            first = findings.label(seen[key], "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                (*at, "name"),
                f"{name} has the variable `{key}` twice; the last one counts",
                "keep one of the two",
                related=(first,),
            )
        elif key and not is_dynamic(key) and not _VARIABLE.fullmatch(key):
            findings.report(
                catalog.MANIFEST_NAME,
                (*at, "name"),
                f"`{key}` cannot be the name of a variable",
                "use printable characters without `=`",
            )
        if variable.get("value") is not None and variable.get("valueFrom") is not None:
            findings.report(
                catalog.EXCLUSIVE_FIELDS,
                at,
                f"the variable `{key}` has both `value` and `valueFrom`",
                "keep one of the two",
            )
        seen.setdefault(key, (*at, "name"))
    check_resources(findings, (*path, "resources"), mapping(container.get("resources")), name)


def check_resources(findings: Findings, path: Path, resources: Mapping, name: str) -> None:
    """Report amounts that are none, and requests above their limit."""
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    for part, amounts in (("requests", requests), ("limits", limits)):
        for key, value in amounts.items():
            if amount(value) is None and not (isinstance(value, str) and is_dynamic(value)):
                helps = _quantity_helps(value)
                findings.report(
                    catalog.FIELD_GRAMMAR, (*path, part, key), f"`{value}` is no amount of `{key}`", *helps
                )
            elif (amount(value) or 0) < 0:
                findings.report(
                    catalog.FIELD_GRAMMAR,
                    (*path, part, key),
                    f"{name} cannot have {value} of `{key}`",
                    "write 0 or more",
                )
    for key in requests.keys() & limits.keys():
        asked, most = amount(requests[key]), amount(limits[key])
        if asked is not None and most is not None and asked > most:
            label = findings.label((*path, "limits", key), "the limit")
            message = f"{name} asks for {requests[key]} of `{key}`, above its limit of {limits[key]}"
            findings.report(
                catalog.RESOURCE_AMOUNTS,
                (*path, "requests", key),
                message,
                "raise the limit or lower the request",
                related=(label,),
            )
    for key in sorted(requests.keys() - limits.keys()):
        if "/" in key and not key.startswith("kubernetes.io/"):
            message = f"{name} asks for `{key}` without a limit; Kubernetes takes such a resource only with an equal limit"
            findings.report(
                catalog.RESOURCE_AMOUNTS,
                (*path, "requests", key),
                message,
                f"add `limits.{key}: {requests[key]}`",
                at_key=True,
            )


def _check_source(workflow: Workflow, template: Template) -> None:
    script = template.value.get("script")
    default = mapping(mapping(workflow.spec.get("templateDefaults")).get("script"))
    if isinstance(script, dict) and not text(script.get("source")) and not text(default.get("source")):
        message = f"the script of `{template.name}` has no `source`"
        template.findings.report(catalog.MISSING_FIELD, ("script",), message, "add `source`", at_key=True)


def _check_order(template: Template) -> None:
    """Containers of a set that wait for one another."""
    entries = list(mappings(mapping(template.value.get("containerSet")).get("containers")))
    names = [text(container.get("name")) for _, container in entries]
    for index, container in entries:
        for number, name in enumerate(items(container.get("dependencies"))):
            if name not in names:
                path = ("containerSet", "containers", index, "dependencies", number)
                message = f"container `{container.get('name')}` depends on `{name}`, which is not in its set"
                helps = did_you_mean(str(name), names) or ("name a container of the same set",)
                template.findings.report(catalog.UNKNOWN_TASK, path, message, *helps)


def _quantity_helps(value: object) -> tuple[str, ...]:
    written = str(value)
    for wrong, right in (
        ("GB", "G"),
        ("MB", "M"),
        ("KB", "k"),
        ("gb", "G"),
        ("mb", "M"),
        ("g", "G"),
        ("K", "k"),
        ("KiB", "Ki"),
        ("MiB", "Mi"),
        ("GiB", "Gi"),
    ):
        if written.endswith(wrong) and amount(written.removesuffix(wrong) + right) is not None:
            return (f"did you mean `{written.removesuffix(wrong) + right}`?",)
    return ("an amount is a number with an optional unit: `500m`, `2`, `4G`, `4Gi`",)


def _check_image(findings: Findings, path: Path, container: Mapping, default: Mapping, name: str) -> None:
    image = text(container.get("image")) or text(default.get("image"))
    if not image:
        findings.report(catalog.MISSING_FIELD, path, f"{name} has no `image`", "add `image`", at_key=True)
    elif text(container.get("image")) and not is_dynamic(image) and (reason := image_reason(image)):
        findings.report(catalog.FIELD_GRAMMAR, (*path, "image"), f"`{image}` cannot be an image", reason)


# ---------------------------------------------------------------------------------------- volumes
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
                *_quantity_helps(limit),
            )


def _volumes(workflow: Workflow, template: Template) -> set[str] | None:
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


def _check_mount(findings: Findings, path: Path, mount: Mapping, volumes: set[str] | None, name: str) -> None:
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


def _check_mount_paths(findings: Findings, path: Path, container: Mapping, name: str) -> None:
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


# ------------------------------------------------------------------------- what other objects hold
_KEYED = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
_WHOLE = {"configMapRef": "ConfigMap", "secretRef": "Secret"}


def _check_objects(workflow: Workflow, findings: Findings) -> None:
    """Keys that are read of ConfigMaps and Secrets which are among the files, and are not there."""
    for path, key, reference in _references(findings.value, ()):
        found = workflow.collection.named(_KEYED[key], text(reference.get("name")))
        wanted = text(reference.get("key"))
        if found is None or reference.get("optional") is True or is_dynamic(wanted):
            continue
        value = mapping(found.findings.value)
        keys = {name for part in ("data", "binaryData", "stringData") for name in mapping(value.get(part))}
        if wanted not in keys:
            helps = did_you_mean(wanted, keys) or (
                f"it has {', '.join(f'`{k}`' for k in sorted(keys)[:8])}" if keys else "it is empty",
            )
            findings.report(
                catalog.UNKNOWN_OBJECT,
                (*path, "key"),
                f"the {found.kind} `{found.name}` has no key `{wanted}`",
                *helps,
            )


def _references(value: object, path: Path) -> Iterator[tuple[Path, str, Mapping]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in _KEYED and isinstance(part, dict):
                yield (*path, key), key, part
            else:
                yield from _references(part, (*path, key))
    for index, part in enumerate(items(value)):
        yield from _references(part, (*path, index))
