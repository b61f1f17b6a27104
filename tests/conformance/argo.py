"""A real Kubernetes with Argo Workflows, named by environment variables.

    FLOWC_TEST_KUBECONFIG    how to reach the cluster; without it the tests are skipped
    FLOWC_TEST_NAMESPACE     where runs go [flows]
    FLOWC_TEST_IMAGE         an image the nodes hold, with Python and boto3 [flowc.local/task:2]
    FLOWC_TEST_S3_SECRET     the Secret whose keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [s3]

and the datastore of `observed`.

Invariant: the engine gets nothing but the compiled bundle and a Workflow that refers to it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.conformance import observed
from tests.conformance.observed import DATASTORE, ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KUBECONFIG = os.environ.get("FLOWC_TEST_KUBECONFIG", "")
NAMESPACE = os.environ.get("FLOWC_TEST_NAMESPACE", "flows")
IMAGE = os.environ.get("FLOWC_TEST_IMAGE", "flowc.local/task:2")
SECRET = os.environ.get("FLOWC_TEST_S3_SECRET", "s3")


class Ended(NamedTuple):
    """A workflow that has ended: its run id in the datastore, its nodes, and when its containers began and ended."""

    run_id: str
    phase: str
    message: str
    nodes: list[dict[str, Any]]
    containers: list[tuple[float, float]]

    def failures(self) -> str:
        """What went wrong, in the engine's words: one line for each node that did not end well."""
        bad = [node for node in self.nodes if node["phase"] in ("Failed", "Error")]
        return "\n".join(f"{n['displayName']} {n['type']} {n['phase']} {n.get('message', '')}" for n in bad)

    def pods(self) -> list[str]:
        """The display names of the pods that were made."""
        return [node["displayName"] for node in self.nodes if node["type"] == "Pod"]


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
        text = re.sub(r'memory: "?4096M"?', "memory: 200M", text)
        path.write_text(re.sub(r'cpu: "1"', "cpu: 20m", text))


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


def wait(workflow: str, seconds: float = 1800) -> Ended:
    """Wait for a run's end."""
    label = r"{.metadata.labels.workflows\.argoproj\.io/completed}"
    kubectl("wait", f"workflow/{workflow}", f"--for=jsonpath={label}=true", f"--timeout={seconds:.0f}s")
    status = json.loads(kubectl("get", "workflow", workflow, "-o", "json"))["status"]
    words = status["phase"], status.get("message", "")
    return Ended(
        f"argo-{workflow}", *words, list(status.get("nodes", {}).values()), container_times(workflow)
    )


def pods(workflow: str) -> list[dict[str, Any]]:
    """The pods of a run that the cluster still knows."""
    found = kubectl("get", "pods", "-l", f"workflows.argoproj.io/workflow={workflow}", "-o", "json")
    listed: list[dict[str, Any]] = json.loads(found)["items"]
    return listed


def container_times(workflow: str) -> list[tuple[float, float]]:
    """When the containers of a run's tasks began and ended, in whole seconds: what is apart stays apart."""
    found = []
    for pod in pods(workflow):
        for container in pod["status"].get("containerStatuses", ()):
            ended = container["state"].get("terminated", {})
            if container["name"] == "main" and ended.get("startedAt"):
                found.append((_seconds(ended["startedAt"]), _seconds(ended["finishedAt"])))
    return found


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def pod_log(node_id: str) -> str:
    """What the pod of a node printed."""
    for pod in json.loads(kubectl("get", "pods", "-o", "json"))["items"]:
        if pod["metadata"]["annotations"].get("workflows.argoproj.io/node-id") == node_id:
            return kubectl("logs", pod["metadata"]["name"], "-c", "main")
    raise AssertionError(f"{node_id} has no pod")


def running_pod(workflow: str, node: str, seconds: float = 300) -> dict[str, Any]:
    """The pod of a node, by its display name, once its container runs."""
    deadline = time.monotonic() + seconds
    while True:
        for pod in pods(workflow):
            named = pod["metadata"]["annotations"].get("workflows.argoproj.io/node-name", "")
            if named.endswith(node) and pod["status"]["phase"] == "Running":
                return pod
        assert time.monotonic() < deadline, f"{node} of {workflow} did not run within {seconds} s"
        time.sleep(1)


def succeeded(workflow: str, node: str, seconds: float = 300) -> None:
    """Wait until a node, by its display name, has ended well."""
    deadline = time.monotonic() + seconds
    while True:
        nodes = json.loads(kubectl("get", "workflow", workflow, "-o", "json"))["status"]["nodes"].values()
        if ("Succeeded", node) in {
            (found["phase"], found["displayName"].partition("(")[0]) for found in nodes
        }:
            return
        assert time.monotonic() < deadline, f"{node} of {workflow} was not done within {seconds} s"
        time.sleep(1)


def main_container(pod: Mapping[str, Any]) -> str:
    """The id of the container in which a pod's task runs."""
    (found,) = [c["containerID"] for c in pod["status"]["containerStatuses"] if c["name"] == "main"]
    return str(found).rpartition("/")[2]


def delete_pod(pod: Mapping[str, Any]) -> None:
    """Take a pod away, as whoever empties its node does."""
    kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")


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


class Bench(observed.Bench):
    """One test's folder: compiles, runs on the engine, runs here."""

    def deploy(self, flow: Path, *options: str) -> str:
        """Compile and apply; the template's name."""
        compile_flow(flow, self.folder / "bundle", *options)
        return apply(self.folder / "bundle")

    def run(
        self, flow: Path, parameters: Mapping[str, str] | None = None, *options: str, seconds: float = 1800
    ) -> Ended:
        """Run a flow on the engine to its end."""
        return wait(submit(self.deploy(flow, *options), parameters), seconds)

    def template(self) -> str:
        """The text of the flow's WorkflowTemplate."""
        (text,) = [
            t
            for p in (self.folder / "bundle").glob("*.yaml")
            if "kind: WorkflowTemplate" in (t := p.read_text())
        ]
        return text

    def certified(self, what: str) -> int:
        """What the compiler says of the run: `peak-tasks` at once, `total-tasks`."""
        found = re.search(rf'flowc.dev/{what}: "?(?:at most )?(\d+)', self.template())
        assert found is not None, what
        return int(found[1])

    def most_at_once(self, flow: str, ended: Ended) -> int:
        """The most tasks at one moment, by what they noted and by when their containers ran."""
        noted = observed.attempt_times(self.store, flow, ended.run_id)
        return max(observed.most_at_once(times) for times in (noted, ended.containers))
