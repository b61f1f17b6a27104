"""What templates run: the tasks and steps of each, and which templates one comes to from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.validate.argo.templates import Template
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as AnyMapping

    from flowc.manifest.placed.document import Path


def holders(template: Template) -> list[tuple[str, Path, Mapping]]:
    """What a template runs: the name, the place and the value of each task or step."""
    found: list[tuple[str, Path, Mapping]] = []
    for index, task in mappings(mapping(template.value.get("dag")).get("tasks")):
        found.append((text(task.get("name")), ("dag", "tasks", index), task))
    for group, steps in enumerate(as_groups(template.value.get("steps"))):
        for path, step in steps:
            found.append((text(step.get("name")), ("steps", group, *path), step))
    return found


def as_groups(steps: object) -> list[list[tuple[Path, Mapping]]]:
    """The groups of steps, each with the places of its steps below it; a group of one may be no list."""
    groups: list[list[tuple[Path, Mapping]]] = []
    for group in steps if isinstance(steps, list) else []:
        if isinstance(group, dict) and isinstance(group.get("steps"), list):
            groups.append([(("steps", index), step) for index, step in mappings(group["steps"])])
        elif isinstance(group, dict):
            groups.append([((), group)])
        else:
            groups.append([((index,), step) for index, step in mappings(group)])
    return groups


def calls(template: Template) -> list[str]:
    """The names of the templates that one runs itself, of its hooks too."""
    found = []
    for _, _, holder in holders(template):
        found.append(text(holder.get("template")))
        found += [text(mapping(hook).get("template")) for hook in mapping(holder.get("hooks")).values()]
        found.append(text(holder.get("onExit")))
        inline = mapping(holder.get("inline"))
        if inline:
            found += calls(Template("", inline, template.findings))
    return found


def reached(templates: AnyMapping[str, Template], starts: Iterable[str]) -> set[str] | None:
    """The templates that one comes to from `starts`; None where a name is misspelt or known only to a run."""
    found: set[str] = set()
    todo = [name for name in starts if name]
    while todo:
        name = todo.pop()
        if name not in templates:
            return None
        if name not in found:
            found.add(name)
            todo += [call for call in calls(templates[name]) if call]
    return found
