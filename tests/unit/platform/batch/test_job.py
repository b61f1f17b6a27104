"""Steps as Batch job definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowc.ir.resources import Resources
from flowc.ir.spec import Platform, StepSpec
from flowc.platform.batch.job import attempt_seconds, job_definition
from flowc.platform.batch.sizes import EC2, FARGATE, fargate_size, requirements
from flowc.source import Located, SourceFile, Span

if TYPE_CHECKING:
    from flowc.ir.values import Constant
    from flowc.platform.batch.manifest import Container, JobDefinition

HERE = Span(SourceFile("flow.py", "@batch"), 1, 6)


def batch(resources: Resources | None = None, **attributes: Constant) -> StepSpec:
    written = {name: Located(value, HERE) for name, value in attributes.items()}
    return StepSpec(resources=resources or Resources(), batch=Platform(written, HERE))


def define(spec: StepSpec, platform: str = EC2, retries: int = 0) -> JobDefinition:
    return job_definition(
        spec,
        platform=platform,
        image="image",
        command=["run"],
        environment=[],
        job_role="role",
        execution_role="starter" if platform == FARGATE else None,
        infrastructure_retries=retries,
    )


def container(spec: StepSpec, platform: str = EC2) -> Container:
    return define(spec, platform)["ContainerProperties"]


@pytest.mark.parametrize(
    ("cpu", "memory", "pair"),
    [
        (250, 512, (250, 512)),
        (250, 4096, (500, 4096)),  # the smallest pair that holds both
        (1000, 4096, (1000, 4096)),
        (1000, 4097, (1000, 5120)),
        (1500, 1, (2000, 4096)),
        (1000, 60_000, (8000, 61_440)),
        (32_000, 249_856, (32_000, 249_856)),
        (32_001, 1, None),
        (1, 249_857, None),
    ],
)
def test_fargate_sizes(cpu: int, memory: int, pair: tuple[int, int] | None) -> None:
    assert fargate_size(cpu, memory) == pair


@pytest.mark.parametrize(
    ("resources", "platform", "expected"),
    [
        (Resources(), EC2, "VCPU=1 MEMORY=4096"),
        (Resources(cpu_millis=500, memory_mb=60_000), EC2, "VCPU=1 MEMORY=60000"),
        (Resources(cpu_millis=2500, gpu=2), EC2, "VCPU=3 MEMORY=4096 GPU=2"),
        (Resources(cpu_millis=500, memory_mb=1000), FARGATE, "VCPU=0.5 MEMORY=1024"),
    ],
)
def test_requirements(resources: Resources, platform: str, expected: str) -> None:
    assert " ".join(f"{r['Type']}={r['Value']}" for r in requirements(resources, platform)) == expected


def test_a_plain_step() -> None:
    assert define(StepSpec()) == {
        "Type": "container",
        "PlatformCapabilities": ["EC2"],
        "PropagateTags": True,
        "ContainerProperties": {
            "Image": "image",
            "Command": ["run"],
            "JobRoleArn": "role",
            "ResourceRequirements": [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "4096"}],
            "Environment": [],
        },
    }


def test_attributes_of_ec2() -> None:
    made = container(
        batch(
            Resources(shared_memory_mb=512, memory_mb=8000),
            image="own",
            iam_role="arn:aws:iam::123456789012:role/own",
            max_swap=100,
            swappiness=10,
            use_tmpfs=True,
            inferentia=2,
            efa=1,
            privileged=True,
            host_volumes=["/data", "/a:/b"],
            efs_volumes="fs-0123abcd",
            log_driver="awslogs",
            log_options=["awslogs-group:/aws/batch/job"],
        )
    )
    assert made["Image"] == "own"
    assert made["JobRoleArn"] == "arn:aws:iam::123456789012:role/own"
    assert made["Privileged"] is True
    assert made["LinuxParameters"] == {
        "SharedMemorySize": 512,
        "MaxSwap": 100,
        "Swappiness": 10,
        "Tmpfs": [{"ContainerPath": "/metaflow_temp", "Size": 4000, "MountOptions": ["defaults"]}],
        "Devices": [
            {"HostPath": "/dev/neuron0", "ContainerPath": "/dev/neuron0", "Permissions": ["READ", "WRITE"]},
            {"HostPath": "/dev/neuron1", "ContainerPath": "/dev/neuron1", "Permissions": ["READ", "WRITE"]},
            {"HostPath": "/dev/infiniband/uverbs0"},
        ],
    }
    assert made["Volumes"] == [
        {"Name": "host_data", "Host": {"SourcePath": "/data"}},
        {"Name": "host_a", "Host": {"SourcePath": "/a"}},
        {
            "Name": "efs_fs_0123abcd",
            "EfsVolumeConfiguration": {"FileSystemId": "fs-0123abcd", "TransitEncryption": "ENABLED"},
        },
    ]
    assert [mount["ContainerPath"] for mount in made["MountPoints"]] == ["/data", "/b", "/mnt/fs-0123abcd"]
    assert made["LogConfiguration"] == {
        "LogDriver": "awslogs",
        "Options": {"awslogs-group": "/aws/batch/job"},
    }
    assert made["Environment"] == [{"Name": "METAFLOW_TEMPDIR", "Value": "/metaflow_temp"}]


def test_two_volumes_never_share_a_name() -> None:
    names = [volume["Name"] for volume in container(batch(host_volumes=["/a.b", "/a_b"]))["Volumes"]]
    assert len(set(names)) == 2


def test_fargate_takes_nothing_of_ec2() -> None:
    made = container(batch(Resources(disk_mb=30_000), use_tmpfs=True, privileged=True, inferentia=1, host_volumes=["/x"]), FARGATE)  # fmt: skip
    assert not made.keys() & {"LinuxParameters", "Privileged", "Volumes"}
    assert made["EphemeralStorage"] == {"SizeInGiB": 30}
    assert made["ExecutionRoleArn"] == "starter"
    assert made["NetworkConfiguration"] == {"AssignPublicIp": "ENABLED"}


def test_tags() -> None:
    assert define(batch(aws_batch_tags={"team": "flows"}))["Tags"] == {"team": "flows"}


def test_infrastructure_retries_end_with_exit() -> None:
    strategy = define(StepSpec(), retries=2)["RetryStrategy"]
    assert strategy["Attempts"] == 3
    assert strategy["EvaluateOnExit"][-1] == {"Action": "EXIT", "OnReason": "*"}


@pytest.mark.parametrize(("limit", "seconds"), [(1, 121), (3600, 3720)])
def test_batch_counts_more_than_user_code(limit: int, seconds: int) -> None:
    assert attempt_seconds(limit) == seconds
    timed = StepSpec(timeout_seconds=Located(limit, HERE))
    assert define(timed)["Timeout"] == {"AttemptDurationSeconds": seconds}
