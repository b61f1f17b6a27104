"""What a flow is called on every target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.manifest.names import object_name

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.target.settings import Settings


def flow_name(program: Program, settings: Settings) -> str:
    """The name of the WorkflowTemplate or state machine, and the base of all other names.

    The configured one as it is; else made of the flow's and what `@project` and the branch say.
    """
    if settings.name is not None:
        return settings.name
    project = program.graph.specs.project
    if project is None:
        return object_name(program.graph.name)
    branch = settings.branch or project.branch
    production = settings.production or project.production
    return object_name(program.graph.name, project.name, branch, production=production)
