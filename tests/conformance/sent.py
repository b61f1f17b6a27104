"""Runs of this machine whose tasks go to the engines: what they are told, and what is left of them there."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.commands import heed_signals
from tests.conformance import argo, observed
from tests.conformance.cases import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PLACE = (
    *("--datastore", observed.DATASTORE, "--image", argo.IMAGE, "--set", f"argo.s3_secret={argo.SECRET}"),
    *(("--set", f"argo.s3_endpoint={observed.ENDPOINT}") if observed.ENDPOINT else ()),
)
SETTINGS = (*PLACE, "--set", f"argo.namespace={argo.NAMESPACE}")
_started: list[subprocess.Popen[bytes]] = []
NUMPY_IMAGE = os.environ.get("FLOWC_TEST_NUMPY_IMAGE", "flowc.local/numpy:1")
BIG_SUM = ("big_sum.py", "big_sum_parallel.py")
SMALL = ("--with", "kubernetes:memory=300,cpu=0.05")
SLEEPS = 'import time; print("sleeping", flush=True); time.sleep(300)'
RETRIED = "@retry(times=1, minutes_between_retries=0)"
# Before what only the first attempt of the first task is to do.
FIRST = "from metaflow import current\n        if not current.retry_count and self.input == 1: "
FLOW = """\
from flowc import FlowSpec, batch, catch, kubernetes, resources, retry, step


class Sent(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2, 3]
        self.next(self.far, foreach="xs")

    {decorators}
    @step
    def far(self):
        {body}
        self.y = 10 * self.input
        self.next(self.join)

    {join}
    @step
    def join(self, inputs):
        self.total = sum(i.y for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print("total", self.total)
"""


def written(folder: Path, *, decorators: str, body: str = "pass", join: str = "") -> Path:
    """A flow whose tasks of `far` are sent away, as the decorators say; those of `join` by other ones."""
    flow = folder / "sent.py"
    flow.write_text(FLOW.format(decorators=decorators, body=body, join=join))
    return flow


def big_sum(folder: Path, name: str) -> Path:
    """A program of the examples, asking for what this machine has."""
    flow = folder / name
    text = (EXAMPLES / name).read_text()
    flow.write_text(text.replace("memory=60000", "memory=600").replace("cpu=8", "cpu=0.5"))
    return flow


def printed(folder: Path) -> str:
    """What the last run printed."""
    return (folder / "run.log").read_text()


def started(
    folder: Path, flow: Path, until: str, *settings: str, **variables: str
) -> subprocess.Popen[bytes]:
    """A run in the background that has printed `until`."""
    log = folder / "run.log"
    words = ["run", str(flow), *settings, "--run-id-file", str(folder / "run-id")]
    with log.open("wb") as stream:
        running = subprocess.Popen(
            [sys.executable, "-m", "flowc", *words],
            stdout=stream,
            stderr=stream,
            env={**os.environ, **variables},
            preexec_fn=heed_signals,  # noqa: PLW1509 - it takes no lock
        )
    _started.append(running)
    wait_for_line(folder, running, until)
    return running


def end_started() -> None:
    """End what a test that failed has left running."""
    while _started:
        running = _started.pop()
        if running.poll() is None:
            running.send_signal(signal.SIGINT)
        running.wait(120)


def wait_for_line(folder: Path, running: subprocess.Popen[bytes], text: str, seconds: float = 180) -> None:
    """Wait until a run has printed the text, or is over."""
    deadline = time.monotonic() + seconds
    while text not in printed(folder) and running.poll() is None:
        assert time.monotonic() < deadline, f"no {text!r} within {seconds} s:\n{printed(folder)}"
        time.sleep(0.2)


def resumed(folder: Path, flow: Path, *settings: str) -> int:
    """Resume the last run in the same folder; the exit code."""
    origin = (folder / "run-id").read_text()
    return observed.flowc(folder, "resume", str(flow), *settings, "--origin-run-id", origin)[1]


def pods_of(run_id: str, namespace: str = argo.NAMESPACE) -> list[str]:
    """The names of the pods of a run that are left, those apart that the node is taking down."""
    found = json.loads(kubectl("-n", namespace, "get", "pods", "-l", f"flowc.dev/run={run_id}", "-o", "json"))
    return [p["metadata"]["name"] for p in found["items"] if "deletionTimestamp" not in p["metadata"]]


def kubectl(*words: str, content: object = None) -> str:
    """One call of kubectl, as whoever rules the cluster; what it printed."""
    given = None if content is None else json.dumps(content)
    done = subprocess.run(
        ["kubectl", "--kubeconfig", argo.KUBECONFIG, *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


@contextmanager
def own_namespace(*objects: Mapping[str, Any]) -> Iterator[str]:
    """A namespace with the credentials of the datastore and these objects, which nobody else is hurt by."""
    name = f"sent-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        secret = json.loads(argo.kubectl("get", "secret", argo.SECRET, "-o", "json"))
        own = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": argo.SECRET},
            "data": secret["data"],
        }
        for item in (own, *objects):
            kubectl("-n", name, "create", "-f", "-", content=item)
        kubectl("-n", name, "wait", "serviceaccount/default", "--for=create", "--timeout=60s")
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


# What README says an account needs.
RIGHTS = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["create", "delete", "get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
]


def account(namespace: str, rights: Sequence[Mapping[str, Any]] = RIGHTS) -> str:
    """A service account `runner` of the namespace with these rights there; a token of its."""
    kubectl("-n", namespace, "create", "serviceaccount", "runner")
    group = "rbac.authorization.k8s.io"
    role = {
        "apiVersion": f"{group}/v1",
        "kind": "Role",
        "metadata": {"name": "runner"},
        "rules": list(rights),
    }
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "runner"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "runner"},
        "subjects": [{"kind": "ServiceAccount", "name": "runner", "namespace": namespace}],
    }
    for item in (role, binding):
        kubectl("-n", namespace, "create", "-f", "-", content=item)
    return kubectl("-n", namespace, "create", "token", "runner").strip()


def kubeconfig(folder: Path, token: str, server: str = "") -> dict[str, str]:
    """The variable that names a kubeconfig of whoever has the token; `server` instead of the cluster's own."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "clusters": [{"name": "c", "cluster": {"server": server} if server else cluster()}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(content))
    return {"KUBECONFIG": str(folder / "kubeconfig")}


def cluster() -> dict[str, str]:
    """What the kubeconfig says of the cluster: `server`, `certificate-authority`."""
    found = json.loads(kubectl("config", "view", "--minify", "--raw", "-o", "json"))
    told: dict[str, str] = found["clusters"][0]["cluster"]
    return told
