"""A node of a test's own in the real cluster, of which nothing is real but the cluster's idea of it."""

from __future__ import annotations

import json
import time

from tests.conformance import argo
from tests.conformance.sent import kubectl


class Node:
    """A node of the test's own that nothing runs: what a kubelet would say of it and of its pods, the test says."""

    KEY = "flowc.dev/test"

    def __init__(self, name: str) -> None:
        self.name = name
        spec = {"taints": [{"key": self.KEY, "value": name, "effect": "NoSchedule"}]}
        about = {"name": name, "labels": {self.KEY: name}}
        made = {"apiVersion": "v1", "kind": "Node", "metadata": about, "spec": spec}
        kubectl("create", "-f", "-", content=made)
        room = {"cpu": "4", "memory": "8Gi", "pods": "10"}
        ready = {"type": "Ready", "status": "True", "reason": "Test", "message": "as the test says"}
        self._say("node", name, {"capacity": room, "allocatable": room, "conditions": [ready]})

    @property
    def decorator(self) -> str:
        """What sends a step there, and nobody else's."""
        selected, tolerated = {self.KEY: self.name}, [{"key": self.KEY, "operator": "Exists"}]
        return f"@kubernetes(memory=300, cpu=0.05, node_selector={selected}, tolerations={tolerated})"

    def pod(self, seconds: float = 180) -> str:
        """The name of the one pod that the scheduler gave to the node."""
        deadline = time.monotonic() + seconds
        words = ("get", "pods", "--field-selector", f"spec.nodeName={self.name}")
        while True:
            found = kubectl("-n", argo.NAMESPACE, *words, "-o", "jsonpath={.items[*].metadata.name}").split()
            if found:
                return found[0]
            assert time.monotonic() < deadline, f"{self.name} got no pod within {seconds} s"
            time.sleep(0.5)

    def begin(self, pod: str) -> None:
        """The container of a pod runs."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        main = {"name": "main", "image": argo.IMAGE, "imageID": "", "ready": True, "restartCount": 0}
        running = {**main, "state": {"running": {"startedAt": now}}}
        self._say("pod", pod, {"phase": "Running", "startTime": now, "containerStatuses": [running]})

    def remove(self) -> None:
        """It is no more."""
        kubectl("delete", "node", self.name, "--ignore-not-found")

    @staticmethod
    def _say(kind: str, name: str, status: object) -> None:
        words = ("--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))
        kubectl("-n", argo.NAMESPACE, "patch", kind, name, *words)
