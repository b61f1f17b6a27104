"""Whether the queue of a step can ever run its jobs, said before one is submitted.

Batch itself leaves a job that no machine can take in its queue for ever.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flowc.launch.base import LaunchFault
from flowc.launch.batch.machines import Size, known_machines, too_small
from flowc.platform.batch.sizes import FARGATE, requirements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.graph import Step
    from flowc.ir.resources import Resources
    from flowc.launch.batch.aws import Aws

    Object = dict[str, Any]


async def check_queue(aws: Aws, queue: str, steps: list[Step], platform: str) -> None:
    """Raises LaunchFault where the queue is missing, disabled, or too small for one of the steps."""
    found = (await aws.call("batch", "describe_job_queues", jobQueues=[queue])).get("jobQueues") or []
    if not found:
        raise LaunchFault(
            f"there is no job queue `{queue}` in {aws.region}; `aws batch describe-job-queues` lists them"
        )
    if found[0].get("state", "ENABLED") != "ENABLED":
        raise LaunchFault(f"the job queue `{queue}` is disabled: it takes no jobs")
    environments = await _environments(aws, found[0])
    if not environments:
        return
    words = {word for environment in environments for word in _words(environment)}
    known = await known_machines(aws, words)
    for step in steps:
        asked = _asked(step.spec.resources, platform)
        reasons = [_lack(environment, asked, platform, known) for environment in environments]
        if all(reasons):
            raise LaunchFault(
                f"no compute environment of the job queue `{queue}` can run the step `{step.name}`: "
                + "; ".join(reason for reason in reasons if reason)
            )


async def _environments(aws: Aws, queue: Object) -> list[Object]:
    names = [entry["computeEnvironment"] for entry in queue.get("computeEnvironmentOrder") or ()]
    if not names:
        return []
    answer = await aws.call("batch", "describe_compute_environments", computeEnvironments=names)
    return list(answer.get("computeEnvironments") or ())


def _words(environment: Object) -> list[str]:
    """What the environment says of its machines: types, families, or that AWS chooses."""
    return list((environment.get("computeResources") or {}).get("instanceTypes") or ())


def _asked(resources: Resources, platform: str) -> Size:
    """What a job asks a machine for. Fargate's parts of a core are the whole one here."""
    found = {entry["Type"]: math.ceil(float(entry["Value"])) for entry in requirements(resources, platform)}
    return Size(found["VCPU"], found["MEMORY"], found.get("GPU", 0))


def _lack(environment: Object, asked: Size, platform: str, known: Mapping[str, list[Size]]) -> str:
    """Why a compute environment cannot run jobs of the size; "" where it may."""
    name = f"`{environment.get('computeEnvironmentName')}`"
    if environment.get("state") == "DISABLED":
        return f"{name} is disabled"
    if environment.get("status") == "INVALID":
        return f"{name} is invalid ({environment.get('statusReason')})"
    machines = environment.get("computeResources") or {}
    kind = str(machines.get("type") or "")
    if kind and kind.startswith(FARGATE) != (platform == FARGATE):
        return f"{name} is of type {kind}, and jobs are made for {platform}: set `platform` under [tool.flowc.stepfunctions]"
    most = machines.get("maxvCpus")
    if isinstance(most, int) and 0 < most < asked.vcpus:
        return f"{name} has at most {most} vCPUs, and the step asks for {asked.vcpus}"
    return too_small(name, _words(environment), known, asked)
