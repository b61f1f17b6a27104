"""What the errors of AWS and of its client are to a user."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from flowc.deploy.faults import DeployFault, Forbidden, Unreachable
from flowc.deploy.stepfunctions.account import Account, Refused
from flowc.deploy.stepfunctions.queue import check_queue


class Session:
    """A session whose clients answer every operation with an error, or with `answers` in order."""

    def __init__(self, error: Exception | None = None, *answers: dict[str, Any]) -> None:
        self._error = error
        self._answers = list(answers)

    def client(self, *_: object, **__: object) -> Session:
        return self

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401
        def ask(**_: object) -> dict[str, Any]:
            if self._error is not None:
                raise self._error
            return self._answers.pop(0)

        return ask


def client_error(code: str, reason: str = "because") -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": reason}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "kind", "part"),
    [
        (client_error("ExpiredToken"), DeployFault, "the AWS credentials have expired (batch:DescribeJobQueues: because)"),
        (client_error("ExpiredTokenException"), DeployFault, "have expired"),
        (client_error("UnrecognizedClientException"), DeployFault, "does not accept these credentials"),
        (client_error("InvalidClientTokenId"), DeployFault, "does not accept these credentials"),
        (client_error("AccessDenied"), Forbidden, "may not do batch:DescribeJobQueues in eu-west-1: because"),
        (client_error("AccessDeniedException"), Forbidden, "ask whoever manages the account"),
        (client_error("Throttling"), Unreachable, "cannot answer batch:DescribeJobQueues now"),
        (client_error("ValidationError"), Refused, "AWS refuses batch:DescribeJobQueues in eu-west-1 (ValidationError): because"),
        (exceptions.NoCredentialsError(), DeployFault, "there are no AWS credentials"),
        (exceptions.UnauthorizedSSOTokenError(), DeployFault, "have expired"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="gone"), DeployFault, "have expired"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), Unreachable, "does not answer"),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), Unreachable, "does not answer"),
        (exceptions.ParamValidationError(report="odd"), DeployFault, "cannot be asked"),
        (ResponseParserError("no XML:\n<html>"), DeployFault, "cannot be asked: no XML:; look at"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(error: Exception, kind: type[DeployFault], part: str) -> None:
    with pytest.raises(DeployFault) as fault:
        Account(Session(error), "eu-west-1").call("batch", "describe_job_queues")
    assert type(fault.value) is kind
    assert part in str(fault.value)


def queues(*rows: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "jobQueues": [
            {"jobQueueName": name, "jobQueueArn": f"arn:{name}", "state": state, "status": status}
            for name, state, status in rows
        ]
    }


def test_a_queue_is_known_by_its_arn() -> None:
    account = Account(Session(None, queues(("flows", "ENABLED", "VALID"))), "eu-west-1")
    assert check_queue(account, "flows") == "arn:flows"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            [queues(), queues(("flows", "ENABLED", "VALID"))],
            "there is no job queue `flow`.*did you mean `flows`",
        ),
        ([queues(), queues()], "AWS Batch has none there"),
        ([queues(("flow", "DISABLED", "VALID"))], "`flow` takes no jobs: it is DISABLED, VALID"),
        ([queues(("flow", "ENABLED", "INVALID"))], "`flow` takes no jobs: it is ENABLED, INVALID"),
    ],
)
def test_a_queue_that_takes_no_jobs_is_refused(answers: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(DeployFault, match=message):
        check_queue(Account(Session(None, *answers), "eu-west-1"), "flow")


def test_who_may_not_ask_deploys_all_the_same() -> None:
    assert check_queue(Account(Session(client_error("AccessDenied")), "eu-west-1"), "flow") is None
