"""Tasks that a run on this machine sends to the real cluster: the same results as here, and every end by its name.

Skipped where no cluster is given (see `argo`).
"""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.conformance import argo, observed
from tests.conformance.cases import EXAMPLES
from tests.conformance.observed import assert_same, flow_name
from tests.conformance.sent import (
    BIG_SUM,
    FIRST,
    NUMPY_IMAGE,
    RETRIED,
    SETTINGS,
    SLEEPS,
    SMALL,
    big_sum,
    kubectl,
    pods_of,
    printed,
    started,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
    pytest.mark.usefixtures("sending"),
]

FAR = "@kubernetes(memory={}, cpu=0.05)"


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


@pytest.mark.parametrize("name", BIG_SUM)
def test_the_page_s_program(tmp_path: Path, name: str) -> None:
    flow = big_sum(tmp_path, name)
    own = ("--image", NUMPY_IMAGE, "--with", "kubernetes:cpu=0.1", "--size", "1000")
    run_id, code = observed.flowc(tmp_path, "run", str(flow), *SETTINGS, *own)
    assert code == 0, printed(tmp_path)
    assert re.search(r"\(pod \S+\)\] The sum is (49|50)\d{4}\.\d{6}\.\n", printed(tmp_path))
    assert pods_of(run_id) == []


def test_some_steps_are_sent_and_the_rest_is_run_here(tmp_path: Path) -> None:
    run_id, code = observed.flowc(
        tmp_path,
        "run",
        str(written(tmp_path, decorators=FAR.format(300), body='print("far")')),
        *SETTINGS,
        *("--max-workers", "2"),
    )
    assert code == 0, printed(tmp_path)
    assert len(re.findall(r"/far/r\.\d \(pod \S+\)\] far", printed(tmp_path))) == 3
    assert re.search(r"/end/r \(pid \d+\)\] total 60", printed(tmp_path))
    assert pods_of(run_id) == []


EATS = "held = bytearray(900_000_000); held[::4096] = b'1' * len(held[::4096])"
FAULTS = [
    (EATS, (), "was killed for its memory (OOMKilled)"),
    ("pass", ("--image", "flowc.local/nosuch:1"), "has no container: its image cannot be pulled"),
    ("pass", ("--set", "argo.s3_secret=nosuch"), 'secret "nosuch" not found'),
    ("pass", ("--set", "argo.namespace=nosuch"), "create the namespace `nosuch`"),
    ("pass", ("--service-account", "nosuch"), 'serviceaccount "nosuch" not found'),
]


@pytest.mark.parametrize(("body", "options", "message"), FAULTS)
def test_what_goes_wrong_is_said(tmp_path: Path, body: str, options: tuple[str, ...], message: str) -> None:
    flow = written(tmp_path, decorators=FAR.format(300), body=body)
    run_id, code = observed.flowc(tmp_path, "run", str(flow), *SETTINGS, *options)
    assert code in (1, 2)
    assert message in printed(tmp_path)
    assert pods_of(run_id) == []


def test_ctrl_c_takes_the_pods_along(tmp_path: Path) -> None:
    running = started(
        tmp_path, written(tmp_path, decorators=FAR.format(300), body=SLEEPS), "sleeping", *SETTINGS
    )
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130, printed(tmp_path)
    assert pods_of((tmp_path / "run-id").read_text()) == []


@pytest.mark.parametrize(
    ("asked", "lacks"), [("memory=9_000_000", "memory"), ("memory=300, gpu=2", "nvidia.com/gpu")]
)
def test_a_pod_that_no_node_takes_says_why(tmp_path: Path, asked: str, lacks: str) -> None:
    flow = written(tmp_path, decorators=f"@kubernetes({asked}, cpu=0.05)")
    running = started(tmp_path, flow, "no node takes it", *SETTINGS)
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130, printed(tmp_path)
    assert f"Insufficient {lacks}" in printed(tmp_path)
    assert re.search(rf"\(it asks for cpu 50m, .*{lacks} \w+\)", printed(tmp_path))


def test_a_pod_that_is_deleted_is_an_attempt_that_failed(tmp_path: Path) -> None:
    flow = written(tmp_path, decorators=f"{RETRIED}\n    {FAR.format(300)}", body=FIRST + SLEEPS)
    running = started(tmp_path, flow, "sleeping", *SETTINGS)
    found = re.search(r"\(pod (\S+)\)\] sleeping", printed(tmp_path))
    assert found, printed(tmp_path)
    kubectl("-n", argo.NAMESPACE, "delete", "pod", found[1], "--force", "--grace-period=0")
    assert running.wait(180) == 0, printed(tmp_path)
    assert "was lost: its pod on the node" in printed(tmp_path)
    assert "total 60" in printed(tmp_path)
