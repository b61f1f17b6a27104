"""The containers of one pod: names that differ, and which of a set waits for which."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.names import is_label
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, items, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template

_MAIN = "main"
_ENGINE = ("init", "wait")  # the engine's own containers of every pod
_HIGHEST_PORT = 65_535


def check_company(template: Template) -> None:
    """Report containers of a pod that have the name of another one, or none, and ports that are none."""
    seen: dict[str, Path] = {}
    if {"container", "script"} & set(template.kinds):
        seen[_MAIN] = (template.kinds[0],)
    for kind in ("initContainers", "sidecars"):
        for index, container in mappings(template.value.get(kind)):
            _check_name(template, (kind, index), container, seen)
    for kind in ("container", "script"):
        _check_ports(template, (kind,), mapping(template.value.get(kind)))


def _check_name(template: Template, path: Path, container: Mapping, seen: dict[str, Path]) -> None:
    name, at = text(container.get("name")), (*path, "name")
    if not name and container.get("name") is not None:
        message = f"a container of `{template.name}` has no name"
        template.findings.report(catalog.MISSING_FIELD, at, message, "fill in `name`")
    elif name in seen or name in _ENGINE:
        message = f"the pod of `{template.name}` has two containers `{name}`"
        if name in _ENGINE:
            message = f"the engine's own container in the pod of `{template.name}` is called `{name}`"
        first = tuple(template.findings.label(seen[each], "first here") for each in [name] if each in seen)
        template.findings.report(catalog.DUPLICATE_NAME, at, message, "rename one", related=first)
    _check_grammar(template, at, name)
    seen.setdefault(name, at)
    _check_ports(template, path, container)


def _check_grammar(template: Template, path: Path, name: str) -> None:
    if name and not is_dynamic(name) and not is_label(name):
        message = f"`{name}` cannot be the name of a container"
        remedy = "use at most 63 lower-case letters, digits and inner `-`"
        template.findings.report(catalog.MANIFEST_NAME, path, message, remedy)


def _check_ports(template: Template, path: Path, container: Mapping) -> None:
    for index, port in mappings(container.get("ports")):
        number = port.get("containerPort")
        if isinstance(number, int) and not 1 <= number <= _HIGHEST_PORT:
            at: Path = (*path, "ports", index, "containerPort")
            template.findings.report(
                catalog.FIELD_VALUE, at, f"there is no port {number}", "write 1 to 65535"
            )


def check_set(template: Template) -> None:
    """Report FC704, FC712, FC714 and FC715 for a `containerSet`."""
    if not isinstance(template.value.get("containerSet"), dict):
        return
    entries = list(mappings(mapping(template.value["containerSet"]).get("containers")))
    names = [text(container.get("name")) for _, container in entries]
    base: Path = ("containerSet", "containers")
    findings = template.findings
    if not entries:
        message = f"the set of `{template.name}` has no containers"
        findings.report(catalog.MISSING_FIELD, ("containerSet",), message, "add one", at_key=True)
    elif _MAIN not in names and _hands_over(template):
        message = f"no container of `{template.name}` is called `main`, which its inputs and outputs need"
        findings.report(catalog.MISSING_FIELD, base, message, "call one `main`", at_key=True)
    for place, (index, container) in enumerate(entries):
        name = names[place]
        if name and name in names[:place]:
            message = f"the set of `{template.name}` has two containers `{name}`"
            findings.report(catalog.DUPLICATE_NAME, (*base, index, "name"), message, "rename one")
        _check_grammar(template, (*base, index, "name"), name)
        for number, other in enumerate(items(container.get("dependencies"))):
            if other not in names and not is_dynamic(str(other)):
                path = (*base, index, "dependencies", number)
                message = f"container `{name}` depends on `{other}`, which is not in its set"
                helps = did_you_mean(str(other), names) or ("name a container of the same set",)
                findings.report(catalog.UNKNOWN_TASK, path, message, *helps)
    _check_cycle(template, {names[at]: entry for at, (_, entry) in enumerate(entries)})


def _hands_over(template: Template) -> bool:
    """Whether the engine moves something into or out of the pod, which it does by one container."""
    value = template.value
    return bool(mapping(value.get("inputs")).get("artifacts")) or any(
        mapping(value.get("outputs")).get(kind) for kind in ("parameters", "artifacts")
    )


def _check_cycle(template: Template, containers: dict[str, Mapping]) -> None:
    waits = {
        name: [each for each in items(entry.get("dependencies")) if isinstance(each, str)]
        for name, entry in containers.items()
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        shown = " → ".join(f"`{name}`" for name in error.args[1])
        template.findings.report(
            catalog.DEPENDENCY_CYCLE,
            ("containerSet", "containers"),
            f"containers wait for one another: {shown}",
            "take one of the dependencies away",
            at_key=True,
        )
