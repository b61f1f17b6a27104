"""The one node of the cluster: pods, what happened to them, and the processes that they are.

What befalls a pod instead of running, or after it:

    unschedulable   it waits for a node until it is deleted
    scheduled-late  it waits for a node, and then runs
    image, config   its image cannot be pulled; its Secret is not there
    oom             its container is killed before it begins
    evicted         its node is out of disk
    nodelost        its node never says that it ended
    vanish          it runs, and is gone when it has ended
    unheard         likewise, and the watch does not tell
"""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Object = dict[str, Any]

_WATCH_SECONDS = 2.0
_REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_UNSCHEDULABLE = {
    "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient memory.",
}  # fmt: skip
_WAITING = {
    "image": ("ErrImagePull", 'failed to pull "nowhere/task:1": not found'),
    "config": ("CreateContainerConfigError", 'secret "s3" not found'),
}


class Node:
    """Runs pods; keeps every event, so that a watch may begin at any version."""

    def __init__(self, next_move: Callable[[str], str], folder: Path) -> None:
        self.pods: dict[str, Object] = {}
        self.made: list[Object] = []
        self.most = 0  # processes at once
        self.printed: Callable[[bytes], None] = lambda _: None  # called for each line
        self._next_move = next_move
        self._folder = folder
        self._events: list[Object] = []
        self._logs: dict[str, list[bytes]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._changed = threading.Condition()
        self._closed = False

    # ------------------------------------------------------------------ requests
    def create(self, pod: Object) -> Object:
        """A new pod, which starts at once."""
        name = pod["metadata"]["name"]
        pod = {**pod, "status": {"phase": "Pending"}}
        self.made.append(copy.deepcopy(pod))
        with self._changed:
            self._logs[name] = []
            self._note("ADDED", pod)
        move = self._next_move(pod["metadata"]["labels"]["flowc.dev/step"])
        threading.Thread(target=self._live, args=(pod, move), daemon=True).start()
        return pod

    def delete(self, name: str, grace: int) -> bool:
        """Ask a pod to end; whether there is one."""
        with self._changed:
            pod = self.pods.get(name)
            if pod is None:
                return False
            process = self._processes.get(name)
            if process is None or process.poll() is not None or not grace:
                self._note("DELETED", pod)
            else:
                pod["metadata"]["deletionTimestamp"] = _now()
                self._note("MODIFIED", pod)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM if grace else signal.SIGKILL)
        return True

    def listed(self, selector: str) -> tuple[list[Object], int]:
        """The pods with a label, and the version."""
        key, _, value = selector.partition("=")
        with self._changed:
            found = [pod for pod in self.pods.values() if pod["metadata"]["labels"].get(key) == value]
            return copy.deepcopy(found), len(self._events)

    def events(self, version: int) -> Iterator[Object]:
        """What happened after a version, for a while."""
        deadline = time.monotonic() + _WATCH_SECONDS
        while time.monotonic() < deadline:
            with self._changed:
                fresh = self._events[version:]
                if self._closed:
                    return
                if not fresh:
                    self._changed.wait(1.0)
            for event in fresh:
                version += 1
                if event["type"] != "UNHEARD":
                    yield event

    def log(self, name: str, since: str) -> Iterator[bytes]:
        """The lines of a pod from the second of `since` on, until it has ended."""
        at = 0
        while True:
            with self._changed:
                lines, over = self._logs[name][at:], self._over(name)
                if not lines and not over:
                    self._changed.wait(1.0)
            for line in lines:
                at += 1
                if line.decode() >= since[:19]:
                    yield line
            if not lines and (over or self._closed):
                return

    def shut_down(self) -> None:
        """End all."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    # ------------------------------------------------------------------ a pod's life
    def _live(self, pod: Object, move: str) -> None:
        if move in ("unschedulable", "scheduled-late"):
            self._update(pod, conditions=[_UNSCHEDULABLE])
            if move == "unschedulable":
                return
            time.sleep(0.3)
        pod["spec"]["nodeName"] = "node-1"
        if move in _WAITING:
            reason, message = _WAITING[move]
            self._container(pod, {"waiting": {"reason": reason, "message": message}})
        elif move == "evicted":
            self._update(
                pod, phase="Failed", reason="Evicted", message="The node was low on resource: memory."
            )
        elif move == "oom":
            self._container(pod, {"terminated": {"exitCode": 137, "reason": "OOMKilled", "containerID": "x"}})
        elif move == "nodelost":
            self._update(pod, phase="Failed", reason="NodeLost", message="Node node-1 is unresponsive")
        else:
            self._run(pod, move)

    def _run(self, pod: Object, move: str) -> None:
        name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]
        own = {v["name"]: v["value"].replace("$$(", "$(") for v in container["env"]}
        command = [sys.executable if word == "python3" else word for word in container["command"]]
        process = subprocess.Popen(
            command, cwd=self._folder, env={**os.environ, "PYTHONPATH": _REPOSITORY, **own, "TMPDIR": str(self._folder)}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._processes[name] = process
        self.most = max(self.most, sum(p.poll() is None for p in list(self._processes.values())))
        self._container(pod, {"running": {"startedAt": _now()}})
        with process:
            for line in process.stdout or ():
                with self._changed:
                    self._logs[name].append(f"{_now()} ".encode() + line)
                    self.printed(line)
                    self._changed.notify_all()
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        if move == "unheard":
            with self._changed:
                self._note("UNHEARD", pod, gone=True)
        elif move == "vanish":
            with self._changed:
                self._note("DELETED", pod)
        else:
            self._container(pod, {"terminated": {"exitCode": code, "reason": "Error", "containerID": "x"}})
            with self._changed:
                if "deletionTimestamp" in pod["metadata"]:
                    self._note("DELETED", pod)

    def _container(self, pod: Object, state: Object) -> None:
        phase = "Running" if "running" in state else "Pending"
        if "terminated" in state:
            phase = "Failed" if state["terminated"]["exitCode"] else "Succeeded"
        self._update(pod, phase=phase, containerStatuses=[{"name": "main", "state": state}])

    def _update(self, pod: Object, **status: object) -> None:
        with self._changed:
            if pod["metadata"]["name"] in self.pods:
                pod["status"] |= status
                self._note("MODIFIED", pod)

    def _over(self, name: str) -> bool:
        pod = self.pods.get(name)
        return pod is None or pod["status"]["phase"] in ("Succeeded", "Failed")

    def _note(self, kind: str, pod: Object, *, gone: bool = False) -> None:
        name = pod["metadata"]["name"]
        if kind == "DELETED" or gone:
            self.pods.pop(name, None)
        else:
            self.pods[name] = pod
        shown = copy.deepcopy(pod)
        shown["metadata"]["resourceVersion"] = str(len(self._events) + 1)
        self._events.append({"type": kind, "object": shown})
        self._changed.notify_all()


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
