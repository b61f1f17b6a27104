"""`flowc deploy`, `submit`, `status`, `logs`, `cancel`, `undeploy` and `gc` against the real cluster.

Skipped where no cluster is given (see `argo`).
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from flowc.deploy.argo import cluster, remove
from tests.conformance import argo, observed
from tests.conformance.deployed import fail_and_resume, follow_a_run
from tests.conformance.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl"),
]

SETTINGS = f"""\
image = "{argo.IMAGE}"
datastore = "{observed.DATASTORE}"
[tool.flowc.argo]
namespace = "{argo.NAMESPACE}"
image_pull_policy = "IfNotPresent"
s3_secret = "{argo.SECRET}"
s3_endpoint = "{observed.ENDPOINT}"
"""
SMALL = ("--with", "resources:memory=300")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    surroundings = {"KUBECONFIG": argo.KUBECONFIG, "AWS_ENDPOINT_URL_S3": observed.ENDPOINT}
    made = Desk(tmp_path, "argo", SETTINGS, surroundings, *SMALL)
    yield made
    made.run("undeploy", made.name, "--force")


# --------------------------------------------------------------------------- bundles
def test_the_same_bundle_again_changes_nothing(desk: Desk) -> None:
    first = desk.deploy()
    assert f"created WorkflowTemplate/{desk.name}" in first
    assert {line.split()[0] for line in first} == {"created"}
    assert desk.deploy() == [line.replace("created", "unchanged") for line in first]
    desk.write("self.changed = True")
    changes = {line.split()[0] for line in desk.deploy()}
    assert changes == {"created", "changed", "unchanged"}, "new code, and the template that names it"


def test_a_dry_run_sends_nothing(desk: Desk) -> None:
    ended = desk.run("deploy", "flow.py", "--dry-run")
    assert f"WorkflowTemplate/{desk.name}\n" in ended.out
    desk.refused("submit flow.py", f"no flow `{desk.name}` is deployed in the namespace `{argo.NAMESPACE}`")


def test_code_is_kept_while_a_template_or_a_run_names_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", argo.KUBECONFIG)
    desk.deploy()
    reached = cluster.connect(None, argo.NAMESPACE)
    (code,) = remove.code_of(reached, desk.name)
    # Only this flow's code is looked at, however young: other tests' is not this one's to remove.
    monkeypatch.setattr(remove, "_code_names", lambda *_: iter(remove_names(reached, desk.name)))
    assert list(remove.collect(reached, dry_run=False)) == []
    assert desk.run("undeploy", "flow.py").code == 0
    assert [outcome.thing for outcome in remove.collect(reached, dry_run=False)] == [f"ConfigMap/{code}"]
    assert remove_names(reached, desk.name) == []


def remove_names(reached: cluster.Cluster, flow: str) -> list[str]:
    """The ConfigMaps of a flow's code."""
    names = argo.kubectl("get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}").split()
    assert reached.namespace == argo.NAMESPACE
    return [name for name in names if name.startswith(f"{flow}-code-")]


# --------------------------------------------------------------------------- runs
def test_a_run_is_followed_to_its_end(desk: Desk) -> None:
    assert "succeeded: start 1 done, each 3 done, join 1 done, end 1 done" in follow_a_run(desk)


def test_a_run_that_fails_says_where_and_is_resumed(desk: Desk) -> None:
    fail_and_resume(desk, "")


# --------------------------------------------------------------------------- what is refused
def kubeconfig(desk: Desk, *, token: str = "", server: str = "") -> dict[str, str]:
    """The variables of someone with a token of their own, or who looks for the cluster elsewhere."""
    config = json.loads(argo.kubectl("config", "view", "--raw", "-o", "json"))
    if token:
        config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    if server:
        config["clusters"][0]["cluster"]["server"] = server
    desk.put("kubeconfig", json.dumps(config))
    return {"KUBECONFIG": str(desk.folder / "kubeconfig")}


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("deploy flow.py", " get "),
        ("submit flow.py", "get workflowtemplates.argoproj.io"),
        ("status argo-x", "get workflows.argoproj.io"),
        ("undeploy flow.py", "list workflows.argoproj.io"),
        ("gc", "list configmaps"),
    ],
)
def test_a_missing_permission_is_named(desk: Desk, command: str, missing: str) -> None:
    argo.kubectl("create", "serviceaccount", desk.name)
    try:
        nobody = kubeconfig(desk, token=argo.kubectl("create", "token", desk.name).strip())
        user = f"`system:serviceaccount:{argo.NAMESPACE}:{desk.name}`"
        place = (
            () if command.startswith(("deploy", "submit", "undeploy")) else ("--namespace", argo.NAMESPACE)
        )
        desk.refused(" ".join((command, *place)), f"does not let {user}", missing, **nobody)
    finally:
        argo.kubectl("delete", "serviceaccount", desk.name)


@pytest.mark.parametrize(
    "command", ["deploy flow.py", "submit flow.py", "status argo-x", "undeploy flow.py", "gc"]
)
def test_credentials_and_places_that_do_not_hold_are_told(desk: Desk, command: str) -> None:
    expired = kubeconfig(desk, token="eyJhbGciOiJSUzI1NiJ9.e30.x")  # noqa: S106 - nobody's
    desk.refused(command, "does not accept these credentials", "log in again", **expired)
    away = kubeconfig(desk, server="https://127.0.0.1:9")
    desk.refused(command, "the cluster at https://127.0.0.1:9 does not answer", **away)


def test_what_is_not_there_is_met_with_what_is(desk: Desk) -> None:
    desk.refused("deploy flow.py --namespace nobodys", "has no namespace `nobodys`")
    desk.deploy()
    desk.refused(f"submit {desk.name}x --namespace {argo.NAMESPACE}", f"did you mean `{desk.name}`?")
    desk.refused(f"status argo-nobody-knows --namespace {argo.NAMESPACE}", "has no run `argo-nobody-knows`")


def test_a_cluster_without_argo_events_is_told_what_it_lacks(desk: Desk) -> None:
    text = (desk.folder / "flow.py").read_text()
    triggered = text.replace("step\n\n", "step, trigger\n\n", 1).replace(
        "class ", "@trigger(event='x')\nclass ", 1
    )
    desk.put("flow.py", triggered)
    desk.refused("deploy flow.py", "does not know sensors.argoproj.io", "Argo Events")
