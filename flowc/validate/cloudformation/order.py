"""The order of resources: those that need one another cannot be made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import Mapping, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.validate.findings import Findings

_HOLE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


def check_order(findings: Findings, resources: Mapping) -> None:
    """Report FC714 for resources that wait for one another, each cycle once."""
    needs = {
        name: sorted({n for n in _needed(resource) if n in resources}) for name, resource in resources.items()
    }
    done: set[str] = set()
    for start in needs:
        cycle = _cycle(start, needs, done)
        if cycle:
            shown = " → ".join(f"`{name}`" for name in [*cycle, cycle[0]])
            message = f"resources need one another: {shown}"
            remedy = "take one of the references away, as by a resource of its own for it"
            findings.report(catalog.DEPENDENCY_CYCLE, ("Resources", cycle[0]), message, remedy, at_key=True)


def _needed(resource: object) -> Iterator[str]:
    """What a resource names by `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`."""
    depends = mapping(resource).get("DependsOn")
    yield from [depends] if isinstance(depends, str) else [text(name) for name in items(depends)]
    todo: list[object] = [mapping(resource).get("Properties")]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            yield from _named(value)
            todo += value.values()


def _named(call: Mapping) -> Iterator[str]:
    match call:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(written)}:
            yield written.partition(".")[0]
        case {"Fn::Sub": [str(written), dict(own)]}:
            yield from (name for name in _HOLE.findall(written) if name not in own)
        case {"Fn::Sub": str(written)}:
            yield from _HOLE.findall(written)


def _cycle(start: str, needs: dict[str, list[str]], done: set[str]) -> list[str]:
    """The first cycle that one comes to from a resource that is not done. Iterative: a stack may be one chain."""
    way: list[str] = []
    todo = [(start, False)]
    while todo:
        name, is_left = todo.pop()
        if is_left:
            done.add(way.pop())
        elif name in way:
            found = way[way.index(name) :]
            done.update(way)
            return found
        elif name not in done:
            way.append(name)
            todo.append((name, True))
            todo += [(other, False) for other in needs[name]]
    return []
