"""One step as a Batch job definition: everything that is not the task's own.

Steps that need the same machine and image share a definition; what tells one step from another
travels in the overrides of each submission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.platform import attributes
from flowc.platform.batch.sizes import EC2, FARGATE, requirements

if TYPE_CHECKING:
    from flowc.ir.spec import StepSpec
    from flowc.platform.batch.manifest import (
        Container,
        Device,
        ExitRule,
        JobDefinition,
        LinuxParameters,
        LogConfiguration,
        MountPoint,
        RetryStrategy,
        Text,
        Variable,
        Volume,
    )

MAX_ATTEMPTS = 10  # of a job, Batch's own
_MIN_TIMEOUT = 60  # seconds, Batch's own
_TIMEOUT_MARGIN = 120  # seconds for what surrounds user code: fetching code, storing artifacts
_MIN_EPHEMERAL_GIB, _MAX_EPHEMERAL_GIB = 21, 200  # Fargate; 20 come with every task

# What is no fault of the flow: the machine went away, the image could not be pulled just now.
_INFRASTRUCTURE_FAULTS: tuple[ExitRule, ...] = (
    {"Action": "RETRY", "OnStatusReason": "Host EC2*"},
    {"Action": "RETRY", "OnStatusReason": "Task failed to start*"},
    {"Action": "RETRY", "OnReason": "CannotPullContainerError:*"},
    {"Action": "RETRY", "OnReason": "DockerTimeoutError*"},
    {"Action": "EXIT", "OnReason": "*"},
)


def job_definition(
    spec: StepSpec,
    *,
    platform: str,
    image: Text,
    command: list[str],
    environment: list[Variable],
    job_role: Text,
    execution_role: Text | None,
    infrastructure_retries: int,
) -> JobDefinition:
    """The definition of a step's jobs. `platform` is EC2 or FARGATE; attributes the other one has are left out."""
    definition: JobDefinition = {
        "Type": "container",
        "PlatformCapabilities": [platform],
        "PropagateTags": True,
    }
    tags = attributes.pairs(spec.batch, "aws_batch_tags")
    if tags:
        definition["Tags"] = tags
    if spec.timeout_seconds is not None:
        definition["Timeout"] = {"AttemptDurationSeconds": attempt_seconds(spec.timeout_seconds.value)}
    if infrastructure_retries:
        definition["RetryStrategy"] = _infrastructure_retries(infrastructure_retries)
    container: Container = {
        "Image": attributes.text(spec.batch, "image") or image,
        "Command": command,
        "JobRoleArn": attributes.text(spec.batch, "iam_role") or job_role,
        "ResourceRequirements": requirements(spec.resources, platform),
        "Environment": [*environment, *_own_variables(spec, platform)],
    }
    role = attributes.text(spec.batch, "execution_role") or execution_role
    if role is not None:
        container["ExecutionRoleArn"] = role
    _add_platform(container, spec, platform)
    _add_volumes(container, spec, platform)
    logs = _log_configuration(spec)
    if logs:
        container["LogConfiguration"] = logs
    definition["ContainerProperties"] = container
    return definition


def attempt_seconds(limit: int) -> int:
    """Batch's timeout for a step with `@timeout(seconds=limit)`: it also counts what surrounds user code."""
    return max(_MIN_TIMEOUT, limit + _TIMEOUT_MARGIN)


def _infrastructure_retries(retries: int) -> RetryStrategy:
    return {"Attempts": retries + 1, "EvaluateOnExit": list(_INFRASTRUCTURE_FAULTS)}


def _own_variables(spec: StepSpec, platform: str) -> list[Variable]:
    """Metaflow tells a task where its tmpfs lies."""
    told = attributes.flag(spec.batch, "tmpfs_tempdir", default=True)
    if platform != EC2 or not told or not _has_tmpfs(spec):
        return []
    return [{"Name": "METAFLOW_TEMPDIR", "Value": _tmpfs_path(spec)}]


def _add_platform(container: Container, spec: StepSpec, platform: str) -> None:
    if platform == FARGATE:
        container["NetworkConfiguration"] = {"AssignPublicIp": "ENABLED"}
        size = _ephemeral_gib(spec)
        if size is not None:
            container["EphemeralStorage"] = {"SizeInGiB": size}
        return
    linux = _linux_parameters(spec)
    if linux:
        container["LinuxParameters"] = linux
    if attributes.flag(spec.batch, "privileged", default=False):
        container["Privileged"] = True


def _ephemeral_gib(spec: StepSpec) -> int | None:
    """The disk of a Fargate task in GiB; None where the 20 that come with it are enough."""
    asked = attributes.number(spec.batch, "ephemeral_storage")
    if asked is None and spec.resources.disk_mb is not None:
        asked = -(-spec.resources.disk_mb // 1024)
    if asked is None or asked < _MIN_EPHEMERAL_GIB:
        return None
    return min(asked, _MAX_EPHEMERAL_GIB)


def _linux_parameters(spec: StepSpec) -> LinuxParameters:
    linux: LinuxParameters = {}
    if spec.resources.shared_memory_mb:
        linux["SharedMemorySize"] = spec.resources.shared_memory_mb
    max_swap = attributes.number(spec.batch, "max_swap")
    if max_swap is not None:
        linux["MaxSwap"] = max_swap
    swappiness = attributes.number(spec.batch, "swappiness")
    if swappiness is not None:
        linux["Swappiness"] = swappiness
    if _has_tmpfs(spec):
        linux["Tmpfs"] = [
            {"ContainerPath": _tmpfs_path(spec), "Size": _tmpfs_size(spec), "MountOptions": ["defaults"]}
        ]
    devices = _devices(spec)
    if devices:
        linux["Devices"] = devices
    return linux


def _has_tmpfs(spec: StepSpec) -> bool:
    return attributes.flag(spec.batch, "use_tmpfs", default=False) or bool(_asked_tmpfs(spec))


def _asked_tmpfs(spec: StepSpec) -> int | None:
    return attributes.number(spec.batch, "tmpfs_size") or spec.resources.tmpfs_mb


def _tmpfs_size(spec: StepSpec) -> int:
    """In MiB; half of the memory where nothing is said, as the kernel does."""
    return _asked_tmpfs(spec) or spec.resources.memory_mb // 2


def _tmpfs_path(spec: StepSpec) -> str:
    return attributes.text(spec.batch, "tmpfs_path") or attributes.DEFAULT_TMPFS_PATH


def _devices(spec: StepSpec) -> list[Device]:
    """Neuron chips (Inferentia and Trainium are the same devices), then the fabric adapter."""
    chips = attributes.number(spec.batch, "inferentia") or attributes.number(spec.batch, "trainium") or 0
    found: list[Device] = [
        {"HostPath": f"/dev/neuron{i}", "ContainerPath": f"/dev/neuron{i}", "Permissions": ["READ", "WRITE"]}
        for i in range(chips)
    ]
    if attributes.number(spec.batch, "efa"):
        # A container job names the first adapter; the driver brings the others.
        found.append({"HostPath": "/dev/infiniband/uverbs0"})
    return found


def _add_volumes(container: Container, spec: StepSpec, platform: str) -> None:
    volumes: list[Volume] = []
    mounts: list[MountPoint] = []
    for source in attributes.texts(spec.batch, "host_volumes") if platform == EC2 else ():
        path, _, inside = source.partition(":")
        name = _volume_name("host", path, volumes)
        volumes.append({"Name": name, "Host": {"SourcePath": path}})
        mounts.append({"SourceVolume": name, "ContainerPath": inside or path})
    for source in attributes.texts(spec.batch, "efs_volumes"):
        system, _, inside = source.partition(":")
        name = _volume_name("efs", system, volumes)
        efs = {"FileSystemId": system, "TransitEncryption": "ENABLED"}
        volumes.append({"Name": name, "EfsVolumeConfiguration": efs})
        mounts.append({"SourceVolume": name, "ContainerPath": inside or f"/mnt/{system}"})
    if volumes:
        container["Volumes"] = volumes
        container["MountPoints"] = mounts


def _volume_name(kind: str, source: str, taken: list[Volume]) -> str:
    """A volume's name may hold letters, digits, `-` and `_`; two sources may not share one."""
    clean = "".join(c if c.isascii() and c.isalnum() else "_" for c in source)
    name = f"{kind}_{clean.strip('_')}"[:200]
    names = {volume["Name"] for volume in taken}
    return name if name not in names else f"{name}_{len(taken)}"


def _log_configuration(spec: StepSpec) -> LogConfiguration:
    """A driver must be named wherever options are."""
    driver, options = attributes.text(spec.batch, "log_driver"), attributes.texts(spec.batch, "log_options")
    if not driver and not options:
        return {}
    logs: LogConfiguration = {"LogDriver": driver or "awslogs"}
    if options:
        split = [option.partition(":") for option in options]
        logs["Options"] = {key: value for key, _, value in split}
    return logs
