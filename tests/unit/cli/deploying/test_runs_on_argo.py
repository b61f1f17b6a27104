"""`flowc status`, `cancel`, `undeploy` and `gc` on a cluster: what they say of runs, and what they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import check, refused
from tests.published import followed
from tests.unit.cli.deploying.argo import SCHEDULED, code_name, put_run, submitted

if TYPE_CHECKING:
    from tests.commands import Project, Run
    from tests.kubeserver import KubeServer

pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")


FAILED = {
    "phase": "Failed",
    "startedAt": "2026-01-01T00:00:00Z",
    "finishedAt": "2026-01-01T00:01:00Z",
    "message": "child 'fit' failed",
    "nodes": {
        "a": {"type": "Pod", "displayName": "start", "phase": "Succeeded", "startedAt": "2026-01-01T00:00:00Z"},
        "b": {
            "type": "Pod", "displayName": "fit(1:1)", "phase": "Failed", "message": "main: exit code 1",
            "startedAt": "2026-01-01T00:00:30Z", "inputs": {"parameters": [{"name": "path", "value": "r.1"}]},
        },
    },
}  # fmt: skip


def test_a_run_is_shown_by_its_steps(server: KubeServer, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowc.cli.deploying.states.clock", lambda _: "2026-01-01 00:00:00")
    put_run(server, FAILED)
    check(
        run,
        "status argo-train-x7k2p",
        """
        run               flow   state   started                   time  message
        argo-train-x7k2p  train  failed  2026-01-01 00:00:00  1 min 0 s  child 'fit' failed

        step   succeeded  failed
        start          1
        fit                    1

        fit/r.1 failed: main: exit code 1
        """,
        code=1,
    )


def test_the_json_of_a_run_has_its_schema(server: KubeServer, run: Run) -> None:
    put_run(server, FAILED)
    document = followed("status", run("status", "argo-train-x7k2p", "--json").out)
    assert document["troubles"] == [
        {"step": "fit", "path": "r.1", "message": "main: exit code 1", "failed": True}
    ]


@pytest.mark.parametrize("words", ["status argo-nope", "cancel argo-nope"])
def test_an_unknown_run_is_met_with_the_nearest(server: KubeServer, run: Run, words: str) -> None:
    put_run(server, FAILED, name="none")
    refused(run, words, "has no run `argo-nope`; did you mean `argo-none`?", "`flowc show argo-nope`")


def test_a_run_of_this_machine_is_no_run_of_an_engine(run: Run) -> None:
    refused(run, "status hello-3f2a1c", "`hello-3f2a1c` is no run on an engine", "`flowc show`")


def test_waiting_ends_with_the_run_and_its_exit_code(
    server: KubeServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([{}, {"phase": "Running"}, None, FAILED])
    put_run(server, {})

    def meanwhile(_: float) -> None:
        status = next(looks)
        if status is None:
            server.busy = 1  # out of reach for a moment
        else:
            put_run(server, status)

    monkeypatch.setattr("time.sleep", meanwhile)
    ended = run("status", "argo-train-x7k2p", "--wait")
    told = [line[9:] if line[2:3] == ":" else line for line in ended.err.splitlines()]
    assert told == [
        "pending",
        "running",
        "failed: start 1 done, fit 1 failed",
        "         fit/r.1 failed: main: exit code 1",
        "Run argo-train-x7k2p failed after 1 min 0 s: child 'fit' failed.",
        "what it printed: flowc logs argo-train-x7k2p/fit/r.1",
    ]
    assert ended.code == 1


def test_an_interruption_leaves_the_run(
    server: KubeServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    put_run(server, {"phase": "Running"})
    monkeypatch.setattr("time.sleep", interrupted)
    refused(
        run, "status argo-train-x7k2p --wait", "the run goes on", "`flowc cancel argo-train-x7k2p`", code=130
    )


@pytest.mark.parametrize(
    ("options", "shutdown"), [("", "Stop"), ("--no-hooks", "Terminate"), ("--dry-run", None)]
)
def test_a_run_is_stopped(server: KubeServer, run: Run, options: str, shutdown: str | None) -> None:
    put_run(server, {"phase": "Running"})
    assert run("cancel", "argo-train-x7k2p", *options.split()).code == 0
    assert submitted(server).get("shutdown") == shutdown


def test_an_ended_run_is_not_stopped_again(server: KubeServer, run: Run) -> None:
    put_run(server, FAILED)
    ended = run("cancel", "argo-train-x7k2p")
    assert "has ended already: failed" in ended.err
    assert server.log == []


# --------------------------------------------------------------------------- undeploy, gc
def test_undeploying_leaves_code_and_what_is_not_ours(project: Project, server: KubeServer, run: Run) -> None:
    project.write(hello=SCHEDULED)
    run("deploy", "hello.py")
    code = code_name(server)
    ended = run("undeploy", "hello.py")
    assert [line.split()[1] for line in ended.out.splitlines()] == [
        "CronWorkflow/hello",
        "WorkflowTemplate/hello",
        "RoleBinding/hello-executor",
        "Role/hello-executor",
        "ServiceAccount/hello-runner",
    ]
    assert list(server.objects) == [f"default/configmaps/{code}"]
    assert "1 ConfigMap with code stays" in ended.err
    refused(run, "undeploy hello", "no flow `hello` is deployed")


def test_undeploying_waits_for_runs(server: KubeServer, run: Run) -> None:
    run("deploy", "hello.py")
    put_run(server, {"phase": "Running"}, workflowTemplateRef={"name": "hello"})  # type: ignore[arg-type]
    refused(run, "undeploy hello", "`hello` has runs under way (argo-train-x7k2p)", "--force")
    assert "default/workflowtemplates/hello" in server.objects
    assert run("undeploy", "hello", "--force").code == 0


def test_gc_keeps_code_that_a_template_or_a_run_names(server: KubeServer, run: Run) -> None:
    for name in ("a-code-00000000", "a-code-00000001", "a-code-00000002", "a-code-00000003", "a-notes"):
        server.put(
            "configmaps", {"metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "flowc"}}}
        )
    server.put("configmaps", {"metadata": {"name": "b-code-00000004"}})
    volume = {"name": "flowc-code", "configMap": {"name": "a-code-00000000"}}
    server.put("workflowtemplates", {"metadata": {"name": "a"}, "spec": {"volumes": [volume]}})
    stored = {"volumes": [{"configMap": {"name": "a-code-00000001"}}]}
    put_run(server, {"phase": "Running", "storedWorkflowTemplateSpec": stored})
    server.objects["default/configmaps/a-code-00000003"]["metadata"]["creationTimestamp"] = (
        "2999-01-01T00:00:00Z"
    )
    check(run, "gc --dry-run", "would be removed    ConfigMap/a-code-00000002\n")
    check(run, "gc", "removed    ConfigMap/a-code-00000002\n")
    assert "nothing is left over" in run("gc").err
