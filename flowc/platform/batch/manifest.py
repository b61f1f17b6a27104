"""The parts of a Batch job definition that flowc writes, spelt as CloudFormation and Step Functions spell them.

Source: AWS::Batch::JobDefinition in the CloudFormation resource reference. Only for type checkers:
nothing imports this module at run time.
"""

from __future__ import annotations

from typing import TypeAlias, TypedDict

# A text that the template knows, or a CloudFormation intrinsic that gives it on deployment.
Text: TypeAlias = "str | dict[str, object]"


class Variable(TypedDict):
    """An environment variable of the container."""

    Name: str
    Value: Text


class Requirement(TypedDict):
    """`Type` is VCPU (cores), MEMORY (MiB) or GPU (devices); `Value` a number as text."""

    Type: str
    Value: str


class Device(TypedDict, total=False):
    """A device of the host. The container sees it at `HostPath` where `ContainerPath` is absent."""

    HostPath: str
    ContainerPath: str
    Permissions: list[str]


class Tmpfs(TypedDict):
    """A file system in memory; `Size` in MiB."""

    ContainerPath: str
    Size: int
    MountOptions: list[str]


class LinuxParameters(TypedDict, total=False):
    """EC2 alone; sizes in MiB."""

    SharedMemorySize: int
    MaxSwap: int
    Swappiness: int
    Tmpfs: list[Tmpfs]
    Devices: list[Device]


class Volume(TypedDict, total=False):
    """A folder of the host, or an EFS file system."""

    Name: str
    Host: dict[str, str]
    EfsVolumeConfiguration: dict[str, str]


class MountPoint(TypedDict):
    """Where the container sees a volume."""

    SourceVolume: str
    ContainerPath: str


class LogConfiguration(TypedDict, total=False):
    """Where the container's output goes."""

    LogDriver: str
    Options: dict[str, str]


class Container(TypedDict, total=False):
    """What runs, with what."""

    Image: Text
    Command: list[str]
    JobRoleArn: Text
    ExecutionRoleArn: Text
    ResourceRequirements: list[Requirement]
    Environment: list[Variable]
    LinuxParameters: LinuxParameters
    Volumes: list[Volume]
    MountPoints: list[MountPoint]
    LogConfiguration: LogConfiguration
    Privileged: bool
    EphemeralStorage: dict[str, int]
    NetworkConfiguration: dict[str, str]


class ExitRule(TypedDict, total=False):
    """What to do after an attempt that ended so."""

    Action: str
    OnStatusReason: str
    OnReason: str


class RetryStrategy(TypedDict):
    """Batch's own retries, for faults of the infrastructure alone."""

    Attempts: int
    EvaluateOnExit: list[ExitRule]


class JobDefinition(TypedDict, total=False):
    """One kind of job: everything but the step's own variables."""

    Type: str
    PlatformCapabilities: list[str]
    PropagateTags: bool
    Tags: dict[str, str]
    Timeout: dict[str, int]
    RetryStrategy: RetryStrategy
    ContainerProperties: Container
