"""Tasks that a run on this machine sends to the real cluster: the same results as here, and every end by its name.

Skipped where no cluster is given (see `argo`).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.conformance import argo, observed
from tests.conformance.cases import EXAMPLES
from tests.conformance.observed import assert_same, flow_name

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
]

SETTINGS = [
    *("--datastore", observed.DATASTORE, "--image", argo.IMAGE),
    *("--set", f"argo.namespace={argo.NAMESPACE}", "--set", f"argo.s3_secret={argo.SECRET}"),
    *(("--set", f"argo.s3_endpoint={observed.ENDPOINT}") if observed.ENDPOINT else ()),
]
SMALL = ("--with", "kubernetes:memory=300,cpu=0.05")
MIXED = """\
from flowc import FlowSpec, {imports}, step


class Sent(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2, 3]
        self.next(self.far, foreach="xs")

    {decorators}
    @kubernetes(memory={memory}, cpu=0.05)
    @step
    def far(self):
        {body}
        self.y = 10 * self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.y for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print("total", self.total)
"""


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", argo.KUBECONFIG)
    if observed.ENDPOINT:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", observed.ENDPOINT)


def written(
    folder: Path, *, imports: str = "kubernetes", memory: int = 300, decorators: str = "", body: str = "pass"
) -> Path:
    """A flow whose tasks of `far` are sent away."""
    flow = folder / "sent.py"
    flow.write_text(MIXED.format(imports=imports, memory=memory, decorators=decorators, body=body))
    return flow


def printed(folder: Path) -> str:
    """What the last run printed."""
    return (folder / "run.log").read_text()


def pods_of(run_id: str) -> list[str]:
    """The names of the pods of a run that are left, those apart that the node is taking down."""
    words = ["kubectl", "-n", argo.NAMESPACE, "get", "pods", "-l", f"flowc.dev/run={run_id}", "-o", "json"]
    found = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return [p["metadata"]["name"] for p in found["items"] if "deletionTimestamp" not in p["metadata"]]


@pytest.mark.parametrize("name", ["branch_in_foreach.py", "gang.py", "loop.py", "catch_failure.py"])
def test_the_same_tasks_as_here(tmp_path: Path, name: str) -> None:
    file = EXAMPLES / name
    run_id, code = observed.flowc(tmp_path, "run", str(file), *SETTINGS, *SMALL)
    assert code == 0, printed(tmp_path)
    sent = observed.finished_tasks(observed.store_of(observed.DATASTORE), flow_name(file), run_id)
    here, _ = observed.run_locally(file, tmp_path, {})
    local = observed.finished_tasks(observed.store_of(f"file://{tmp_path}/store"), flow_name(file), here)
    assert_same(sent, local)
    assert pods_of(run_id) == []


def test_some_steps_are_sent_and_the_rest_is_run_here(tmp_path: Path) -> None:
    run_id, code = observed.flowc(
        tmp_path, "run", str(written(tmp_path, body='print("far")')), *SETTINGS, "--max-workers", "2"
    )
    assert code == 0, printed(tmp_path)
    assert len(re.findall(r"/far/r\.\d \(pod \S+\)\] far", printed(tmp_path))) == 3
    assert re.search(r"/end/r \(pid \d+\)\] total 60", printed(tmp_path))
    assert pods_of(run_id) == []


EATS = "held = bytearray(900_000_000); held[::4096] = b'1' * len(held[::4096])"
FAULTS = [
    ({"body": EATS}, (), "was killed for its memory (OOMKilled)"),
    ({"body": "pass"}, ("--image", "flowc.local/nosuch:1"), "has no container: its image cannot be pulled"),
    ({"body": "pass"}, ("--set", "argo.s3_secret=nosuch"), 'secret "nosuch" not found'),
    ({"body": "pass"}, ("--set", "argo.namespace=nosuch"), "create the namespace `nosuch`"),
    ({"body": "pass"}, ("--service-account", "nosuch"), 'serviceaccount "nosuch" not found'),
]


@pytest.mark.parametrize(("flow", "options", "message"), FAULTS)
def test_what_goes_wrong_is_said(
    tmp_path: Path, flow: dict[str, str], options: tuple[str, ...], message: str
) -> None:
    run_id, code = observed.flowc(tmp_path, "run", str(written(tmp_path, **flow)), *SETTINGS, *options)  # type: ignore[arg-type]
    assert code in (1, 2)
    assert message in printed(tmp_path)
    assert pods_of(run_id) == []


def started(folder: Path, flow: Path, until: str) -> subprocess.Popen[bytes]:
    """A run in the background that has printed `until`."""
    log = folder / "run.log"
    words = [
        sys.executable,
        "-m",
        "flowc",
        "run",
        str(flow),
        *SETTINGS,
        "--run-id-file",
        str(folder / "run-id"),
    ]
    with log.open("wb") as stream:
        running = subprocess.Popen(words, stdout=stream, stderr=stream)
    deadline = time.monotonic() + 120
    while until not in log.read_text() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    return running


SLEEPS = 'import time; print("sleeping", flush=True); time.sleep(300)'


def test_ctrl_c_takes_the_pods_along(tmp_path: Path) -> None:
    running = started(tmp_path, written(tmp_path, body=SLEEPS), "sleeping")
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130, printed(tmp_path)
    assert pods_of((tmp_path / "run-id").read_text()) == []


def test_a_pod_that_no_node_takes_says_why(tmp_path: Path) -> None:
    running = started(tmp_path, written(tmp_path, memory=9_000_000), "no node takes it")
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130, printed(tmp_path)
    assert "Insufficient memory" in printed(tmp_path)


def test_a_pod_that_is_deleted_is_an_attempt_that_failed(tmp_path: Path) -> None:
    body = f"from metaflow import current\n        if not current.retry_count and self.input == 1: {SLEEPS}"
    flow = written(
        tmp_path,
        imports="kubernetes, retry",
        decorators="@retry(times=1, minutes_between_retries=0)",
        body=body,
    )
    running = started(tmp_path, flow, "sleeping")
    found = re.search(r"\(pod (\S+)\)\] sleeping", printed(tmp_path))
    assert found, printed(tmp_path)
    words = ["kubectl", "-n", argo.NAMESPACE, "delete", "pod", found[1], "--force", "--grace-period=0"]
    subprocess.run(words, check=True, capture_output=True, env=os.environ)
    assert running.wait(180) == 0, printed(tmp_path)
    assert "was lost: its pod on the node" in printed(tmp_path)
    assert "total 60" in printed(tmp_path)
