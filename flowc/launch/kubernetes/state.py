"""What a pod's object says of its task: why it waits, whether it runs, how it ended.

Invariant: a pod that can never run its task has an ending, in the cluster's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc import contract
from flowc.launch.awaited import Seen
from flowc.runtime.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    Object = Mapping[str, Any]

CONTAINER = "main"

# The kubelet tries some of these again for ever; a user who mistyped an image should not wait that long.
_NO_IMAGE = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError")
_NO_CONTAINER = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "CrashLoopBackOff",
)
_NODE_GONE = ("NodeLost", "NodeShutdown", "Terminated", "Shutdown")
_KILLED = 128  # an exit code above it is a signal


def read_pod(pod: Object) -> Seen:
    """What the pod's object says."""
    status = pod.get("status") or {}
    state = _container_state(status)
    node = str((pod.get("spec") or {}).get("nodeName") or "")
    begun = "running" in state or bool((state.get("terminated") or {}).get("containerID"))
    leaving = bool((pod.get("metadata") or {}).get("deletionTimestamp"))
    ending = _ending(pod, status, state)
    waits, urgent = ("", False) if begun or ending else _waits(status, state, node)
    return Seen(
        waits=waits,
        urgent=urgent,
        asks=asks_for(pod),
        begun=begun,
        leaving=leaving,
        lost=_lost(node),
        ending=ending,
    )


def asks_for(pod: Object) -> str:
    """What a pod asks a node for: `cpu 1, memory 60000M`."""
    asked: dict[str, str] = {}
    for container in (pod.get("spec") or {}).get("containers") or ():
        resources = container.get("resources") or {}
        asked |= (resources.get("limits") or {}) | (resources.get("requests") or {})
    return ", ".join(f"{name} {amount}" for name, amount in sorted(asked.items()))


def _lost(node: str) -> Ending:
    """The ending of a pod that is no more and never said how it ended."""
    where = f" on the node {node}" if node else ""
    return Ending(
        contract.EXIT_TERMINATED,
        f"was lost: its pod{where} was deleted (by somebody, a drain, a preemption), or the node is gone",
    )


def _container_state(status: Object) -> Object:
    for container in status.get("containerStatuses") or ():
        if container.get("name") == CONTAINER:
            return container.get("state") or {}
    return {}


def _ending(pod: Object, status: Object, state: Object) -> Ending | None:
    waiting = state.get("waiting") or {}
    if waiting.get("reason") in _NO_IMAGE:
        return Ending(
            contract.EXIT_INFRASTRUCTURE, f"has no container: its image cannot be pulled: {_said(waiting)}"
        )
    if waiting.get("reason") in _NO_CONTAINER:
        return Ending(contract.EXIT_INFRASTRUCTURE, f"has no container: {_said(waiting)}")
    if status.get("phase") not in ("Succeeded", "Failed"):
        return None
    by_node = _ended_by_cluster(pod, status)
    if by_node is not None:
        return by_node
    terminated = state.get("terminated")
    return _ended_itself(pod, terminated) if terminated else _unexplained(status)


def _ended_by_cluster(pod: Object, status: Object) -> Ending | None:
    """A pod that its node or the cluster ended, and that says so itself."""
    reason, said = str(status.get("reason") or ""), _said(status)
    if reason == "Evicted":
        return Ending(contract.EXIT_TERMINATED, f"was evicted: {said}")
    if reason == "DeadlineExceeded":
        limit = (pod.get("spec") or {}).get("activeDeadlineSeconds")
        return Ending(contract.EXIT_TIMEOUT, f"was ended after {limit} s, the time limit of its pod")
    if reason in _NODE_GONE:
        return Ending(contract.EXIT_TERMINATED, f"was lost with its node: {said}")
    if reason:
        return Ending(contract.EXIT_INFRASTRUCTURE, f"could not run on its node: {said}")
    for condition in status.get("conditions") or ():
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            return Ending(contract.EXIT_TERMINATED, f"was ended by the cluster: {_said(condition)}")
    return None


def _ended_itself(pod: Object, terminated: Object) -> Ending:
    code, reason = int(terminated.get("exitCode") or 0), terminated.get("reason")
    if reason == "OOMKilled":
        return Ending(
            contract.EXIT_USER_ERROR,
            f"was killed for its memory (OOMKilled): it used more than it asked for ({asks_for(pod)})",
        )
    if code == 0:
        return Ending(contract.EXIT_OK)
    if reason in ("StartError", "ContainerCannotRun"):
        return Ending(contract.EXIT_INFRASTRUCTURE, f"could not start its container: {_said(terminated)}")
    if code > _KILLED and code != contract.EXIT_TERMINATED:
        return Ending(contract.EXIT_USER_ERROR, f"was killed by signal {code - _KILLED}")
    return Ending(code)


def _unexplained(status: Object) -> Ending:
    said = _said(status) or "its pod does not say why"
    return Ending(contract.EXIT_INFRASTRUCTURE, f"ended without a trace: {said}")


def _waits(status: Object, state: Object, node: str) -> tuple[str, bool]:
    """Why there is no container yet, and whether somebody should do something about it."""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            reason = condition.get("reason")
            return f"no node takes it: {_said(condition)}", reason == "Unschedulable"
    waiting = state.get("waiting") or {}
    if node:
        return f"the node {node} prepares it ({waiting.get('reason') or 'image and volumes'})", False
    return "the scheduler has not seen it yet", False


def _said(about: Object) -> str:
    """The cluster's words, on one line."""
    words = " ".join(str(about.get("message") or "").split())
    reason = str(about.get("reason") or "")
    return f"{reason}: {words}" if reason and words and not words.startswith(reason) else words or reason
