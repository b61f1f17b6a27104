"""The modules outside the project that a flow needs in every task."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.project.api_names import API_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project


def outside_imports(project: Project) -> tuple[str, ...]:
    """What the flow's file and the project's modules it led to import at their top level, in that order.

    Imports under a condition and in functions are left out: a task may never come to them.
    """
    found = (
        dotted
        for module in project.modules
        for dotted in _top_level(module)
        if dotted.partition(".")[0] not in API_MODULES and project.find(dotted, module) is None
    )
    return tuple(dict.fromkeys(found))


def _top_level(module: Module) -> Iterator[str]:
    for statement in module.tree.body:
        match statement:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(source), level=0) if source != "__future__":
                yield source
            case _:
                continue
