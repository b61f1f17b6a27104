"""`flowc deploy`, `submit`, `status`, `cancel` and `undeploy` against an account on this machine."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from flowc.deploy.faults import DeployFault
from flowc.deploy.stepfunctions.runs import encode_input
from flowc.manifest.digest import sha256_hex
from flowc.manifest.names import object_name
from tests.awsserver import BUCKET, QUEUE, REGION, aws
from tests.commands import HELLO, refused
from tests.published import followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Ended, Project, Run

OPEN = '[tool.flowc]\ntargets = ["stepfunctions"]\n'
CONFIGURED = (
    OPEN
    + f"""\
image = "img:1"
datastore = "s3://{BUCKET}/runs"
[tool.flowc.stepfunctions]
job_queue = "flows"
"""
)
TYPED = HELLO.replace("import FlowSpec", "import FlowSpec, Parameter").replace(
    "(FlowSpec):\n",
    "(FlowSpec):\n    title = Parameter('title', required=True)\n    rounds = Parameter('max_rounds', default=3)\n",
)


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, aws(patch):
        yield


@pytest.fixture
def flow(project: Project, account: None, request: pytest.FixtureRequest) -> str:  # noqa: ARG001
    """A flow of the test's own, in an account that all share."""
    name = f"Flow{sha256_hex(request.node.name.encode())[:12]}"
    project.put("pyproject.toml", CONFIGURED).write(flow=HELLO.replace("Hello", name))
    return object_name(name)


def changes(ended: Ended) -> list[str]:
    """What each line says became of a thing, by the thing's last word."""
    assert ended.code == 0, ended.err
    return [f"{words[0]} {words[1].rpartition('.')[2]}" for words in map(str.split, ended.out.splitlines())]


def machine(name: str) -> str:
    found = boto3.client("stepfunctions").list_state_machines()["stateMachines"]
    return next(str(each["stateMachineArn"]) for each in found if each["name"] == name)


def inputs(name: str) -> list[Any]:
    client = boto3.client("stepfunctions")
    found = client.list_executions(stateMachineArn=machine(name))["executions"]
    return [
        json.loads(client.describe_execution(executionArn=each["executionArn"])["input"]) for each in found
    ]


# --------------------------------------------------------------------------- deploy
def test_the_same_bundle_again_changes_nothing(flow: str, run: Run) -> None:
    run("compile", "flow.py", "-o", "out")
    sent = [f"created {thing}" for thing in ("zip", "json", "json", f"stack/flowc-{flow}")]
    assert changes(run("deploy", "out")) == sent
    assert changes(run("deploy", "out")) == [line.replace("created", "unchanged") for line in sent]


def test_a_change_touches_what_it_changes(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    ended = run("deploy", "flow.py", "--image", "img:2")
    assert changes(ended)[-1] == f"changed stack/flowc-{flow}"
    assert "(Modify JobStart)" in ended.out


def test_a_dry_run_needs_no_account(project: Project, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    project.put("pyproject.toml", OPEN).write(flow=HELLO)
    ended = run("deploy", "flow.py", "--dry-run", "--image", "img:1")
    assert "stack/flowc-hello  (" in ended.out
    assert "  DatastoreBucket = (required, or kept from the stack)" in ended.out
    document = followed("deploy", run("deploy", "flow.py", "--dry-run", "--json").out)
    assert {thing["change"] for thing in document["things"]} == {"planned"}


def test_json_has_its_schema(flow: str, run: Run) -> None:
    document = followed("deploy", run("deploy", "flow.py", "--json").out)
    assert document["names"] == [flow]


def test_what_is_missing_is_asked_for_by_name(flow: str, project: Project, run: Run) -> None:
    project.put("pyproject.toml", OPEN)
    refused(
        run,
        "deploy flow.py --image img:1",
        f"`{flow}` cannot be deployed before it is said",
        "DatastoreBucket by `--datastore` (`datastore`)",
        "JobQueue by `--job-queue` (`stepfunctions.job_queue`)",
    )
    assert f"flowc-{flow}" not in stacks()


def test_an_open_bundle_takes_its_inputs_from_the_command_line(flow: str, project: Project, run: Run) -> None:
    project.put("pyproject.toml", OPEN)
    run("compile", "flow.py", "-o", "out")
    given = ("--image", "img:1", "--datastore", f"s3://{BUCKET}/runs", "--job-queue", "flows")
    assert run("deploy", "out", *given).code == 0
    assert stack_parameters(flow) == {
        "Image": "img:1", "DatastoreBucket": BUCKET, "DatastorePrefix": "runs", "JobQueue": QUEUE,
    }  # fmt: skip
    refused(run, "deploy out --stack-parameter Imgae=x", "no parameter `Imgae`; it has `Image`")


def test_a_queue_that_is_not_there_is_met_with_those_that_are(flow: str, run: Run) -> None:
    refused(
        run,
        "deploy flow.py --job-queue flwos",
        f"there is no job queue `flwos` in {REGION}; did you mean `flows`?",
    )
    assert f"flowc-{flow}" not in stacks()


def test_a_missing_bucket_is_named(flow: str, run: Run) -> None:
    refused(run, "deploy flow.py --datastore s3://nothing-there/x", "there is no bucket `nothing-there`")
    assert f"flowc-{flow}" not in stacks()


def test_a_stack_of_someone_else_is_left_alone(flow: str, run: Run) -> None:
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    boto3.client("cloudformation").create_stack(StackName=f"flowc-{flow}", TemplateBody=json.dumps(template))
    refused(run, "deploy flow.py", f"the stack `flowc-{flow}` in {REGION} was not made by flowc", "--name")
    refused(run, "undeploy flow.py", "was not made by flowc")


@pytest.mark.usefixtures("flow")
def test_a_bundle_that_was_edited_is_refused(project: Project, run: Run) -> None:
    run("compile", "flow.py", "-o", "out")
    name = next(path for path in project.files("out") if path.endswith(".asl.json"))
    project.put(f"out/{name}", "{}")
    refused(run, "deploy out", "the state machine beside `template.json` is not the one it names")
    (project.folder / "out" / name).unlink()
    refused(run, "deploy out", "is missing")


# --------------------------------------------------------------------------- credentials
@pytest.mark.usefixtures("flow")
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"AWS_DEFAULT_REGION": None}, "no AWS region is chosen: set AWS_REGION"),
        ({"AWS_ACCESS_KEY_ID": None}, "there are no AWS credentials"),
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
    ],
)
def test_what_keeps_aws_away_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str | None], message: str
) -> None:
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    refused(run, "deploy flow.py", message)


@pytest.mark.usefixtures("flow")
def test_a_missing_client_is_told_with_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    refused(run, "deploy flow.py", "pip install 'flowc[aws]'")


# --------------------------------------------------------------------------- submit
@pytest.mark.parametrize("by", ["flow.py", "its name"])
def test_parameters_are_sent_in_their_types(flow: str, project: Project, run: Run, by: str) -> None:
    name = f"{flow}-typed"
    project.write(flow=TYPED).put(
        "pyproject.toml", CONFIGURED.replace("image =", f'name = "{name}"\nimage =')
    )
    run("deploy", "flow.py")
    word = "flow.py" if by == "flow.py" else name
    ended = run("submit", word, "--title", "${x} {% y %}", "--max-rounds", "7")
    assert ended.out.startswith(f"sfn-{name}-")
    assert inputs(name) == [{"title": "${x} {% y %}", "max_rounds": 7}]
    refused(run, f"submit {word} --titel x", "did you mean `--title`?")
    refused(run, f"submit {word}", "`--title` is required")
    refused(run, f"submit {word} --title x --max-rounds many", "takes a whole number")


def test_a_run_that_resumes_another_says_which(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    assert (
        run("submit", flow, "--origin-run", "argo-x", "--from", "end", "--tag", "x", "--tag", "y").code == 0
    )
    assert inputs(flow) == [{"_flowc": {"origin_run": "argo-x", "from_step": "end", "tags": ["x", "y"]}}]
    refused(run, "submit flow.py --origin-run argo-x", "has no run `argo-x`")


def test_too_large_an_input_is_refused() -> None:
    with pytest.raises(
        DeployFault, match=r"the parameters take 280,\d+ bytes, and Step Functions allows 262,144"
    ):
        encode_input({"title": "é" * 140_000}, {})


def test_other_code_than_what_was_deployed_is_told(flow: str, project: Project, run: Run) -> None:
    run("deploy", "flow.py")
    assert "other code" not in run("submit", "flow.py").err
    with (project.folder / "flow.py").open("a") as file:
        file.write("# more\n")
    assert f"`{flow}` was deployed from other code than this" in run("submit", "flow.py").err


def test_a_dry_run_starts_nothing(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    assert run("submit", flow, "--dry-run").out == "{}\n"
    assert inputs(flow) == []


def test_an_unknown_flow_is_met_with_the_nearest(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    refused(run, f"submit {flow}x", f"no flow `{flow}x` is deployed in {REGION}; did you mean `{flow}`?")


# --------------------------------------------------------------------------- runs
def test_a_run_is_found_by_its_id_and_stopped_once(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    run_id = run("submit", "flow.py").out.strip()
    document = followed("status", run("status", run_id, "--json").out)
    assert (document["state"], document["name"]) == ("running", flow)
    refused(run, f"undeploy {flow}", f"`{flow}` has runs under way ({run_id})")
    assert "would be stopped" in run("cancel", run_id, "--dry-run").err
    assert run("cancel", run_id).code == 0
    assert run("status", f"{flow}/{run_id}").code == 1
    assert "has ended already: cancelled" in run("cancel", run_id).err


def test_a_run_under_another_name_is_found_too(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    boto3.client("stepfunctions").start_execution(stateMachineArn=machine(flow), name=f"by-hand-{flow[:20]}")
    assert run("status", f"sfn-by-hand-{flow[:20]}").code == 0


def test_an_unknown_run_is_told(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    refused(
        run, "status sfn-nope", f"no state machine in {REGION} had the run `sfn-nope`; write it as NAME/RUN"
    )
    refused(run, f"status {flow}/sfn-nope", f"`{flow}` in {REGION} had no run `sfn-nope`")


def test_undeploying_removes_the_stack_alone(flow: str, run: Run) -> None:
    run("deploy", "flow.py")
    assert "would be removed" in run("undeploy", flow, "--dry-run").err
    assert f"flowc-{flow}" in stacks()
    ended = run("undeploy", "flow.py")
    assert ended.code == 0
    assert "code in S3 stay" in ended.err
    assert f"flowc-{flow}" not in stacks()
    refused(run, f"undeploy {flow}", f"there is no stack `flowc-{flow}`")


def stacks() -> set[str]:
    found = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found}


def stack_parameters(flow: str) -> dict[str, str]:
    found = boto3.client("cloudformation").describe_stacks(StackName=f"flowc-{flow}")["Stacks"][0]
    return {item["ParameterKey"]: item["ParameterValue"] for item in found["Parameters"]}
