"""The resources of the account that a flow's steps name, and where each step runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.platform import attributes

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.ir.spec import StepSpec
    from flowc.target.settings import Settings


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
