"""Whether the queue of a step can ever run its jobs, said before one is submitted.

Batch itself leaves a job that no machine can take in its queue for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc.launch.base import LaunchFault
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
    memory = await _memory(aws, environments)
    for step in steps:
        reasons = [_lack(environment, step.spec.resources, platform, memory) for environment in environments]
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


async def _memory(aws: Aws, environments: list[Object]) -> dict[str, int]:
    """The MiB of the machines that are named by their type; of families nothing is known, nor to who may not ask."""
    types = sorted({kind for environment in environments for kind in _types(environment) if "." in kind})
    if not types:
        return {}
    try:
        answer = await aws.call("ec2", "describe_instance_types", InstanceTypes=types)
    except LaunchFault:
        return {}
    return {found["InstanceType"]: found["MemoryInfo"]["SizeInMiB"] for found in answer["InstanceTypes"]}


def _types(environment: Object) -> list[str]:
    return list((environment.get("computeResources") or {}).get("instanceTypes") or ())


def _lack(environment: Object, resources: Resources, platform: str, memory: Mapping[str, int]) -> str:
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
    cores = next(float(r["Value"]) for r in requirements(resources, platform) if r["Type"] == "VCPU")
    most = machines.get("maxvCpus")
    if isinstance(most, int) and 0 < most < cores:
        return f"{name} has at most {most} vCPUs, and the step asks for {cores:g}"
    sizes = [memory.get(kind) for kind in _types(environment)]
    largest = max((size or 0 for size in sizes), default=0)
    if sizes and all(sizes) and largest < resources.memory_mb:
        return f"the machines of {name} have at most {largest:,} MiB, and the step asks for {resources.memory_mb:,}"
    return ""
