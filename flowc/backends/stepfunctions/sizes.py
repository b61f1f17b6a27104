"""How large AWS lets each part be: a step's own settings before anything is made, the rest on what was made.

Sizes are those of compact JSON, which is what AWS stores and sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.stepfunctions.template import MAX_RESOURCES
from flowc.backends.task_settings import task_environment
from flowc.diagnostics import catalog
from flowc.manifest.encode import compact_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import Step
    from flowc.ir.program import Program
    from flowc.platform.batch.manifest import JobDefinition
    from flowc.source import Span
    from flowc.target.settings import Settings

_MAX_DEFINITION = 1_048_576
_MAX_TEMPLATE = 1_048_576
# The whole submission may take 30 KiB, which its other parts, all short, never fill.
_MAX_OVERRIDES = 8_192
_MAX_JOB_DEFINITION = 24 * 1024
# What every submission says besides the step's own: a run's name, its ARN, a path, why it was killed.
_FILLED_IN = 1_000


def check_step_settings(program: Program, settings: Settings, sink: Sink) -> None:
    """Report FC619. Only what a step says itself can be long."""
    for step in program.graph.steps.values():
        if step.spec.environment or step.spec.secrets or step.name == program.graph.start:
            told = task_environment(program, settings, step.name)
            size = sum(len(compact_json({"Name": name, "Value": value})) for name, value in told) + _FILLED_IN
            if size > _MAX_OVERRIDES:
                sink.report(
                    catalog.SETTINGS_TOO_LARGE,
                    _longest(step),
                    f"the settings of step `{step.name}` make container overrides of about {size:,} characters; Batch takes {_MAX_OVERRIDES:,}",
                    helps=["put long texts into a file beside the flow, a parameter or a secret"],
                )


def check_made(
    program: Program,
    definitions: Mapping[str, JobDefinition],
    template: Mapping[str, object],
    definition: bytes,
    sink: Sink,
) -> None:
    """Report FC605: a bundle that AWS would not take."""
    for identifier, job in definitions.items():
        size = len(compact_json(job))
        _check_whole(program, f"job definition `{identifier}`", size, _MAX_JOB_DEFINITION, sink)
    _check_whole(program, "state machine", len(definition), _MAX_DEFINITION, sink)
    _check_whole(program, "CloudFormation template", len(compact_json(template)), _MAX_TEMPLATE, sink)
    resources = template["Resources"]
    count = len(resources) if isinstance(resources, dict) else 0
    if count > MAX_RESOURCES:
        sink.report(
            catalog.MANIFEST_TOO_LARGE,
            program.graph.span,
            f"the CloudFormation template has {count:,} resources; CloudFormation takes {MAX_RESOURCES}",
            helps=[
                "let steps share their resources, image and timeout: each combination is a job definition"
            ],
        )


def _longest(step: Step) -> Span:
    """The place of the step's longest text."""
    texts = sorted(step.spec.environment.values(), key=lambda text: -len(text.value))
    return texts[0].span if texts else step.span


def _check_whole(program: Program, what: str, size: int, limit: int, sink: Sink) -> None:
    if size > limit:
        sink.report(
            catalog.MANIFEST_TOO_LARGE,
            program.graph.span,
            f"the {what} of `{program.graph.name}` has {size:,} bytes; AWS takes {limit:,}",
            helps=["split the flow in two, the second started by `@trigger_on_finish`"],
        )
