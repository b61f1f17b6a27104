"""A real Kubernetes with Argo Workflows, named by environment variables, and what a run leaves there.

    FLOWC_TEST_KUBECONFIG    how to reach the cluster; without it the tests are skipped
    FLOWC_TEST_NAMESPACE     where runs go [flows]
    FLOWC_TEST_IMAGE         an image the nodes hold, with Python and boto3 [flowc.local/task:1]
    FLOWC_TEST_DATASTORE     s3://bucket/prefix, reached from pods and from here
    FLOWC_TEST_S3_ENDPOINT   its address, if it is not AWS
    FLOWC_TEST_S3_SECRET     the Secret whose keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [s3]

Credentials for this side are boto3's own (AWS_ACCESS_KEY_ID …).

Invariant: the engine gets nothing but the compiled bundle and a Workflow that refers to it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc import contract
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from flowc.runtime.store import Store

KUBECONFIG = os.environ.get("FLOWC_TEST_KUBECONFIG", "")
NAMESPACE = os.environ.get("FLOWC_TEST_NAMESPACE", "flows")
IMAGE = os.environ.get("FLOWC_TEST_IMAGE", "flowc.local/task:1")
DATASTORE = os.environ.get("FLOWC_TEST_DATASTORE", "s3://flows-test/runs")
ENDPOINT = os.environ.get("FLOWC_TEST_S3_ENDPOINT", "")
SECRET = os.environ.get("FLOWC_TEST_S3_SECRET", "s3")
ENDED = ("Succeeded", "Failed", "Error")


class Ended(NamedTuple):
    """A workflow that has ended: its run id in the datastore, and its nodes by display name."""

    run_id: str
    phase: str
    message: str
    nodes: list[dict[str, Any]]

    def failures(self) -> str:
        """What went wrong, in the engine's words: one line for each node that did not end well."""
        bad = [node for node in self.nodes if node["phase"] in ("Failed", "Error")]
        return "\n".join(f"{n['displayName']} {n['type']} {n['phase']} {n.get('message', '')}" for n in bad)

    def pods(self) -> list[str]:
        """The display names of the pods that were made."""
        return [node["displayName"] for node in self.nodes if node["type"] == "Pod"]


class Task(NamedTuple):
    """A finished task: what of it must be the same in every world."""

    targets: tuple[str, ...]
    next: str | None
    splits: int | None
    attempts: int
    artifacts: dict[str, str]


def compile_flow(flow: Path, output: Path, *options: str) -> None:
    """Compile a flow for the cluster into a bundle; pods ask for little, so that many fit one machine."""
    settings = [
        f"argo.namespace={NAMESPACE}",
        "argo.image_pull_policy=IfNotPresent",
        f"argo.s3_secret={SECRET}",
        *([f"argo.s3_endpoint={ENDPOINT}"] if ENDPOINT else []),
    ]
    given = [word for setting in settings for word in ("--set", setting)]
    for option, value in (("--image", IMAGE), ("--datastore", DATASTORE)):
        given += [] if f"no{option}" in options else [option, value]
    rest = [option for option in options if not option.startswith("no--")]
    words = ["compile", str(flow), "--target", "argo", "-q", "-o", str(output), *given, *rest]
    subprocess.run([sys.executable, "-m", "flowc", *words], check=True)
    for path in output.glob("*.yaml"):
        text = path.read_text()
        text = re.sub(r'memory: "?4096M"?', "memory: 300M", text)
        path.write_text(re.sub(r'cpu: "1"', "cpu: 50m", text))


def kubectl(*words: str, content: object = None, check: bool = True) -> str:
    """One call of kubectl in the test's namespace; what it printed."""
    done = subprocess.run(
        ["kubectl", "--kubeconfig", KUBECONFIG, "-n", NAMESPACE, *words],
        input=None if content is None else json.dumps(content),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"kubectl {' '.join(words)}: {done.stderr}")
    return done.stdout if check else done.stdout + done.stderr


def apply(bundle: Path) -> str:
    """Apply a bundle; the name of its template. What kubectl said of each object is in `applied.log` beside it."""
    said = kubectl("apply", "-k", str(bundle), "--server-side", "--force-conflicts")
    (bundle.parent / "applied.log").write_text(said)
    found = re.search(r"^workflowtemplate\S*/(\S+) ", said, re.MULTILINE)
    assert found is not None, said
    return found[1]


def submit(template: str, parameters: Mapping[str, str] | None = None) -> str:
    """Start a run; the name of its Workflow."""
    arguments = [{"name": name, "value": value} for name, value in (parameters or {}).items()]
    spec: dict[str, object] = {"workflowTemplateRef": {"name": template}}
    if arguments:
        spec["arguments"] = {"parameters": arguments}
    workflow = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": f"{template}-"},
        "spec": spec,
    }
    return kubectl("create", "-f", "-", "-o", "jsonpath={.metadata.name}", content=workflow)


def wait(workflow: str, seconds: float = 300) -> Ended:
    """Wait for a run's end."""
    deadline = time.monotonic() + seconds
    while True:
        status = json.loads(kubectl("get", "workflow", workflow, "-o", "json")).get("status", {})
        if status.get("phase") in ENDED:
            nodes = list(status.get("nodes", {}).values())
            return Ended(f"argo-{workflow}", status["phase"], status.get("message", ""), nodes)
        assert time.monotonic() < deadline, f"{workflow} still {status.get('phase')} after {seconds} s"
        time.sleep(1)


def pod_log(node_id: str) -> str:
    """What the pod of a node printed."""
    for pod in json.loads(kubectl("get", "pods", "-o", "json"))["items"]:
        if pod["metadata"]["annotations"].get("workflows.argoproj.io/node-id") == node_id:
            return kubectl("logs", pod["metadata"]["name"], "-c", "main")
    raise AssertionError(f"{node_id} has no pod")


def delete_running_pod(workflow: str, node: str, seconds: float = 120) -> None:
    """Delete the pod of a node, by its display name, once its container runs."""
    deadline = time.monotonic() + seconds
    selector = f"workflows.argoproj.io/workflow={workflow}"
    while True:
        for pod in json.loads(kubectl("get", "pods", "-l", selector, "-o", "json"))["items"]:
            named = pod["metadata"]["annotations"].get("workflows.argoproj.io/node-name", "")
            if named.endswith(node) and pod["status"]["phase"] == "Running":
                kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")
                return
        assert time.monotonic() < deadline, f"{node} of {workflow} did not run within {seconds} s"
        time.sleep(1)


def versions(bundle: Path) -> dict[str, str]:
    """What each object of a bundle is at: its resource version."""
    shown = "jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{'\\n'}{end}"
    lines = kubectl("get", "-k", str(bundle), "-o", shown).split()
    return dict(line.split("=") for line in lines)


def wait_for_run_of(cron: str, seconds: float) -> str:
    """The first Workflow that a CronWorkflow starts."""
    deadline = time.monotonic() + seconds
    while True:
        found = kubectl("get", "workflows", "-l", f"workflows.argoproj.io/cron-workflow={cron}", "-o", "name")
        if found:
            return found.split()[0].partition("/")[2]
        assert time.monotonic() < deadline, f"{cron} started nothing in {seconds} s"
        time.sleep(2)


def run_locally(flow: Path, folder: Path, parameters: Mapping[str, str], *options: str) -> tuple[str, int]:
    """Run the flow on this machine into `folder`; the run id, and the exit code of `flowc run`."""
    given = [word for name, value in parameters.items() for word in (f"--{name}", value)]
    place = f"file://{folder}/store"
    words = ["run", str(flow), "--run-id-file", str(folder / "run-id"), "--datastore", place, *options]
    done = subprocess.run([sys.executable, "-m", "flowc", *words, *given], check=False, capture_output=True)
    (folder / "run.log").write_bytes(done.stdout + done.stderr)
    return (folder / "run-id").read_text(), done.returncode


def store_of(url: str) -> Store:
    """A datastore as this side reaches it."""
    if ENDPOINT:
        os.environ["AWS_ENDPOINT_URL_S3"] = ENDPOINT
    return open_store(url)


def finished_tasks(store: Store, flow: str, run_id: str) -> dict[str, Task]:
    """The tasks of a run that have a marker, by `step/path`."""
    found: dict[str, Task] = {}
    prefix = contract.run_prefix(flow, run_id)
    for step in store.names(prefix):
        for path in store.names(f"{prefix}/{step}"):
            folder = f"{prefix}/{step}/{path}"
            marker = store.get(f"{folder}/{contract.MARKER_OBJECT}")
            if marker is not None:
                attempts = len(store.names(f"{folder}/{contract.ATTEMPTS_PREFIX}"))
                found[f"{contract.unescape_name(step)}/{path}"] = _task(store, json.loads(marker), attempts)
    return found


def attempt_times(store: Store, flow: str, run_id: str) -> list[tuple[float, float]]:
    """When each attempt of each task began and ended, also of those that failed."""
    found = []
    prefix = contract.run_prefix(flow, run_id)
    for step in store.names(prefix):
        for path in store.names(f"{prefix}/{step}"):
            attempts = f"{prefix}/{step}/{path}/{contract.ATTEMPTS_PREFIX}"
            for attempt in store.names(attempts):
                begun = _json(store, f"{attempts}/{attempt}/begin.json")
                ended = _json(store, f"{attempts}/{attempt}/end.json")
                found.append((begun["started"], ended["ended"]))
    return found


def logs(store: Store, flow: str, run_id: str, step: str) -> str:
    """What all attempts of a step's tasks printed."""
    found = []
    prefix = f"{contract.run_prefix(flow, run_id)}/{contract.escape_name(step)}"
    for path in store.names(prefix):
        attempts = f"{prefix}/{path}/{contract.ATTEMPTS_PREFIX}"
        found += [store.get(f"{attempts}/{name}/{contract.LOG_OBJECT}") for name in store.names(attempts)]
    return b"".join(log or b"" for log in found).decode()


def most_at_once(times: Sequence[tuple[float, float]]) -> int:
    """The most intervals that hold one moment."""
    return max(sum(start <= moment < end for start, end in times) for moment, _ in times)


def _task(store: Store, marker: dict[str, str], attempts: int) -> Task:
    record = _json(store, f"{marker['attempt']}/{contract.RECORD_OBJECT}")
    return Task(
        targets=tuple(record["targets"]),
        next=record["next"],
        splits=record.get("splits"),
        attempts=attempts,
        artifacts={name: entry["digest"] for name, entry in record["artifacts"].items()},
    )


def _json(store: Store, key: str) -> dict[str, Any]:
    content = store.get(key)
    assert content is not None, f"{key} is missing"
    found: dict[str, Any] = json.loads(content)
    return found
