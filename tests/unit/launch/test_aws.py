"""What permissions call the operations of clients. What errors are to a user: `deploy/stepfunctions/test_account`."""

from __future__ import annotations

import pytest

from flowc.launch.aws import action


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("batch", "submit_job", "batch:SubmitJob"),
        ("stepfunctions", "start_execution", "states:StartExecution"),
        ("s3", "head_object", "s3:GetObject"),
        ("s3", "list_objects_v2", "s3:ListBucket"),
    ],
)
def test_an_operation_is_called_as_policies_call_it(service: str, operation: str, expected: str) -> None:
    assert action(service, operation) == expected
