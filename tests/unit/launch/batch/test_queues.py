"""What is said of a queue that cannot run a step."""

from __future__ import annotations

import asyncio
import fnmatch
from typing import TYPE_CHECKING, Any

import pytest

from flowc.ir.resources import Resources
from flowc.ir.spec import StepSpec
from flowc.launch.base import LaunchFault
from flowc.launch.batch.queues import check_queue
from flowc.records import replace
from tests.graphs import flow

if TYPE_CHECKING:
    from collections.abc import Mapping

# Types of machines: cores, MiB, GPUs.
TYPES = {
    "m5.large": (2, 8192, 0),
    "m5.24xlarge": (96, 393_216, 0),
    "r5.large": (2, 16384, 0),
    "g5.xlarge": (4, 16384, 1),
    "g5.48xlarge": (192, 786_432, 8),
}


class Account:
    """Answers as AWS would."""

    region = "eu-west-1"

    def __init__(
        self, queue: Mapping[str, Any], *environments: Mapping[str, Any], may_ask: bool = True
    ) -> None:
        self._answers = {
            "describe_job_queues": {
                "jobQueues": [{"computeEnvironmentOrder": [{"computeEnvironment": "e"}], **queue}]
            },
            "describe_compute_environments": {"computeEnvironments": environments},
        }
        self._may_ask = may_ask

    async def call(self, _service: str, operation: str, **asked: Any) -> Any:  # noqa: ANN401 - as AWS answers
        if operation != "describe_instance_types":
            return self._answers[operation]
        if not self._may_ask:
            raise LaunchFault("AWS refuses ec2:DescribeInstanceTypes")
        (chosen,) = asked["Filters"]
        found = [name for name in TYPES if any(fnmatch.fnmatch(name, glob) for glob in chosen["Values"])]
        at = int(asked.get("NextToken", 0))  # a page has one type
        more = {"NextToken": str(at + 1)} if at + 1 < len(found) else {}
        return {"InstanceTypes": [described(name) for name in found[at : at + 1]], **more}


def described(name: str) -> dict[str, Any]:
    cores, memory, gpus = TYPES[name]
    found = {"InstanceType": name, "VCpuInfo": {"DefaultVCpus": cores}, "MemoryInfo": {"SizeInMiB": memory}}
    return {**found, "GpuInfo": {"Gpus": [{"Count": gpus}]}} if gpus else found


def environment(name: str, **machines: object) -> dict[str, object]:
    return {
        "computeEnvironmentName": name,
        "state": "ENABLED",
        "computeResources": {"type": "EC2", **machines},
    }


SMALL = environment("small", maxvCpus=256, instanceTypes=["m5.large", "r5.large"])
FEW = environment("few", maxvCpus=4, instanceTypes=["optimal"])
FAMILIES = environment("general", maxvCpus=256, instanceTypes=["m5", "r5.large"])
GRAPHICS = environment("graphics", maxvCpus=256, instanceTypes=["g5.xlarge", "m5.24xlarge"])
CHOSEN = environment("chosen", maxvCpus=256, instanceTypes=["optimal", "default_x86_64", "g5.xlarge"])
NEW = environment("new", maxvCpus=256, instanceTypes=["x9.large", "m5.large"])
FARGATE = environment("serverless", type="FARGATE_SPOT", maxvCpus=256)
NO = "no compute environment of the job queue `team` can run the step `start`: "

# The account, cores, MB, GPUs, and what is said.
ROWS = [
    (Account({}, FAMILIES), 96, 390_000, 0, ""),
    (Account({}, FAMILIES), 1, 400_000, 0, NO + "the machines of `general` have at most 393,216 MiB, and the step asks for 400,000"),
    (Account({}, FAMILIES), 100, 100, 0, NO + "the machines of `general` have at most 96 vCPUs, and the step asks for 100"),
    (Account({}, FAMILIES), 1, 100, 2, NO + "the machines of `general` have no GPU, and the step asks for 2"),
    (Account({}, GRAPHICS), 4, 16_000, 1, ""),
    (Account({}, GRAPHICS), 4, 16_000, 2, NO + "the machines of `graphics` have at most 1 GPU, and the step asks for 2"),
    (Account({}, GRAPHICS), 8, 60_000, 1, NO + "no machine of `graphics` has 8 vCPUs, 60,000 MiB and 1 GPU at once, which the step asks for"),
    (Account({}, CHOSEN), 96, 390_000, 1, ""),
    (Account({}, CHOSEN), 1, 100, 2, NO + "the machines of `chosen` have at most 1 GPU, and the step asks for 2"),
    (Account({}, NEW), 96, 390_000, 1, ""),
    (Account({}, SMALL), 2, 16_000, 0, ""),
    (Account({}, SMALL), 2, 60_000, 0, NO + "the machines of `small` have at most 16,384 MiB, and the step asks for 60,000"),
    (Account({}, SMALL, FEW), 2, 60_000, 0, ""),
    (Account({}, SMALL, may_ask=False), 2, 60_000, 0, ""),
    (Account({}, FEW), 8, 100, 0, NO + "`few` has at most 4 vCPUs, and the step asks for 8"),
    (Account({}, FARGATE), 1, 100, 0, NO + "`serverless` is of type FARGATE_SPOT, and jobs are made for EC2: set `platform` under [tool.flowc.stepfunctions]"),
    (Account({}, {**SMALL, "state": "DISABLED"}), 1, 100, 0, NO + "`small` is disabled"),
    (Account({}, {**SMALL, "status": "INVALID", "statusReason": "no subnets"}), 1, 100, 0, NO + "`small` is invalid (no subnets)"),
    (Account({"state": "DISABLED"}, SMALL), 1, 100, 0, "the job queue `team` is disabled: it takes no jobs"),
    (Account({}), 1, 100, 0, ""),
]  # fmt: skip


@pytest.mark.parametrize(("account", "cores", "memory", "gpus", "wanted"), ROWS)
def test_what_a_queue_can_run(account: Any, cores: int, memory: int, gpus: int, wanted: str) -> None:  # noqa: ANN401 - a stand-in
    resources = Resources(cpu_millis=1000 * cores, memory_mb=memory, gpu=gpus)
    step = replace(flow("start -> end").steps["start"], spec=StepSpec(resources=resources))
    said = ""
    try:
        asyncio.run(check_queue(account, "team", [step], "EC2"))
    except LaunchFault as fault:
        said = str(fault)
    assert said == wanted
