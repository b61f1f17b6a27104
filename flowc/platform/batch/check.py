"""What Batch would refuse or ignore in a step, reported where it is written.

Invariant: a step that passes has only texts that follow their grammars; none of them holds what
CloudFormation, Batch or Step Functions substitute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.platform import attributes
from flowc.platform.batch.sizes import (
    EC2,
    FARGATE,
    FARGATE_CPU_MILLIS,
    FARGATE_MEMORY,
    fargate_size,
    whole_cores,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import Step
    from flowc.ir.spec import Secret, StepSpec
    from flowc.source import Span

# What only one of the two platforms has.
_EC2_ONLY = (
    "max_swap", "swappiness", "use_tmpfs", "tmpfs_size", "inferentia", "trainium", "efa", "host_volumes", "privileged",
)  # fmt: skip
_FARGATE_ONLY = ("ephemeral_storage",)

_QUEUE = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}|arn:[a-z-]+:batch:[a-z0-9-]+:[0-9]{12}:job-queue/[A-Za-z0-9_-]+"
_ROLE = r"arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+"
_MANAGED_NAME = (
    r"[A-Za-z0-9/_+=.@-]{1,512}|arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+"
)
_PATH = r"/[A-Za-z0-9_./@=+-]*"
_HOST_VOLUME = rf"{_PATH}(:{_PATH})?"
_EFS_VOLUME = rf"fs-[0-9a-f]{{8,40}}(:{_PATH})?"
_LOG_DRIVERS = ("awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog")
_TAG = r"[\w\s_.:/=+@-]*"


def check_step(step: Step, platform: str, sink: Sink) -> None:
    """Report FC610, FC611, FC612, FC615, FC618, FC620 and FC622 for the job of a step."""
    for attribute, text, reason in _faults(step.spec):
        rule = catalog.INVALID_IMAGE if attribute == "image" else catalog.INVALID_FIELD
        sink.report(
            rule, _attribute_span(step, attribute), f"`{text}` cannot be {_WORDS[attribute]}", notes=[reason]
        )
    for secret in step.spec.secrets:
        _check_secret(secret, sink)
    if platform == FARGATE:
        _check_fargate(step, sink)
    else:
        _check_ec2(step, sink)


def image_reason(text: str) -> str | None:
    """Why a text is no image; None where it may be one."""
    from flowc.target import images

    return images.image_reason(text)


def queue_reason(text: str) -> str | None:
    """Why a text is no job queue; None where it may be one."""
    return None if re.fullmatch(_QUEUE, text) else "a job queue is given by its name or its ARN"


def role_reason(text: str) -> str | None:
    """Why a text is no role; None where it may be one."""
    return (
        None
        if re.fullmatch(_ROLE, text)
        else "a role is given by its ARN: `arn:aws:iam::123456789012:role/name`"
    )


def tag_reason(text: str) -> str | None:
    """Why a text is no part of a tag; None where it may be one."""
    if not re.fullmatch(_TAG, text):
        return "a tag has letters, digits, blanks and `_ . : / = + - @`"
    return None if len(text) <= 256 else "a tag's value has at most 256 characters"


def secret_reason(text: str) -> str | None:
    """Why a text names no secret of Secrets Manager; None where it may."""
    return (
        None
        if re.fullmatch(_MANAGED_NAME, text)
        else "a secret's name has letters, digits and `/ _ + = . @ -`"
    )


_WORDS = {
    "image": "an image",
    "queue": "a job queue",
    "iam_role": "a role",
    "execution_role": "a role",
    "tmpfs_path": "a mount path",
    "host_volumes": "a volume of the host",
    "efs_volumes": "an EFS volume",
    "log_driver": "a log driver",
    "log_options": "an option of the log driver",
    "aws_batch_tags": "part of a tag",
}


def _matches(pattern: str, reason: str) -> Callable[[str], str | None]:
    return lambda text: None if re.fullmatch(pattern, text) else reason


def _log_option(text: str) -> str | None:
    if ":" not in text:
        return "an option is written `name:value`"
    return "`{{resolve:` is replaced by CloudFormation" if "{{resolve:" in text else None


_TEXTS: dict[str, Callable[[str], str | None]] = {
    "image": image_reason,
    "queue": queue_reason,
    "iam_role": role_reason,
    "execution_role": role_reason,
    "tmpfs_path": _matches(_PATH, "a mount path is absolute, of letters, digits and `_ . / @ = + -`"),
    "host_volumes": _matches(
        _HOST_VOLUME, "a volume is written `/path` or `/path/on/host:/path/in/container`"
    ),
    "efs_volumes": _matches(
        _EFS_VOLUME, "a volume is written `fs-0123456789abcdef0`, with `:/path/in/container` after it or not"
    ),
    "log_driver": lambda text: None if text in _LOG_DRIVERS else f"the drivers are {', '.join(_LOG_DRIVERS)}",
    "log_options": _log_option,
}


def _faults(spec: StepSpec) -> Iterator[tuple[str, str, str]]:
    """Attribute, text and reason of each text that is at fault."""
    if spec.batch is None:
        return
    for attribute, judge in _TEXTS.items():
        for text in attributes.texts(spec.batch, attribute):
            if text and (reason := judge(text)):
                yield attribute, text, reason
    for pair in attributes.pairs(spec.batch, "aws_batch_tags").items():
        for text in pair:
            if reason := tag_reason(text):
                yield "aws_batch_tags", text, reason


def _check_secret(secret: Secret, sink: Sink) -> None:
    """A source without a type is a secret of Secrets Manager on this platform."""
    if secret.type not in {None, "aws-secrets-manager"}:
        return
    reason = secret_reason(secret.name)
    if reason is not None:
        message = f"`{secret.name}` cannot be the name of a secret in AWS Secrets Manager"
        sink.report(catalog.SECRET_NAME, secret.span, message, notes=[reason])


def _check_fargate(step: Step, sink: Sink) -> None:
    resources, where = step.spec.resources, resources_span(step)
    if resources.gpu:
        sink.report(
            catalog.FARGATE_GPU,
            where,
            f"step `{step.name}` asks for {resources.gpu} GPU, and Fargate has none",
            helps=['run the flow on EC2: `platform = "EC2"` under [tool.flowc.stepfunctions]'],
        )
    if fargate_size(resources.cpu_millis, resources.memory_mb) is None:
        cores = f"{resources.cpu_millis / 1000:g}"
        sink.report(
            catalog.FARGATE_RESOURCES,
            where,
            f"no Fargate size has {cores} vCPU and {resources.memory_mb:,} MB for step `{step.name}`",
            notes=[f"the largest is {FARGATE_CPU_MILLIS // 1000} vCPU with {FARGATE_MEMORY:,} MB"],
            helps=[
                'ask for less, or run the flow on EC2: `platform = "EC2"` under [tool.flowc.stepfunctions]'
            ],
        )
    ignored = [name for name in _EC2_ONLY if attributes.is_set(step.spec.batch, name)]
    if resources.shared_memory_mb:
        ignored.append("shared_memory")
    _report_ignored(step, ignored, "Fargate", sink)


def _check_ec2(step: Step, sink: Sink) -> None:
    resources = step.spec.resources
    if resources.cpu_millis % 1000:
        cores = whole_cores(resources.cpu_millis)
        sink.report(
            catalog.FRACTIONAL_CPU,
            resources_span(step),
            f"step `{step.name}` asks for {resources.cpu_millis / 1000:g} CPU and gets {cores}: Batch on EC2 gives whole ones",
            helps=[f"write `cpu={cores}`, or run the flow on Fargate, which has 0.25 and 0.5"],
        )
    ignored = [name for name in _FARGATE_ONLY if attributes.is_set(step.spec.batch, name)]
    if resources.disk_mb is not None:
        ignored.append("disk")
    _report_ignored(step, ignored, EC2, sink)


def _report_ignored(step: Step, names: list[str], platform: str, sink: Sink) -> None:
    for name in names:
        sink.report(
            catalog.ATTRIBUTE_IGNORED,
            _attribute_span(step, name),
            f"`{name}` of step `{step.name}` has no effect: Batch on {platform} has no such setting",
        )


def resources_span(step: Step) -> Span:
    """The place to blame for a step's resources."""
    if step.spec.resources_span is not None:
        return step.spec.resources_span
    return step.spec.batch.span if step.spec.batch is not None else step.span


def _attribute_span(step: Step, name: str) -> Span:
    """The value of an attribute of `@batch`; its decorator, or the step, where another one gave it."""
    if step.spec.batch is not None and name in step.spec.batch.attributes:
        return step.spec.batch.attributes[name].span
    return resources_span(step)
