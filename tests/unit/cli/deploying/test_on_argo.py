"""`flowc submit` on a cluster: the inputs of a run, and what starts none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import HELLO, check, refused
from tests.unit.cli.deploying.argo import CONFIGURED, TYPED, submitted

if TYPE_CHECKING:
    from tests.commands import Project, Run
    from tests.kubeserver import KubeServer

pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")


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
