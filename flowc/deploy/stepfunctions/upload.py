"""Objects put into S3 under keys that hold their digests: one that is there already is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault, Forbidden
from flowc.deploy.outcome import Change, Outcome
from flowc.deploy.stepfunctions.account import Refused

if TYPE_CHECKING:
    from flowc.deploy.stepfunctions.account import Account
    from flowc.deploy.stepfunctions.bundle import Upload


def upload(account: Account, bucket: str, item: Upload) -> Outcome:
    """Put one object where it is missing. Raises DeployFault."""
    thing = f"s3://{bucket}/{item.key}"
    if _is_there(account, bucket, item):
        return Outcome(Change.UNCHANGED, thing, item.what)
    try:
        account.call("s3", "put_object", Bucket=bucket, Key=item.key, Body=item.content)
    except Refused as refused:
        if refused.code == "NoSuchBucket":
            raise DeployFault(
                f"there is no bucket `{bucket}` for the flow's code: make it, or name another one by `--datastore` or "
                "`stepfunctions.code_bucket`"
            ) from refused
        raise
    return Outcome(Change.CREATED, thing, item.what)


def _is_there(account: Account, bucket: str, item: Upload) -> bool:
    try:
        found = account.call("s3", "head_object", Bucket=bucket, Key=item.key)
    except Forbidden:  # without s3:ListBucket a missing object looks like a forbidden one
        return False
    except Refused as refused:
        if refused.code in {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}:
            return False
        raise
    return int(found["ContentLength"]) == len(item.content)


def read_object(account: Account, bucket: str, key: str) -> bytes | None:
    """An object's content; None where there is none."""
    try:
        content: bytes = account.call("s3", "get_object", Bucket=bucket, Key=key)["Body"].read()
    except Refused as refused:
        if refused.code in {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}:
            return None
        raise
    return content
