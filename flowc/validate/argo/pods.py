"""What a pod is made of: containers with their images and variables, and what they read of other objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.platform.kubernetes.grammar import image as image_reason
from flowc.validate.argo.containers import check_company, check_set
from flowc.validate.argo.metadata import check_named
from flowc.validate.argo.resources import check_resources
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.volumes import check_mount, check_mount_paths, check_volumes, mountable
from flowc.validate.parts import Mapping, items, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template, Workflow
    from flowc.validate.findings import Findings

_VARIABLE = re.compile(r"[ -<>-~]+")


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
    volumes = mountable(workflow, template)
    for path, container in containers(template.value):
        name = f"the {path[0]} of `{template.name}`"
        default = mapping(defaults.get(str(path[0]))) if len(path) == 1 else {}
        _check_image(template.findings, path, container, default, name)
        check_container(template.findings, path, container, name)
        for index, mount in mappings(container.get("volumeMounts")):
            check_mount(template.findings, (*path, "volumeMounts", index), mount, volumes, name)
        check_mount_paths(template.findings, path, container, name)
    check_volumes(template.findings, template.value, f"template `{template.name}`")
    _check_source(workflow, template)
    check_set(template)
    check_company(template)
    check_named(template.findings, ("serviceAccountName",), template.value.get("serviceAccountName"))
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


def _check_source(workflow: Workflow, template: Template) -> None:
    script = template.value.get("script")
    default = mapping(mapping(workflow.spec.get("templateDefaults")).get("script"))
    is_empty = isinstance(script, dict) and not any(script.get(key) for key in ("source", "args"))
    if is_empty and not text(default.get("source")):
        message = f"the script of `{template.name}` has no `source`"
        template.findings.report(catalog.MISSING_FIELD, ("script",), message, "add `source`", at_key=True)


def _check_image(findings: Findings, path: Path, container: Mapping, default: Mapping, name: str) -> None:
    image = text(container.get("image")) or text(default.get("image"))
    if not image:
        findings.report(catalog.MISSING_FIELD, path, f"{name} has no `image`", "add `image`", at_key=True)
    elif text(container.get("image")) and not is_dynamic(image) and (reason := image_reason(image)):
        findings.report(catalog.FIELD_GRAMMAR, (*path, "image"), f"`{image}` cannot be an image", reason)


# ------------------------------------------------------------------------- what other objects hold
_KEYED = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}


def _check_objects(workflow: Workflow, findings: Findings) -> None:
    """Keys that are read of ConfigMaps and Secrets which are among the files, and are not there."""
    for path, key, reference in _references(findings.value, ()):
        check_named(findings, (*path, "name"), reference.get("name"))
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
