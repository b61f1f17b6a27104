"""`flowc deploy`, `submit`, `status`, `logs`, `cancel` and `undeploy` against an account where all of it happens.

Skipped where no engine is given (see `stepfunctions`).
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import observed, stepfunctions
from tests.conformance.cases import EXAMPLES
from tests.conformance.deployed import fail_and_resume, follow_a_run, mend_and_resume
from tests.conformance.desk import Desk
from tests.conformance.stepfunctions import rewrite, service

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not stepfunctions.ADDRESS, reason="FLOWC_TEST_STEPFUNCTIONS names no engine"),
]

SETTINGS = f"""\
image = "{stepfunctions.IMAGE}"
datastore = "{observed.DATASTORE}"
[tool.flowc.stepfunctions]
job_queue = "{stepfunctions.QUEUE}"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    stepfunctions.queue()
    surroundings = {"AWS_ENDPOINT_URL": stepfunctions.ADDRESS, "AWS_ENDPOINT_URL_S3": observed.ENDPOINT}
    return Desk(tmp_path, "stepfunctions", SETTINGS, surroundings)


def stack(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = service("cloudformation").describe_stacks(StackName=f"flowc-{desk.name}")[
        "Stacks"
    ][0]
    return found


def job_definitions(desk: Desk) -> list[str]:
    """The revisions of a flow's job definitions that can be used."""
    found = service("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    return [
        each["jobDefinitionArn"] for each in found if each["jobDefinitionName"].startswith(f"{desk.name}-")
    ]


# --------------------------------------------------------------------------- bundles
def test_the_same_bundle_again_makes_and_changes_nothing(desk: Desk) -> None:
    first = desk.deploy()
    assert first[1:] == ["created json", "created json", f"created stack/flowc-{desk.name}"]
    before = stack(desk), job_definitions(desk)
    assert desk.deploy() == [
        "unchanged zip",
        "unchanged json",
        "unchanged json",
        f"unchanged stack/flowc-{desk.name}",
    ]
    assert (stack(desk), job_definitions(desk)) == before


def test_an_update_leaves_runs_under_way_what_they_use(desk: Desk) -> None:
    desk.write("import time; time.sleep(6)")
    desk.deploy()
    run_id = desk.run("submit", "flow.py").out.strip()
    desk.write("self.changed = True")
    ended = desk.run("deploy", "flow.py")
    assert "(Modify JobRole, Modify JobStart, Modify StateMachine)" in ended.out
    assert len(job_definitions(desk)) == 2, "the earlier revision stays"
    assert desk.run("status", run_id, "--wait").code == 0
    assert desk.run("submit", "flow.py", "--wait").code == 0


def test_a_stack_that_cannot_be_made_leaves_nothing_and_is_made_anew(desk: Desk) -> None:
    client = service("stepfunctions")
    machine = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Succeed"}}})
    taken = client.create_state_machine(
        name=desk.name, definition=machine, roleArn=f"arn:aws:iam::{stepfunctions.ACCOUNT}:role/x"
    )
    desk.refused(
        "deploy flow.py",
        f"the stack `flowc-{desk.name}` ended in ROLLBACK_COMPLETE: StateMachine (AWS::StepFunctions::StateMachine): ",
        "State Machine Already Exists",
    )
    assert job_definitions(desk) == []
    client.delete_state_machine(stateMachineArn=taken["stateMachineArn"])
    ended = desk.run("deploy", "flow.py")
    assert "could not be made earlier; what that left is removed first" in ended.err
    assert ended.changes()[-1] == f"created stack/flowc-{desk.name}"


def test_an_update_that_fails_leaves_what_was_there(desk: Desk) -> None:
    desk.deploy()
    desk.run("compile", "flow.py", "-o", "bundle")
    rewrite(desk.folder / "bundle", '"StartAt":', '"BeginAt":')
    desk.refused("deploy bundle", "ended in UPDATE_ROLLBACK_COMPLETE: StateMachine", "BeginAt")
    assert desk.run("submit", "flow.py", "--wait").code == 0
    assert desk.deploy()[-1] == f"unchanged stack/flowc-{desk.name}"


def test_a_stack_in_the_middle_of_a_change_is_left_alone(desk: Desk) -> None:
    desk.deploy()
    role = service("cloudformation").describe_stack_events(StackName=f"flowc-{desk.name}")["StackEvents"]
    name = next(e["PhysicalResourceId"] for e in role if e["LogicalResourceId"] == "StateMachineRole")
    for policy in service("iam").list_role_policies(RoleName=name)["PolicyNames"]:
        service("iam").delete_role_policy(RoleName=name, PolicyName=policy)
    service("iam").delete_role(RoleName=name)
    desk.write("self.changed = True")
    desk.refused("deploy flow.py", "ended in UPDATE_ROLLBACK_FAILED", "StateMachine")
    desk.refused(
        "deploy flow.py", "is stuck in UPDATE_ROLLBACK_FAILED", "repair or delete it in CloudFormation"
    )


def test_undeploying_takes_all_but_results_and_code_away(desk: Desk) -> None:
    desk.deploy()
    assert desk.run("submit", "flow.py", "--wait").code == 0
    assert desk.run("undeploy", desk.name).code == 0
    machines = service("stepfunctions").list_state_machines()["stateMachines"]
    assert desk.name not in [machine["name"] for machine in machines]
    assert job_definitions(desk) == []
    desk.refused(f"submit {desk.name}", f"no flow `{desk.name}` is deployed in us-east-1")
    # The log group was kept, and is of the next stack.
    assert desk.deploy()[-1] == f"created stack/flowc-{desk.name}"


def test_a_dry_run_sends_nothing(desk: Desk) -> None:
    ended = desk.run("deploy", "flow.py", "--dry-run")
    assert f"stack/flowc-{desk.name}  (5 resources)" in ended.out
    desk.refused(f"submit {desk.name}", "is deployed")


@pytest.mark.parametrize("example", ["scheduled", "triggered", "after_another_flow"])
def test_what_starts_a_flow_by_itself_is_made_and_taken_away(desk: Desk, example: str) -> None:
    desk.put("flow.py", (EXAMPLES / f"{example}.py").read_text())
    desk.deploy()
    machine = stack(desk)["Outputs"][0]["OutputValue"]
    assert machine in targets()
    assert desk.deploy()[-1] == f"unchanged stack/flowc-{desk.name}"
    assert desk.run("undeploy", "flow.py").code == 0
    assert machine not in targets()


def targets() -> list[str]:
    """What schedules and rules start."""
    scheduler, events = service("scheduler"), service("events")
    schedules = [
        scheduler.get_schedule(Name=each["Name"]) for each in scheduler.list_schedules()["Schedules"]
    ]
    rules = [
        events.list_targets_by_rule(Rule=rule["Name"])["Targets"] for rule in events.list_rules()["Rules"]
    ]
    return [each["Target"]["Arn"] for each in schedules] + [each["Arn"] for found in rules for each in found]


# --------------------------------------------------------------------------- runs
def test_a_run_is_followed_to_its_end(desk: Desk) -> None:
    told = follow_a_run(desk)
    assert "running: start 1 done, each 3 running" in told
    assert told[-1] == "succeeded: start 1 done, each 3 done, join 1 done, end 1 done"


def test_a_run_that_fails_says_where_and_is_resumed(desk: Desk) -> None:
    failed = fail_and_resume(desk, "States.TaskFailed: Essential container in task exited; exit code 1")
    assert "ValueError: no sum" in desk.run("logs", f"{failed}/join/r").out


def test_a_run_is_stopped_with_its_jobs_and_resumed(desk: Desk) -> None:
    desk.write("import time; time.sleep(120)")
    desk.deploy()
    run_id = desk.run("submit", "flow.py").out.strip()
    wait_for(desk, run_id, "join")
    assert desk.run("cancel", run_id).code == 0
    assert desk.status(run_id)["state"] == "cancelled"
    job = wait_for_job(run_id, "join")
    assert job["exit"] != 0, "the job ended with its execution"
    tried = observed.attempts(mend_and_resume(desk, run_id))
    assert (tried["each/r.1"], tried["join/r"]) == (0, 1)


def wait_for(desk: Desk, run_id: str, step: str) -> None:
    """Wait until a task of a step runs."""
    for _ in range(60):
        if any(count["step"] == step and count["running"] for count in desk.status(run_id)["steps"]):
            return
        time.sleep(1)
    raise AssertionError(f"no task of {step} runs")


def wait_for_job(run_id: str, step: str) -> dict[str, Any]:
    """Wait until a job of a step has ended."""
    for _ in range(60):
        jobs = stepfunctions.Ended(run_id, "", "", "").jobs()
        found = next((job for job in jobs if job["FLOWC_STEP"] == step), None)
        if found is not None:
            return found
        time.sleep(0.5)
    raise AssertionError(f"the job of {step} still runs")


# --------------------------------------------------------------------------- what is refused
def keys(desk: Desk, *actions: str) -> dict[str, str]:
    """The variables of a user who may do these actions alone."""
    iam = service("iam")
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_user(UserName=desk.name)
    iam.put_user_policy(UserName=desk.name, PolicyName="some", PolicyDocument=policy)
    key = iam.create_access_key(UserName=desk.name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


@pytest.mark.parametrize(
    ("command", "allowed", "missing"),
    [
        ("deploy flow.py", ["s3:*"], "cloudformation:DescribeStacks"),
        ("undeploy flow.py", ["states:*"], "cloudformation:DescribeStacks"),
        ("submit flow.py", ["cloudformation:*"], "states:ListStateMachines"),
        ("submit flow.py", ["cloudformation:*", "states:ListStateMachines"], "states:StartExecution"),
    ],
)
def test_a_missing_permission_is_named(desk: Desk, command: str, allowed: list[str], missing: str) -> None:
    desk.deploy()
    desk.refused(
        command, f"these AWS credentials may not do {missing} in us-east-1: ", **keys(desk, *allowed)
    )


def test_a_run_can_be_looked_at_by_who_may_do_no_more(desk: Desk) -> None:
    desk.deploy()
    run_id = desk.run("submit", "flow.py").out.strip()
    reader = keys(desk, "states:List*", "states:Describe*", "states:GetExecutionHistory")
    assert desk.run("status", run_id, **reader).code == 0
    desk.refused(f"cancel {run_id}", "may not do states:StopExecution", **reader)
    assert desk.run("cancel", run_id).code == 0


@pytest.mark.parametrize("command", ["deploy flow.py", "submit flow.py", "status sfn-x", "undeploy flow.py"])
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_ACCESS_KEY_ID": "ASIAEXPIRED", "AWS_SESSION_TOKEN": "x"}, "the AWS credentials have expired"),
        ({"AWS_ACCESS_KEY_ID": "AKIANOBODYS"}, "AWS does not accept these credentials"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not answer"),
    ],
    ids=["expired", "unknown", "unreachable"],
)
def test_credentials_and_places_that_do_not_hold_are_told(
    desk: Desk, command: str, variables: dict[str, str], said: str
) -> None:
    desk.refused(command, said, **variables)


def test_what_is_not_there_is_met_with_what_is(desk: Desk) -> None:
    desk.refused(
        f"deploy flow.py --job-queue {stepfunctions.QUEUE}x", f"did you mean `{stepfunctions.QUEUE}`?"
    )
    desk.refused(
        "deploy flow.py --datastore s3://nothing-of-the-kind/x", "there is no bucket `nothing-of-the-kind`"
    )
    desk.refused("submit flow.py", f"no flow `{desk.name}` is deployed in us-east-1")
    desk.deploy()
    desk.refused(f"submit {desk.name}x", f"did you mean `{desk.name}`?")
    desk.refused("status sfn-nobody-knows", "had the run `sfn-nobody-knows`")
    desk.refused(f"cancel {desk.name}/sfn-nobody-knows", f"`{desk.name}` in us-east-1 had no run")
