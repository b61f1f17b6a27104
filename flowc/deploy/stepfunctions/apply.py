"""Deploying to an account: code and state machine to S3, then the stack that names them.

Invariant: the same bundle again changes nothing. What is missing is refused before anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc.deploy.faults import DeployFault
from flowc.deploy.outcome import Outcome
from flowc.deploy.stepfunctions.bundle import Upload, bucket_of, refuse_missing
from flowc.deploy.stepfunctions.queue import check_queue, queue_of
from flowc.deploy.stepfunctions.stack import MAX_INLINE, change_stack, own_stack
from flowc.deploy.stepfunctions.upload import upload
from flowc.manifest.digest import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowc.deploy.stepfunctions.account import Account
    from flowc.deploy.stepfunctions.bundle import StackBundle


def deploy(
    account: Account, bundle: StackBundle, values: Mapping[str, str], say: Callable[[str], None]
) -> Iterator[Outcome]:
    """Send what is not there yet; parameters that are not in `values` keep what the stack has. Raises DeployFault."""
    before = own_stack(account, bundle.stack)
    kept = dict(before.parameters) if before and not before.is_empty else {}
    refuse_missing(bundle, values, frozenset(kept))
    known = {**kept, **values}
    chosen = _with_queue(account, bundle, known, dict(values))
    bucket = bucket_of(bundle, known)
    if bucket is None:
        raise DeployFault("the template does not say which bucket the code goes to; compile the bundle again")
    for item in bundle.uploads:
        yield upload(account, bucket, item)
    source = {"TemplateBody": bundle.template.decode()}
    if len(bundle.template) > MAX_INLINE:
        folder = bundle.uploads[0].key.rpartition("/")[0]
        key = f"{folder}/{sha256_hex(bundle.template)}.template.json".lstrip("/")
        yield upload(account, bucket, Upload(key, bundle.template, "template"))
        source = {"TemplateURL": f"https://{bucket}.s3.{account.region}.{_suffix(account.region)}/{key}"}
    change, resources = change_stack(
        account, bundle.stack, bundle.name, before, source, _parameters(bundle, chosen), say
    )
    yield Outcome(change, f"stack/{bundle.stack}", ", ".join(resources))


def _with_queue(
    account: Account, bundle: StackBundle, known: dict[str, str], values: dict[str, str]
) -> dict[str, str]:
    """The values with the queue's ARN, which the template asks for where a name was given."""
    queue = queue_of(bundle, known)
    if queue is None:
        return values
    arn = check_queue(account, queue)
    if arn is not None and "JobQueue" in values:
        values["JobQueue"] = arn
    return values


def _parameters(bundle: StackBundle, values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"ParameterKey": name, "ParameterValue": values[name]}
        if name in values
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in bundle.parameters
    ]


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
