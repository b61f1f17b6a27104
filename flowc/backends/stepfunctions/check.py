"""What Step Functions cannot do with a flow, reported before anything is made.

Invariant: a program that passes can be emitted whole. Only sizes, which the result alone shows,
are judged later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.naming import flow_name
from flowc.backends.stepfunctions.account import runs_on_eks
from flowc.backends.stepfunctions.deployment import split_s3
from flowc.backends.stepfunctions.history import MAX_EVENTS, histories
from flowc.backends.stepfunctions.sizes import check_step_settings
from flowc.diagnostics import catalog
from flowc.platform.batch.check import check_step as check_job
from flowc.platform.batch.check import image_reason, queue_reason, role_reason, tag_reason
from flowc.platform.batch.job import MAX_ATTEMPTS
from flowc.target.budget import budgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import Step
    from flowc.ir.program import Program
    from flowc.ir.spec import Event
    from flowc.source import Span
    from flowc.target.settings import Settings

_MACHINE = r"[A-Za-z0-9_-]{1,80}"
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_FOLDER = r"([A-Za-z0-9!_.()*-]+(/[A-Za-z0-9!_.()*-]+)*)?"
_EVENT_FIELD = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"
_BUS = r"[A-Za-z0-9/._-]{1,256}|arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9/._-]+"
_CLUSTER = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def check(program: Program, settings: Settings, sink: Sink) -> None:
    """Report FC507 and FC6xx at the places to blame."""
    _check_settings(program, settings, sink)
    for step in program.graph.steps.values():
        if runs_on_eks(step.spec, settings):
            _check_pod(step, sink)
        else:
            check_job(step, settings.stepfunctions.platform, sink)
    _check_schedule(program, sink)
    _check_events(program, sink)
    check_step_settings(program, settings, sink)
    _check_history(program, settings, sink)


# ---------------------------------------------------------------------------------- settings
def _check_settings(program: Program, settings: Settings, sink: Sink) -> None:
    where, own = program.graph.span, settings.stepfunctions
    name = flow_name(program, settings)
    if settings.name is not None and not re.fullmatch(_MACHINE, name):
        reason = "a state machine's name has at most 80 letters, digits, `-` and `_`"
        sink.report(
            catalog.INVALID_NAME, where, f"`{name}` cannot be the name of a state machine", notes=[reason]
        )
    if settings.image is not None and (reason_image := image_reason(settings.image)):
        sink.report(
            catalog.INVALID_IMAGE, where, f"`{settings.image}` cannot be an image", notes=[reason_image]
        )
    if settings.infrastructure_retries + 1 > MAX_ATTEMPTS:
        sink.report(
            catalog.TOO_MANY_ATTEMPTS,
            where,
            f"`infrastructure_retries = {settings.infrastructure_retries}` makes {settings.infrastructure_retries + 1} attempts; Batch takes {MAX_ATTEMPTS}",
            helps=[f"set it to {MAX_ATTEMPTS - 1} or less; `@retry` has no such limit"],
        )
    if own.partition not in _PARTITIONS:
        _report_setting(
            sink, where, "partition", own.partition, f"the partitions are {', '.join(_PARTITIONS)}"
        )
    for setting, value, judge in _texts(settings):
        reason_text = judge(value)
        if reason_text is not None:
            _report_setting(sink, where, setting, value, reason_text)
    _check_datastore(settings.datastore, where, sink)


def _texts(settings: Settings) -> Iterator[tuple[str, str, Callable[[str], str | None]]]:
    """Settings that reach the template as they are, each with the judge of its grammar."""
    own = settings.stepfunctions
    given: list[tuple[str, str | None, Callable[[str], str | None]]] = [
        ("job_queue", own.job_queue, queue_reason),
        ("job_role", own.job_role, role_reason),
        ("execution_role", own.execution_role, role_reason),
        ("code_bucket", own.code_bucket, _bucket_reason),
        ("code_prefix", own.code_prefix, _folder_reason),
        ("eks_cluster", own.eks_cluster, lambda text: None if re.fullmatch(_CLUSTER, text) else "a cluster's name has at most 100 letters, digits, `-` and `_`"),
        ("event_bus", own.event_bus, lambda text: None if re.fullmatch(_BUS, text) else "an event bus is given by its name or its ARN"),
        *((f"tags.{key}", part, tag_reason) for key, value in own.tags.items() for part in (key, value)),
    ]  # fmt: skip
    for setting, value, judge in given:
        if value is not None:
            yield setting, value, judge


def _bucket_reason(text: str) -> str | None:
    return (
        None
        if re.fullmatch(_BUCKET, text)
        else "a bucket's name has 3 to 63 lower-case letters, digits, `-` and `.`"
    )


def _folder_reason(text: str) -> str | None:
    return (
        None
        if re.fullmatch(_FOLDER, text)
        else "a folder has letters, digits and `! _ . ( ) * -` between single slashes"
    )


def _report_setting(sink: Sink, where: Span, setting: str, value: str, reason: str) -> None:
    sink.report(
        catalog.INVALID_FIELD,
        where,
        f"`{value}` cannot be `{setting}` under [tool.flowc.stepfunctions]",
        notes=[reason],
    )


def _check_datastore(datastore: str | None, where: Span, sink: Sink) -> None:
    if datastore is None:
        return
    location = split_s3(datastore)
    if location is None:
        if not datastore.startswith("file:"):  # which no target reaches, whatever its name
            message = f"`{datastore}` cannot be a datastore on Step Functions"
            sink.report(catalog.INVALID_FIELD, where, message, notes=["it is written `s3://bucket/folder`"])
        return
    bucket, folder = location
    for reason in (_bucket_reason(bucket), _folder_reason(folder)):
        if reason is not None:
            message = f"`{datastore}` cannot be a datastore on S3"
            sink.report(catalog.INVALID_FIELD, where, message, notes=[reason])


def _check_pod(step: Step, sink: Sink) -> None:
    """The one text of a pod without a grammar of its own would be read by CloudFormation and JSONata."""
    from flowc.platform import attributes
    from flowc.platform.kubernetes.check import check_step as check_pod

    check_pod(step, sink)
    platform = step.spec.kubernetes
    for value in attributes.pairs(platform, "annotations").values():
        if platform is not None and not contract.is_inert(value):
            where = attributes.span(platform, "annotations")
            message = f"`{value}` cannot be an annotation in a state machine"
            notes = ["it has letters, digits, blanks and `_ . , : / @ = + -`"]
            sink.report(catalog.INVALID_FIELD, where, message, notes=notes)


# ---------------------------------------------------------------------------------- triggers
def _check_schedule(program: Program, sink: Sink) -> None:
    schedule = program.graph.specs.schedule
    if schedule is None:
        return
    from flowc.backends.schedule import check_schedule
    from flowc.manifest.cron import to_aws

    remedy = "leave one of the day fields free, or give each schedule a flow of its own"
    check_schedule(schedule, to_aws, "EventBridge", remedy, sink)


def _check_events(program: Program, sink: Sink) -> None:
    specs = program.graph.specs
    if specs.events_all and len(specs.events) > 1:
        sink.report(
            catalog.UNSUPPORTED_TRIGGER,
            specs.events[1].span,
            f"EventBridge cannot wait for all of {len(specs.events)} events; each rule acts on one",
            helps=["trigger on one event, or on any of them", "compile for Argo: `--target argo`"],
        )
    for event in specs.events:
        _check_event(event, sink)


def _check_event(event: Event, sink: Sink) -> None:
    if not contract.is_inert(event.name) or not event.name:
        sink.report(
            catalog.INVALID_FIELD,
            event.span,
            f"`{event.name}` cannot be the detail-type of an event",
            notes=["it has letters, digits, blanks and `_ . , : / @ = + -`"],
        )
    for parameter, name in event.parameters.items():
        if not re.fullmatch(_EVENT_FIELD, name):
            sink.report(
                catalog.UNSUPPORTED_TRIGGER,
                event.span,
                f"EventBridge cannot take parameter `{parameter}` from the field `{name}` of event `{event.name}`",
                notes=["a field is a name, or names joined by dots"],
            )


def _at_most(events: int) -> str:
    """A number that a person can take in: nested loops multiply."""
    return f"{events:,}" if events < 10**9 else "more than a billion"


def _check_history(program: Program, settings: Settings, sink: Sink) -> None:
    shares = budgets(program.body, program.fanouts, settings.max_workers, static=False)
    events = histories(program, shares, settings.max_visits).events
    if events > MAX_EVENTS:
        sink.report(
            catalog.LONG_HISTORY,
            program.graph.span,
            f"a run of `{program.graph.name}` may write {_at_most(events)} events; Step Functions ends an execution at {MAX_EVENTS:,}",
            notes=[
                f"loops are counted with {settings.max_visits} visits (max-visits), steps with all of their retries"
            ],
            helps=[
                "lower `--max-visits`, or move part of the loop's body into a foreach, whose items have histories of their own"
            ],
        )
