"""How large AWS lets each part be, judged on what was made.

Sizes are those of compact JSON, which is what AWS stores and sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.stepfunctions.template import MAX_RESOURCES
from flowc.diagnostics import catalog
from flowc.manifest.encode import compact_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.backends.stepfunctions.manifest import State
    from flowc.diagnostics.model import Sink
    from flowc.ir.program import Program
    from flowc.platform.batch.manifest import JobDefinition
    from flowc.source import Located

MAX_DEFINITION = 1_048_576
_MAX_TEMPLATE = 1_048_576
_MAX_OVERRIDES = 8_192
_MAX_JOB_DEFINITION = 24 * 1024
_MAX_PAYLOAD = 30 * 1024
# Values that the engine fills in: a run's name, its ARN, a path.
_FILLED_IN = 400


def report(
    program: Program,
    submitted: Mapping[str, State],
    definitions: Mapping[str, JobDefinition],
    template: Mapping[str, object],
    definition: bytes,
    sink: Sink,
) -> None:
    """Report FC605 and FC619. `submitted` are the jobs' states by step."""
    for step, state in submitted.items():
        _check_overrides(program, step, state, sink)
    for identifier, job in definitions.items():
        size = len(compact_json(job))
        _check_whole(program, f"job definition `{identifier}`", size, _MAX_JOB_DEFINITION, sink)
    _check_whole(program, "state machine", len(definition), MAX_DEFINITION, sink)
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


def _check_overrides(program: Program, step: str, state: State, sink: Sink) -> None:
    arguments = state["Arguments"]
    overrides = len(compact_json(arguments.get("ContainerOverrides", {}))) + _FILLED_IN
    payload = len(compact_json(arguments)) + _FILLED_IN
    for what, size, limit in (
        ("container overrides", overrides, _MAX_OVERRIDES),
        ("submission", payload, _MAX_PAYLOAD),
    ):
        if size > limit:
            subject = program.graph.steps[step]
            where = next(
                (text.span for text in _largest_first(subject.spec.environment.values())), subject.span
            )
            sink.report(
                catalog.SETTINGS_TOO_LARGE,
                where,
                f"the settings of step `{step}` make {what} of {size:,} characters; Batch takes {limit:,}",
                helps=["put long texts into a file beside the flow, a parameter or a secret"],
            )
            return


def _largest_first(texts: Iterable[Located[str]]) -> list[Located[str]]:
    return sorted(texts, key=lambda text: -len(text.value))


def _check_whole(program: Program, what: str, size: int, limit: int, sink: Sink) -> None:
    if size > limit:
        sink.report(
            catalog.MANIFEST_TOO_LARGE,
            program.graph.span,
            f"the {what} of `{program.graph.name}` has {size:,} bytes; AWS takes {limit:,}",
            helps=["split the flow in two, the second started by `@trigger_on_finish`"],
        )
