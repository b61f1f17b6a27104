"""What Batch would refuse or ignore, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowc.diagnostics.model import Sink
from flowc.ir.resources import Resources
from flowc.ir.spec import Platform, Secret, StepSpec
from flowc.platform.batch.check import check_step
from flowc.platform.batch.sizes import EC2, FARGATE
from flowc.records import replace
from flowc.source import Located
from tests.graphs import flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.values import Constant


def check(
    attributes: Mapping[str, Constant], platform: str = EC2, resources: Resources | None = None
) -> list[str]:
    step = flow("start -> end").steps["start"]
    written = {name: Located(value, step.span) for name, value in attributes.items()}
    spec = StepSpec(resources=resources or Resources(), batch=Platform(written, step.span))
    return report(replace(step, spec=spec), platform)


def report(step: object, platform: str = EC2) -> list[str]:
    sink = Sink()
    check_step(step, platform, sink)  # type: ignore[arg-type]
    return [f"{found.rule.code} {found.message}" for found in sink]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("queue", "gpu-queue"),
        ("queue", "arn:aws-us-gov:batch:us-gov-west-1:123456789012:job-queue/q"),
        ("iam_role", "arn:aws:iam::123456789012:role/path/to/role"),
        ("host_volumes", ["/data:/mnt/data"]),
        ("efs_volumes", ["fs-0123abcd:/mnt"]),
        ("log_options", ["tag:{{.Name}}"]),
        ("aws_batch_tags", {"cost center": "a/b"}),
    ],
)
def test_good_texts(attribute: str, value: Constant) -> None:
    assert check({attribute: value}) == []


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("queue", "${x}", "FC615 `${x}` cannot be a job queue"),
        ("iam_role", "admin", "FC615 `admin` cannot be a role"),
        ("image", "a b", "FC618 `a b` cannot be an image"),
        ("host_volumes", ["data"], "FC615 `data` cannot be a volume of the host"),
        ("log_options", ["x:{{resolve:ssm:y}}"], "FC615 `x:{{resolve:ssm:y}}` cannot be an option of the log driver"),
        ("aws_batch_tags", {"a": "{% $x %}"}, "FC615 `{% $x %}` cannot be part of a tag"),
        ("ephemeral_storage", 50, "FC610 `ephemeral_storage` of step `start` has no effect: Batch on EC2 has no such setting"),
    ],
)  # fmt: skip
def test_bad_texts(attribute: str, value: Constant, expected: str) -> None:
    assert check({attribute: value}) == [expected]


def test_fargate() -> None:
    assert check({"use_tmpfs": True}, FARGATE, Resources(gpu=1, cpu_millis=64_000)) == [
        "FC610 `use_tmpfs` of step `start` has no effect: Batch on Fargate has no such setting",
        "FC611 no Fargate size has 64 vCPU and 4,096 MB for step `start`",
        "FC612 step `start` asks for 1 GPU, and Fargate has none",
    ]
    assert check({}, FARGATE, Resources(cpu_millis=500)) == []


def test_a_fraction_of_a_core() -> None:
    expected = "FC620 step `start` asks for 1.5 CPU and gets 2: Batch on EC2 gives whole ones"
    assert check({}, EC2, Resources(cpu_millis=1500)) == [expected]


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [("db/password", None, 0), ("a b", None, 1), ("a b", "inline", 0), ("a*b", "aws-secrets-manager", 1)],
)
def test_secrets(name: str, kind: str | None, found: int) -> None:
    step = flow("start -> end").steps["start"]
    spec = StepSpec(secrets=(Secret(name=name, span=step.span, type=kind),))
    assert len(report(replace(step, spec=spec))) == found
