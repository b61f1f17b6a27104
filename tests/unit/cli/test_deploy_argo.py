"""`flowc deploy`, `submit`, `status`, `cancel`, `undeploy` and `gc` against an API server of a page."""

from __future__ import annotations

import json
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from flowc import share
from tests.commands import BROKEN, HELLO
from tests.kubeserver import kube_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.commands import Ended, Project
    from tests.kubeserver import KubeServer

    Run = Callable[..., Ended]

pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

CONFIGURED = '[tool.flowc]\nimage = "img:1"\ndatastore = "s3://data/runs"\ntargets = ["argo"]\n'
TYPED = """\
from flowc import FlowSpec, IncludeFile, Parameter, step


class Typed(FlowSpec):
    title = Parameter("title", required=True)
    rounds = Parameter("max_rounds", default=3)
    data = IncludeFile("data")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
SCHEDULED = HELLO.replace("class Hello", "@schedule(cron='5 4 * * *')\nclass Hello").replace(
    "import FlowSpec", "import FlowSpec, schedule"
)


@pytest.fixture
def server(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubeServer]:
    project.put("pyproject.toml", CONFIGURED).write(hello=HELLO, typed=TYPED)
    with kube_server() as server:
        monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(project.folder / "kubeconfig")))
        yield server


def check(run: Run, command: str, expected: str, code: int = 0) -> None:
    """What a command prints on standard output."""
    ended = run(*command.split())
    assert (ended.out, ended.code) == (dedent(expected).lstrip("\n"), code), ended.err


def refused(run: Run, command: str, *parts: str, code: int = 2) -> None:
    """A command that ends with a message which has the parts."""
    ended = run(*command.split())
    assert ended.code == code, ended.err
    for part in parts:
        assert part in ended.err


def code_name(server: KubeServer) -> str:
    return next(key.rpartition("/")[2] for key in server.objects if "/configmaps/" in key)


# --------------------------------------------------------------------------- deploy
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
    document = json.loads(run("deploy", "hello.py", "--json", *options).out)
    jsonschema.validate(document, schema("deploy"))
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


# --------------------------------------------------------------------------- submit
def submitted(server: KubeServer) -> dict[str, Any]:
    found = next(o for key, o in server.objects.items() if "/workflows/" in key)
    spec: dict[str, Any] = found["spec"]
    return spec


@pytest.mark.parametrize("flow", ["typed.py", "typed"])
def test_parameters_are_sent_as_texts(server: KubeServer, run: Run, flow: str) -> None:
    run("deploy", "typed.py")
    ended = run(
        "submit", flow, "--target", "argo", "--title", "{{=1+1}} é", "--max-rounds", "7", "--data", "s3://b/k"
    )
    assert ended.out.startswith("argo-typed-")
    assert submitted(server) == {
        "workflowTemplateRef": {"name": "typed"},
        "arguments": {
            "parameters": [
                {"name": "title", "value": "{{=1+1}} é"},
                {"name": "max_rounds", "value": "7"},
                {"name": "data", "value": "s3://b/k"},
            ]
        },
    }


@pytest.mark.parametrize("flow", ["typed.py", "typed"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "the flow's parameter `--title` is required"),
        ("--title x --max-rounds many", "`--max-rounds` takes a whole number, not `many`"),
        ("--titel x", "did you mean `--title`?"),
        (
            "--title x --data typed.py --datastore file:///x",
            "`--data` cannot send a file of this machine to the run's tasks",
        ),
        (
            "--title x --config c typed.py",
            "`--config` is part of what was deployed: give it to `flowc deploy`",
        ),
        ("--title x --from end", "`--from` needs `--origin-run`"),
        ("--title x --origin-run argo-typed-1", "`--title` cannot be given with `--origin-run`"),
    ],
)
def test_wrong_inputs_start_nothing(
    server: KubeServer, run: Run, flow: str, options: str, message: str
) -> None:
    run("deploy", "typed.py")
    server.log.clear()
    refused(run, f"submit {flow} {options}", message)
    assert server.log == []


def test_a_run_that_resumes_another_has_its_parameters(server: KubeServer, run: Run) -> None:
    run("deploy", "typed.py")
    assert run("submit", "typed", "--origin-run", "sfn-typed-1", "--from", "end", "--tag", "x").code == 0
    assert submitted(server)["arguments"]["parameters"] == [
        {"name": "title", "value": "@flowc:default"},
        {"name": "flowc-origin-run", "value": "sfn-typed-1"},
        {"name": "flowc-from-step", "value": "end"},
        {"name": "flowc-tags", "value": '["x"]'},
    ]


def test_a_template_that_leaves_its_image_open_is_given_one(
    project: Project, server: KubeServer, run: Run
) -> None:
    project.put("pyproject.toml", CONFIGURED.replace('image = "img:1"\n', ""))
    run("deploy", "hello.py")
    refused(run, "submit hello", "deployed without an image: give `--image`")
    assert run("submit", "hello", "--image", "img:2").code == 0
    assert submitted(server)["arguments"]["parameters"] == [{"name": "flowc-image", "value": "img:2"}]


@pytest.mark.usefixtures("server")
def test_a_deployed_flow_that_is_older_than_the_file_is_told(project: Project, run: Run) -> None:
    run("deploy", "typed.py")
    project.write(typed=TYPED.replace('"max_rounds"', '"rounds"'))
    refused(run, "submit typed.py --title x --rounds 3", "differ in the parameter `rounds`", "`flowc deploy`")


def test_other_code_than_what_was_deployed_is_told(project: Project, server: KubeServer, run: Run) -> None:
    run("deploy", "hello.py")
    assert "other code" not in run("submit", "hello.py").err
    project.write(hello=HELLO.replace("pass", "print()"))
    assert "`hello` was deployed from other code than this, and runs that" in run("submit", "hello.py").err
    assert sum("/workflows/" in key for key in server.objects) == 2


def test_an_unknown_flow_is_met_with_those_there_are(server: KubeServer, run: Run) -> None:
    refused(run, "submit hello", "no flow `hello` is deployed", "nothing is deployed there")
    run("deploy", "hello.py")
    refused(run, "submit helo", "did you mean `hello`?")
    refused(run, "submit something-else", "there is `hello`")
    server.forbidden.add("list workflowtemplates")
    refused(run, "submit helo", "no flow `helo` is deployed")


def test_a_dry_run_shows_the_workflow(server: KubeServer, run: Run) -> None:
    run("deploy", "hello.py")
    server.log.clear()
    check(
        run,
        "submit hello --dry-run",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata:
          generateName: hello-
          labels:
            app.kubernetes.io/managed-by: flowc
            workflows.argoproj.io/workflow-template: hello
        spec:
          workflowTemplateRef:
            name: hello
        """,
    )
    assert server.log == []


# --------------------------------------------------------------------------- runs
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


def put_run(server: KubeServer, status: dict[str, Any], name: str = "train-x7k2p", **spec: str) -> None:
    labels = {"workflows.argoproj.io/completed": "true"} if status.get("finishedAt") else {}
    content = {"metadata": {"name": name, "labels": labels}, "status": status}
    server.put("workflows", {**content, "spec": {"workflowTemplateRef": {"name": "train"}, **spec}})


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
    document = json.loads(run("status", "argo-train-x7k2p", "--json").out)
    jsonschema.validate(document, schema("status"))
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


def schema(name: str) -> dict[str, Any]:
    text = share.read_text("schemas", f"{name}.schema.json")
    assert text is not None
    loaded: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded
