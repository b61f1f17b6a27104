"""What a step asks of the machine it runs on, in the units the user wrote."""

from __future__ import annotations

from flowc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Converted only where it is rendered: `memory_mb=60000` is `60000M` on Kubernetes, MiB on Batch.

    `disk_mb`, `shared_memory_mb` and `tmpfs_mb` are None where the platform's own default holds.
    """

    cpu_millis: int = 1000
    memory_mb: int = 4096
    gpu: int = 0
    disk_mb: int | None = None
    shared_memory_mb: int | None = None
    tmpfs_mb: int | None = None
