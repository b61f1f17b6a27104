"""`flowc deploy` to a cluster: what is applied and told, and what is refused."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import BROKEN, HELLO, check, refused
from tests.kubeserver import kube_server
from tests.published import followed
from tests.unit.cli.deploying.argo import CONFIGURED, SCHEDULED, code_name

if TYPE_CHECKING:
    from tests.commands import Project, Run
    from tests.kubeserver import KubeServer

pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")


def test_what_is_named_by_others_is_applied_before_them(server: KubeServer, run: Run) -> None:
    assert run("deploy", "hello.py").code == 0
    code = code_name(server)
    assert server.log == [
        "patch serviceaccounts/hello-runner",
        f"patch configmaps/{code}",
        "patch roles/hello-executor",
        "patch rolebindings/hello-executor",
        "patch workflowtemplates/hello",
    ]


def test_the_same_bundle_again_changes_nothing(server: KubeServer, run: Run) -> None:
    assert run("compile", "hello.py", "-o", "out").code == 0
    first = run("deploy", "out")
    before = json.dumps(server.objects)
    second = run("deploy", "out")
    assert first.out.count("created") == 5
    assert second.out.count("unchanged") == 5
    assert "hello: unchanged" in second.err
    assert json.dumps(server.objects) == before


def test_a_change_is_told_where_it_is(server: KubeServer, run: Run) -> None:
    run("deploy", "hello.py")
    check(
        run,
        "deploy hello.py --max-workers 3",
        f"""
        unchanged  ServiceAccount/hello-runner
        unchanged  ConfigMap/{code_name(server)}
        unchanged  Role/hello-executor
        unchanged  RoleBinding/hello-executor
        changed    WorkflowTemplate/hello
        """,
    )


def test_a_schedule_that_the_flow_no_longer_has_stops(project: Project, server: KubeServer, run: Run) -> None:
    project.write(hello=SCHEDULED)
    assert "created    CronWorkflow/hello" in run("deploy", "hello.py").out
    project.write(hello=HELLO)
    assert "removed    CronWorkflow/hello  (the bundle has it no more)" in run("deploy", "hello.py").out
    assert "default/cronworkflows/hello" not in server.objects


def test_a_schedule_of_someone_else_stays(server: KubeServer, run: Run) -> None:
    server.put("cronworkflows", {"metadata": {"name": "hello"}, "spec": {}})
    assert run("deploy", "hello.py").code == 0
    assert "default/cronworkflows/hello" in server.objects


def test_a_cluster_without_events_takes_flows_without_triggers(server: KubeServer, run: Run) -> None:
    server.unserved.add("sensors")
    assert run("deploy", "hello.py").code == 0


def test_the_context_says_the_namespace(server: KubeServer, project: Project, run: Run) -> None:
    server.kubeconfig(project.folder / "kubeconfig", namespace="flows")
    assert run("deploy", "hello.py").code == 0
    assert "flows/workflowtemplates/hello" in server.objects


def test_a_dry_run_needs_no_cluster(server: KubeServer, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "nowhere")
    ended = run("deploy", "hello.py", "--dry-run", "--namespace", "flows")
    assert [line.partition("/")[0] for line in ended.out.splitlines()] == [
        "ServiceAccount", "ConfigMap", "Role", "RoleBinding", "WorkflowTemplate",
    ]  # fmt: skip
    assert "the namespace flows" in ended.err
    assert server.log == []


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_json_has_its_schema(server: KubeServer, run: Run, options: tuple[str, ...]) -> None:
    document = followed("deploy", run("deploy", "hello.py", "--json", *options).out)
    assert len(document["things"]) == 5
    assert bool(server.log) != bool(options)


def test_an_error_in_the_flow_deploys_nothing(project: Project, server: KubeServer, run: Run) -> None:
    project.write(hello=BROKEN)
    refused(run, "deploy hello.py", "FC", code=1)
    assert server.log == []


def test_a_committed_bundle_is_not_shaped_any_more(server: KubeServer, run: Run) -> None:
    run("compile", "hello.py", "-o", "out")
    refused(run, "deploy out --max-workers 3", "`--max-workers` cannot change a bundle")
    assert server.log == []


def test_what_holds_no_bundle_is_refused(project: Project, server: KubeServer, run: Run) -> None:
    project.put("empty/readme.txt", "").put("other/pod.yaml", "kind: Pod\nmetadata: {name: x}\n")
    refused(run, "deploy empty", "`empty` holds no bundle")
    refused(run, "deploy other", "no bundle of flowc has: Pod")
    refused(run, "deploy missing.py", "there is no file `missing.py`")
    assert server.log == []


# --------------------------------------------------------------------------- refusals
def test_a_forbidden_verb_is_named(server: KubeServer, run: Run) -> None:
    server.forbidden.add("patch workflowtemplates")
    refused(
        run,
        "deploy hello.py",
        "does not let `eve` patch workflowtemplates.argoproj.io in the namespace `default`",
        "kubectl auth can-i patch workflowtemplates.argoproj.io -n default",
    )


def test_a_cluster_without_argo_is_told_before_anything_is_sent(server: KubeServer, run: Run) -> None:
    server.unserved |= {"workflowtemplates", "cronworkflows", "workflows"}
    refused(run, "deploy hello.py", "does not know workflowtemplates.argoproj.io", "install Argo Workflows")
    assert server.log == []


def test_a_namespace_that_is_missing_is_named(server: KubeServer, run: Run) -> None:
    refused(
        run, "deploy hello.py --namespace nope", "has no namespace `nope`", "kubectl create namespace nope"
    )
    assert server.objects == {}


def test_fields_of_another_tool_are_taken_over_by_force_alone(server: KubeServer, run: Run) -> None:
    server.owners["workflowtemplates/hello"] = "argocd-controller"
    refused(run, "deploy hello.py", "`argocd-controller` keeps otherwise (.spec.parallelism)", "`--force`")
    assert run("deploy", "hello.py", "--force").code == 0


def test_expired_credentials_are_told(server: KubeServer, run: Run) -> None:
    server.accepts = "another token"
    refused(run, "deploy hello.py", "does not accept these credentials", "log in again")


def test_a_cluster_that_does_not_answer_is_named(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.put("pyproject.toml", CONFIGURED).write(hello=HELLO)
    with kube_server() as gone:
        path = gone.kubeconfig(project.folder / "kubeconfig")
    monkeypatch.setenv("KUBECONFIG", str(path))
    refused(run, "deploy hello.py", f"the cluster at http://127.0.0.1:{gone.server_port} does not answer")


@pytest.mark.parametrize("content", [None, "", "a: [", "[]", "kind: Config", '{"current-context": "x"}'])
def test_a_kubeconfig_that_cannot_be_used_is_named(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    project.put("pyproject.toml", CONFIGURED).write(hello=HELLO)
    if content is not None:
        project.put("kubeconfig", content)
    monkeypatch.setenv("KUBECONFIG", "kubeconfig")
    refused(run, "deploy hello.py", "there is no cluster to talk to: kubeconfig cannot be used")


@pytest.mark.usefixtures("server")
def test_an_unknown_context_is_named(run: Run) -> None:
    refused(run, "deploy hello.py --context elsewhere", "(context `elsewhere`) cannot be used")


@pytest.mark.usefixtures("server")
def test_a_missing_client_is_told_with_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    refused(run, "deploy hello.py", "pip install 'flowc[kubernetes]'")
