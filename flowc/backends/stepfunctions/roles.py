"""Who may do what: the roles of the state machine, of its jobs, and of what starts it.

Each is allowed what its flow needs and nothing else; where AWS takes no resource, the statement
says so with `*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions.deployment import bucket_arn, substituted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowc.backends.stepfunctions.deployment import Deployment
    from flowc.platform.batch.manifest import Text

_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
_HERE = "${AWS::Region}:${AWS::AccountId}"


def state_machine_role(
    machine: str, flow: str, deployment: Deployment, queues: Iterable[Text], *, distributed: bool
) -> dict[str, object]:
    """What the state machine does itself: submit and follow jobs, read control objects, write the input."""
    objects = [contract.CONTROL_OBJECT, *([contract.ITEMS_OBJECT] if distributed else [])]
    statements = [
        _statement(
            "Submit",
            "batch:SubmitJob",
            [_job_definitions(machine), *queues],
        ),
        _statement("Follow", ["batch:DescribeJobs", "batch:TerminateJob"], "*"),
        _statement(
            "FollowEvents",
            ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            _arn("events", "rule/StepFunctionsGetEventsForBatchJobsRule"),
        ),
        _statement("WriteInput", "s3:PutObject", _below(deployment, f"{flow}/*/{contract.INPUT_OBJECT}")),
        _statement(
            "ReadControl", "s3:GetObject", [_below(deployment, f"{flow}/*/{name}") for name in objects]
        ),
        _statement("Log", _LOG_DELIVERY, "*"),
    ]
    if distributed:
        statements.append(
            _statement("StartItems", "states:StartExecution", _arn("states", f"stateMachine:{machine}"))
        )
        followed = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"]
        statements.append(_statement("FollowItems", followed, _arn("states", f"execution:{machine}/*")))
    source = {"ArnLike": {"aws:SourceArn": _arn("states", f"stateMachine:{machine}")}}
    return role("states.amazonaws.com", statements, {**_ACCOUNT, **source})


def job_role(deployment: Deployment, secrets: Sequence[str], *, embedded: bool) -> dict[str, object]:
    """What a task does: read and write the datastore, fetch the flow's code and its secrets."""
    statements = [
        _statement("Datastore", ["s3:GetObject", "s3:PutObject"], _below(deployment, "*")),
        {
            **_statement("List", "s3:ListBucket", bucket_arn(deployment.bucket)),
            "Condition": {"StringLike": {"s3:prefix": substituted("${Folder}*", Folder=deployment.folder)}},
        },
    ]
    if embedded:
        statements.append(
            _statement("Code", "s3:GetObject", bucket_arn(deployment.code_bucket, f"/{deployment.code_key}"))
        )
    if secrets:
        statements.append(
            _statement("Secrets", "secretsmanager:GetSecretValue", [_secret_arn(s) for s in secrets])
        )
    return role("ecs-tasks.amazonaws.com", statements)


def execution_role() -> dict[str, object]:
    """What Fargate does before a container starts: pull the image, open the log."""
    managed = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    found = role("ecs-tasks.amazonaws.com", [])
    properties = found["Properties"]
    if isinstance(properties, dict):
        properties["ManagedPolicyArns"] = [{"Fn::Sub": managed}]
    return found


def starter_role(service: str) -> dict[str, object]:
    """What a schedule or an event rule does: start the state machine."""
    start = _statement("Start", "states:StartExecution", {"Ref": "StateMachine"})
    return role(service, [start], _ACCOUNT)


def role(service: str, statements: Sequence[object], condition: object = None) -> dict[str, object]:
    """A role that one service may take."""
    trust: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if condition is not None:
        trust["Condition"] = condition
    properties: dict[str, object] = {"AssumeRolePolicyDocument": _document([trust])}
    if statements:
        properties["Policies"] = [{"PolicyName": "flowc", "PolicyDocument": _document(statements)}]
    return {"Type": "AWS::IAM::Role", "Properties": properties}


_LOG_DELIVERY = [
    f"logs:{action}"
    for action in (
        "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries",
        "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups",
    )
]  # fmt: skip


def _document(statements: Sequence[object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(name: str, action: str | list[str], resource: object) -> dict[str, object]:
    return {"Sid": name, "Effect": "Allow", "Action": action, "Resource": resource}


def _arn(service: str, rest: str) -> dict[str, object]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{_HERE}:{rest}"}


def _job_definitions(machine: str) -> dict[str, object]:
    return _arn("batch", f"job-definition/{machine}-*")


def queue_arn(queue: str) -> Text:
    """A queue by its name, or its ARN as it is."""
    return queue if queue.startswith("arn:") else _arn("batch", f"job-queue/{queue}")


def _secret_arn(secret: str) -> Text:
    """A secret by name: its ARN ends in six characters of AWS's own."""
    if secret.startswith("arn:"):
        return secret if secret[-7:-6] == "-" else f"{secret}-??????"
    return _arn("secretsmanager", f"secret:{secret}-??????")


def _below(deployment: Deployment, pattern: str) -> Text:
    text = "arn:${AWS::Partition}:s3:::${Bucket}/${Folder}" + pattern
    return substituted(text, Bucket=deployment.bucket, Folder=deployment.folder)
