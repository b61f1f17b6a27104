"""What a flow is called in an account, and the resources of the account that its steps name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.manifest.names import object_name
from flowc.platform import attributes

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.ir.spec import StepSpec
    from flowc.target.settings import Settings


def machine_name(program: Program, settings: Settings) -> str:
    """The state machine's name, the base of all others: at most 80 letters, digits, `-` and `_`."""
    if settings.name is not None:
        return settings.name
    project = program.graph.specs.project
    if project is None:
        return object_name(program.graph.name)
    branch = settings.branch or project.branch
    production = settings.production or project.production
    return object_name(program.graph.name, project.name, branch, production=production)


def step_queues(program: Program) -> list[str]:
    """The job queues that single steps name."""
    named = (attributes.text(step.spec.batch, "queue") for step in program.graph.steps.values())
    return list(dict.fromkeys(queue for queue in named if queue is not None))


def named_secrets(program: Program) -> list[str]:
    """The secrets of Secrets Manager that steps fetch."""
    sources = (secret for step in program.graph.steps.values() for secret in step.spec.secrets)
    return list(dict.fromkeys(s.name for s in sources if s.type in {None, "aws-secrets-manager"}))


def runs_on_eks(spec: StepSpec, settings: Settings) -> bool:
    """Whether a step's job is a Kubernetes Job."""
    return (
        spec.kubernetes is not None and spec.batch is None and settings.stepfunctions.eks_cluster is not None
    )
