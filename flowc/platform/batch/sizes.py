"""How much of a machine a job asks for, in Batch's units.

On EC2 a job takes whole cores and any memory. On Fargate cores and memory come in fixed pairs
(AWS Batch user guide, "Fargate resource requirements"), of which the smallest that holds the
request is taken. Memory is the number the user wrote, in MiB, as Metaflow passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.ir.resources import Resources
    from flowc.platform.batch.manifest import Requirement

EC2 = "EC2"
FARGATE = "FARGATE"

# Thousandths of a core, and the memory sizes in MiB that go with them.
_FARGATE_SIZES: tuple[tuple[int, tuple[int, ...]], ...] = (
    (250, (512, 1024, 2048)),
    (500, tuple(range(1024, 4097, 1024))),
    (1000, tuple(range(2048, 8193, 1024))),
    (2000, tuple(range(4096, 16385, 1024))),
    (4000, tuple(range(8192, 30721, 1024))),
    (8000, tuple(range(16384, 61441, 4096))),
    (16000, tuple(range(32768, 122881, 8192))),
    (32000, (61440, 122880, 249856)),
)
FARGATE_CPU_MILLIS = _FARGATE_SIZES[-1][0]
FARGATE_MEMORY = _FARGATE_SIZES[-1][1][-1]


def fargate_size(cpu_millis: int, memory: int) -> tuple[int, int] | None:
    """The smallest Fargate pair (thousandths of a core, MiB) that holds the request; None where none does."""
    for cpu, sizes in _FARGATE_SIZES:
        if cpu >= cpu_millis:
            for size in sizes:
                if size >= memory:
                    return cpu, size
    return None


def whole_cores(cpu_millis: int) -> int:
    """What EC2 gives for a fraction of a core: the next whole number, at least 1."""
    return max(1, -(-cpu_millis // 1000))


def requirements(resources: Resources, platform: str) -> list[Requirement]:
    """A job's resources. On Fargate a request that fits no pair is given as it is: `check` refused it before."""
    if platform == FARGATE:
        cpu, memory = fargate_size(resources.cpu_millis, resources.memory_mb) or (
            resources.cpu_millis,
            resources.memory_mb,
        )
        return [{"Type": "VCPU", "Value": f"{cpu / 1000:g}"}, {"Type": "MEMORY", "Value": str(memory)}]
    found: list[Requirement] = [
        {"Type": "VCPU", "Value": str(whole_cores(resources.cpu_millis))},
        {"Type": "MEMORY", "Value": str(resources.memory_mb)},
    ]
    if resources.gpu:
        found.append({"Type": "GPU", "Value": str(resources.gpu)})
    return found
