"""What may become of a cluster while a run sends it tasks: each end by its name, nothing left there, all resumable.

Every test has a namespace, an account or a node of its own, and a server between where one is to be lost, so
that it hurts nobody. Skipped where no cluster is given (see `argo`).
"""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import argo, observed, sent
from tests.conformance.between import between
from tests.conformance.node import Node
from tests.conformance.sent import (
    FIRST,
    PLACE,
    RETRIED,
    SETTINGS,
    SLEEPS,
    account,
    kubeconfig,
    kubectl,
    own_namespace,
    pods_of,
    printed,
    resumed,
    started,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
    pytest.mark.usefixtures("sending"),
]

FAR = "@kubernetes(memory=300, cpu=0.05)"


def in_namespace(name: str) -> tuple[str, ...]:
    return (*PLACE, "--set", f"argo.namespace={name}")


# --------------------------------------------------------------------------- what a namespace allows
def quota(**hard: str) -> dict[str, Any]:
    own = {"hard": {name.replace("_", "."): amount for name, amount in hard.items()}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": own}


def limits(kind: str, **amounts: str) -> dict[str, Any]:
    """What containers may ask for at most (`max`), or have where they ask for nothing (`default`)."""
    own = {"type": "Container", kind: {name.replace("_", "-"): amount for name, amount in amounts.items()}}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "team"}, "spec": {"limits": [own]}}


def wait_until_counted(namespace: str) -> None:
    """Wait until the quota is in force: the controller has counted what is used."""
    words = ("-n", namespace, "wait", "resourcequota/team", "--for=jsonpath={.status.hard}", "--timeout=60s")
    kubectl(*words)


def test_pods_take_turns_where_a_quota_has_room_for_one(tmp_path: Path) -> None:
    with own_namespace(quota(pods="1")) as name:
        wait_until_counted(name)
        flow = written(tmp_path, decorators=FAR)
        run_id, code = observed.flowc(tmp_path, "run", str(flow), *in_namespace(name))
        assert code == 0, printed(tmp_path)
        said = f"flowc: the pod waits: the namespace `{name}` has no room for it: pods "
        assert said in printed(tmp_path)
        assert "total 60" in printed(tmp_path)
        assert pods_of(run_id, name) == []


REFUSALS = [
    (
        quota(requests_memory="100M"),
        "never has room for a pod of this size, even while nothing else is in it",
    ),
    (limits("max", memory="100M"), "maximum memory usage per Container is 100M, but limit is 300M"),
]


@pytest.mark.parametrize(("rule", "message"), REFUSALS, ids=["quota", "limit-range"])
def test_a_pod_that_the_namespace_never_takes_is_refused(
    tmp_path: Path, rule: dict[str, Any], message: str
) -> None:
    with own_namespace(rule) as name:
        if rule["kind"] == "ResourceQuota":
            wait_until_counted(name)
        flow = written(tmp_path, decorators=FAR)
        run_id, code = observed.flowc(tmp_path, "run", str(flow), *in_namespace(name))
        assert code == 2, printed(tmp_path)
        assert message in printed(tmp_path)
        assert pods_of(run_id, name) == []
        kubectl("-n", name, "delete", f"{rule['kind'].lower()}/team")
        assert resumed(tmp_path, flow, *in_namespace(name)) == 0, printed(tmp_path)
        assert "total 60" in printed(tmp_path)


# --------------------------------------------------------------------------- who asks
def test_credentials_that_are_none_end_the_run_before_a_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", kubeconfig(tmp_path, "nobody")["KUBECONFIG"])
    _, code = observed.flowc(tmp_path, "run", str(written(tmp_path, decorators=FAR)), *SETTINGS)
    assert code == 2
    assert "does not accept the credentials (Unauthorized): they may have expired" in printed(tmp_path)


def test_an_account_without_rights_is_told_which_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_namespace() as name:
        token = account(name, rights=[])
        monkeypatch.setenv("KUBECONFIG", kubeconfig(tmp_path, token)["KUBECONFIG"])
        _, code = observed.flowc(tmp_path, "run", str(written(tmp_path, decorators=FAR)), *in_namespace(name))
        assert code == 2
        needs = "the account needs `create`, `delete`, `get`, `list` and `watch` of `pods`, and `get` of `pods/log`"
        assert needs in printed(tmp_path)


def test_credentials_that_end_in_the_middle_end_the_run_and_what_is_done_is_kept(tmp_path: Path) -> None:
    with own_namespace() as name:
        variables = kubeconfig(tmp_path, account(name))
        flow = written(
            tmp_path, decorators=FAR, body='import time; print("sleeping", flush=True); time.sleep(15)'
        )
        settings = (*in_namespace(name), "--max-workers", "1")
        running = started(tmp_path, flow, "sleeping", *settings, **variables)
        kubectl("-n", name, "delete", "serviceaccount", "runner")
        assert running.wait(180) == 2, printed(tmp_path)
        assert "does not accept the credentials (Unauthorized): they may have expired" in printed(tmp_path)
        assert "2 of 6 tasks are kept" in printed(tmp_path)
        assert "its pod may still be there" not in printed(tmp_path), "the second pod was never made"
        assert resumed(tmp_path, flow, *in_namespace(name)) == 0, printed(tmp_path)
        assert "total 60" in printed(tmp_path)


# --------------------------------------------------------------------------- a server that is lost
def test_a_run_outlives_a_server_that_is_busy_cut_off_and_away(tmp_path: Path) -> None:
    there = sent.cluster()
    with own_namespace() as name, between(there["server"], there["certificate-authority"]) as proxy:
        proxy.busy.update(GET=1, POST=2, WATCH=1, LOG=2, DELETE=1)
        body = 'import time; print("sleeping", flush=True); time.sleep(40); print("woke", self.input)'
        variables = kubeconfig(tmp_path, account(name), proxy.address)
        running = started(
            tmp_path,
            written(tmp_path, decorators=FAR, body=body),
            "sleeping",
            *in_namespace(name),
            **variables,
        )
        proxy.cut()
        with proxy.gone():
            time.sleep(30)
        assert running.wait(240) == 0, printed(tmp_path)
        # No line is lost or repeated.
        assert sorted(re.findall(r"\] (woke \d|sleeping|total 60)", printed(tmp_path))) == [
            *["sleeping"] * 3,
            "total 60",
            *["woke 1", "woke 2", "woke 3"],
        ]
        assert proxy.busy.total() == 0
        assert pods_of((tmp_path / "run-id").read_text(), name) == []


# --------------------------------------------------------------------------- pods that are taken away
def test_an_evicted_pod_is_an_attempt_that_failed(tmp_path: Path) -> None:
    flow = written(tmp_path, decorators=f"{RETRIED}\n    {FAR}", body=FIRST + SLEEPS)
    running = started(tmp_path, flow, "sleeping", *SETTINGS)
    found = re.search(r"\(pod (\S+)\)\] sleeping", printed(tmp_path))
    assert found, printed(tmp_path)
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": found[1], "namespace": argo.NAMESPACE},
    }
    path = f"/api/v1/namespaces/{argo.NAMESPACE}/pods/{found[1]}/eviction"
    kubectl("create", "--raw", path, "-f", "-", content=eviction)
    assert running.wait(240) == 0, printed(tmp_path)
    assert "was ended by the cluster: EvictionByEvictionAPI" in printed(tmp_path)
    assert "total 60" in printed(tmp_path)


def test_a_pod_that_outgrows_its_disk_is_evicted(tmp_path: Path) -> None:
    fills = "open('/tmp/full', 'wb').write(bytes(90_000_000)); "
    flow = written(tmp_path, decorators=FAR, body=fills + SLEEPS)
    with own_namespace(limits("default", ephemeral_storage="20Mi")) as name:
        run_id, code = observed.flowc(tmp_path, "run", str(flow), *in_namespace(name), "--max-workers", "1")
        assert code == 1, printed(tmp_path)
        assert re.search(r"was evicted: Evicted: .*ephemeral local storage usage exceeds", printed(tmp_path))
        assert pods_of(run_id, name) == []


# --------------------------------------------------------------------------- a node that is lost
@pytest.fixture
def node() -> Iterator[Node]:
    made = Node(f"test-{secrets.token_hex(3)}")
    yield made
    made.remove()


NODE_GONE = {
    "removed": "was ended by the cluster: DeletionByPodGC: PodGC: node no longer exists",
    "drained": "was lost: its pod on the node {} was deleted",
}


@pytest.mark.parametrize("how", NODE_GONE)
def test_a_task_whose_node_is_gone_is_lost_and_the_run_resumes_elsewhere(
    tmp_path: Path, node: Node, how: str
) -> None:
    flow = written(tmp_path, decorators=node.decorator)
    running = started(tmp_path, flow, "runs on Kubernetes", *SETTINGS, "--max-workers", "1")
    pod = node.pod()
    node.begin(pod)
    if how == "removed":
        node.remove()
    else:
        kubectl("taint", "node", node.name, "flowc.dev/drained=yes:NoExecute")
    assert running.wait(300) == 1, printed(tmp_path)
    assert NODE_GONE[how].format(node.name) in printed(tmp_path)
    node.remove()
    assert resumed(tmp_path, written(tmp_path, decorators=FAR), *SETTINGS) == 0, printed(tmp_path)
    assert "total 60" in printed(tmp_path)
