"""The credentials of a role of AWS that a step's secrets or its `S3` name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def credentials_of(boto3: Any, role: str) -> dict[str, Any]:
    """Assume the role; what boto3's sessions and clients take. Raises what boto3 raises."""
    answer = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="flowc")["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }
