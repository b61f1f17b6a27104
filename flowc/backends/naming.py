"""What a flow is called on every target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.manifest.names import object_name

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.ir.spec import Project
    from flowc.target.settings import Settings

USER_BRANCH = "user"  # whose own it is, no manifest says


def project_branch(project: Project, settings: Settings) -> str:
    """The project's name and, unless it is a user's own, the branch: `shop.test.new_ui`, `shop.prod`, `shop`."""
    given = settings.branch or project.branch
    production = settings.production or project.production
    stage = "prod" if production else "test" if given else None
    return ".".join(word for word in (project.name, stage, given) if word)


def finished_event(flow: str, project: str | None, branch: str | None) -> str:
    """The event by which a run tells that it ended well, named as Metaflow names it.

    `branch` is `prod`, `prod.b` or `test.b`, None for a user's own: `metaflow.shop.test.b.TrainFlow.end`.
    """
    place = [project, branch or USER_BRANCH] if project is not None else []
    return ".".join(["metaflow", *place, flow, "end"])


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
