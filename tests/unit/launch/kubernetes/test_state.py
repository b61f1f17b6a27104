"""What pods' objects say, as the cluster writes them, and what that means for their tasks."""

from __future__ import annotations

from typing import Any

import pytest

from flowc.launch.kubernetes.state import read_pod

MAIN = {"name": "main"}
SPEC = {
    "nodeName": "node-1",
    "activeDeadlineSeconds": 660,
    "containers": [{"resources": {"requests": {"cpu": "1", "memory": "60G"}, "limits": {"memory": "60G", "nvidia.com/gpu": "2"}}}],
}  # fmt: skip


def ended(code: int, reason: str = "Error", **more: object) -> dict[str, Any]:
    state = {"terminated": {"exitCode": code, "reason": reason, "containerID": "x", **more}}
    return {
        "phase": "Failed" if code else "Succeeded",
        "containerStatuses": [{"name": "main", "state": state}],
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"name": "main", "state": state}]}


def condition(**fields: str) -> dict[str, Any]:
    return {"phase": "Pending", "conditions": [{"status": "False", **fields}]}


# The status, and its meaning: `waits`, `urgent`, `runs`, or the exit code and why.
ROWS: list[tuple[dict[str, Any], str]] = [
    ({}, "waits: the node node-1 prepares it (image and volumes)"),
    (waiting("ContainerCreating"), "waits: the node node-1 prepares it (ContainerCreating)"),
    (condition(type="PodScheduled", reason="Unschedulable", message="0/3 nodes are available:\n3 Insufficient memory."),
        "urgent: no node takes it: Unschedulable: 0/3 nodes are available: 3 Insufficient memory."),
    (condition(type="PodScheduled", reason="SchedulingGated", message="gated by kueue"),
        "waits: no node takes it: SchedulingGated: gated by kueue"),
    ({"phase": "Running", "containerStatuses": [{"name": "main", "state": {"running": {}}}]}, "runs"),
    # A sidecar that somebody injects is nobody's task.
    ({"phase": "Running", "containerStatuses": [{"name": "proxy", "state": {"running": {}}}]},
        "waits: the node node-1 prepares it (image and volumes)"),
    (ended(0, "Completed"), "runs 0"),
    (ended(1), "runs 1"),
    (ended(65), "runs 65"),
    (ended(143), "runs 143"),
    (ended(139), "runs 1 was killed by signal 11"),
    (ended(137, "OOMKilled"), "runs 1 was killed for its memory (OOMKilled): it used more than it asked for (cpu 1, memory 60G, nvidia.com/gpu 2)"),
    (ended(128, "StartError", message="exec: python3: not found"), "runs 70 could not start its container: StartError: exec: python3: not found"),
    (waiting("ImagePullBackOff", "Back-off pulling image"), "70 has no container: its image cannot be pulled: ImagePullBackOff: Back-off pulling image"),
    (waiting("InvalidImageName"), "70 has no container: its image cannot be pulled: InvalidImageName"),
    (waiting("CreateContainerConfigError", 'secret "s3" not found'), '70 has no container: CreateContainerConfigError: secret "s3" not found'),
    ({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}, "143 was evicted: Evicted: low on memory"),
    ({"phase": "Failed", "reason": "DeadlineExceeded"}, "71 was ended after 660 s, the time limit of its pod"),
    ({"phase": "Failed", "reason": "OutOfcpu", "message": "Pod was rejected"}, "70 could not run on its node: OutOfcpu: Pod was rejected"),
    ({"phase": "Failed", "reason": "NodeShutdown"}, "143 was lost with its node: NodeShutdown"),
    ({"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "preempting"}]},
        "143 was ended by the cluster: PreemptionByScheduler: preempting"),
    ({"phase": "Failed"}, "70 ended without a trace: its pod does not say why"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "wanted"), ROWS)
def test_what_a_pod_says(status: dict[str, Any], wanted: str) -> None:
    seen = read_pod({"metadata": {}, "spec": SPEC, "status": status})
    words = ["runs"] if seen.begun else []
    if seen.waits:
        words.append(f"{'urgent' if seen.urgent else 'waits'}: {seen.waits}")
    if seen.ending is not None:
        words += [str(seen.ending.code), seen.ending.why]
    assert " ".join(words).strip() == wanted


def test_a_pod_that_vanishes_is_lost() -> None:
    seen = read_pod({"metadata": {"deletionTimestamp": "t"}, "spec": SPEC, "status": {"phase": "Running"}})
    assert seen.leaving
    assert seen.lost.why.startswith("was lost: its pod on the node node-1 was deleted")
