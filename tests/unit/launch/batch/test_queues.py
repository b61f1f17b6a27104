"""What is said of a queue that cannot run a step."""

from __future__ import annotations

import asyncio
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

SIZES = {"m5.large": 8192, "r5.large": 16384}


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
        types = asked["InstanceTypes"]
        return {"InstanceTypes": [{"InstanceType": t, "MemoryInfo": {"SizeInMiB": SIZES[t]}} for t in types]}


def environment(name: str, **machines: object) -> dict[str, object]:
    return {
        "computeEnvironmentName": name,
        "state": "ENABLED",
        "computeResources": {"type": "EC2", **machines},
    }


SMALL = environment("small", maxvCpus=256, instanceTypes=["m5.large", "r5.large"])
FEW = environment("few", maxvCpus=4, instanceTypes=["optimal"])
FARGATE = environment("serverless", type="FARGATE_SPOT", maxvCpus=256)
NO = "no compute environment of the job queue `team` can run the step `start`: "

# The account, cores, MB, and what is said.
ROWS = [
    (Account({}, SMALL), 2, 16_000, ""),
    (Account({}, SMALL), 2, 60_000, NO + "the machines of `small` have at most 16,384 MiB, and the step asks for 60,000"),
    (Account({}, SMALL, FEW), 2, 60_000, ""),
    (Account({}, SMALL, may_ask=False), 2, 60_000, ""),
    (Account({}, FEW), 8, 100, NO + "`few` has at most 4 vCPUs, and the step asks for 8"),
    (Account({}, FARGATE), 1, 100, NO + "`serverless` is of type FARGATE_SPOT, and jobs are made for EC2: set `platform` under [tool.flowc.stepfunctions]"),
    (Account({}, {**SMALL, "state": "DISABLED"}), 1, 100, NO + "`small` is disabled"),
    (Account({}, {**SMALL, "status": "INVALID", "statusReason": "no subnets"}), 1, 100, NO + "`small` is invalid (no subnets)"),
    (Account({"state": "DISABLED"}, SMALL), 1, 100, "the job queue `team` is disabled: it takes no jobs"),
    (Account({}), 1, 100, ""),
]  # fmt: skip


@pytest.mark.parametrize(("account", "cores", "memory", "wanted"), ROWS)
def test_what_a_queue_can_run(account: Any, cores: int, memory: int, wanted: str) -> None:  # noqa: ANN401 - a stand-in
    resources = Resources(cpu_millis=1000 * cores, memory_mb=memory)
    step = replace(flow("start -> end").steps["start"], spec=StepSpec(resources=resources))
    said = ""
    try:
        asyncio.run(check_queue(account, "team", [step], "EC2"))
    except LaunchFault as fault:
        said = str(fault)
    assert said == wanted
