"""Which steps of a run are sent to a cluster, and whether they can be: everything is said before the first task.

Invariant: a run whose steps pass has an image, a datastore that containers reach, and only names
that the platform takes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowc.compiler import stopped
from flowc.diagnostics.ignore import Ignores
from flowc.diagnostics.model import Sink
from flowc.platform import attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.ir.graph import Step
    from flowc.ir.program import Program
    from flowc.local.run import LocalRun
    from flowc.target.settings import Settings

_LISTED = 4  # steps that a line names
_NAMES = {"kubernetes": "Kubernetes", "batch": "AWS Batch"}


def remote_steps(program: Program) -> dict[str, str]:
    """The steps that a decorator sends away, and where to."""
    found = {}
    for name, step in program.graph.steps.items():
        for place in _NAMES:
            if getattr(step.spec, place) is not None:
                found[name] = place
    return found


def refuse_unsendable(run: LocalRun, form: str) -> bool:
    """A usage error for what a remote step lacks; whether its decorators have errors, which are shown."""
    if not run.remote:
        return False
    steps, settings = run.program.graph.steps, run.settings
    _refuse_datastore(run.remote, run.datastore)
    for name, place in run.remote.items():
        _LACKS[place](steps[name], settings)
    sink = Sink()
    for name, place in run.remote.items():
        _check(steps[name], place, settings, sink)
    found = Ignores().keep(sink)
    if found:
        from flowc.cli.output import print_diagnostics

        print_diagnostics(found, form, sys.stderr)
    return stopped(sink)


def where_steps_run(run: LocalRun) -> list[str]:
    """Which steps are sent where, a line a place; nothing where all run here."""
    lines = []
    for place, name in _NAMES.items():
        steps = [step for step, chosen in run.remote.items() if chosen == place]
        if steps:
            which = "all steps run" if len(steps) == len(run.program.graph.steps) else _runs(steps)
            lines.append(f"flowc: {which} on {name}")
    return lines


def _refuse_datastore(places: Mapping[str, str], datastore: str) -> None:
    if datastore.startswith("s3://"):
        return
    raise click.UsageError(
        f"{_runs(list(places))} in containers, which cannot reach {datastore}: "
        "give an S3 bucket that this machine and they both reach, by `--datastore s3://bucket/prefix` or "
        '`datastore = "s3://…"` under [tool.flowc]'
    )


def _refuse_kubernetes(step: Step, settings: Settings) -> None:
    if not (settings.image or attributes.text(step.spec.kubernetes, "image")):
        raise click.UsageError(_no_image(step, "kubernetes"))


def _refuse_batch(step: Step, settings: Settings) -> None:
    own, spec = settings.stepfunctions, step.spec.batch
    if not (settings.image or attributes.text(spec, "image")):
        raise click.UsageError(_no_image(step, "batch"))
    if not (own.job_queue or attributes.text(spec, "queue")):
        raise click.UsageError(
            f"the step `{step.name}` has no job queue: give one by `--job-queue`, `job_queue` under "
            "[tool.flowc.stepfunctions], or `@batch(queue=…)`"
        )
    if not (own.job_role or attributes.text(spec, "iam_role")):
        raise click.UsageError(
            f"the step `{step.name}` has no role by which its job reaches the datastore: give its ARN as `job_role` "
            "under [tool.flowc.stepfunctions], or by `@batch(iam_role=…)`"
        )


def _no_image(step: Step, place: str) -> str:
    return (
        f"the step `{step.name}` has no image: give one that holds Python, boto3 and what the flow imports, by "
        f"`--image`, `image` under [tool.flowc], or `@{place}(image=…)`"
    )


_LACKS: dict[str, Callable[[Step, Settings], None]] = {
    "kubernetes": _refuse_kubernetes,
    "batch": _refuse_batch,
}


def _check(step: Step, place: str, settings: Settings, sink: Sink) -> None:
    if place == "kubernetes":
        from flowc.platform.kubernetes.check import check_step

        check_step(step, sink)
    else:
        from flowc.platform.batch.check import check_step as check_job

        check_job(step, settings.stepfunctions.platform, sink)


def _runs(steps: list[str]) -> str:
    listed = ", ".join(f"`{step}`" for step in steps[:_LISTED])
    more = f" and {len(steps) - _LISTED} more" if len(steps) > _LISTED else ""
    return f"{listed}{more} {'runs' if len(steps) == 1 else 'run'}"
