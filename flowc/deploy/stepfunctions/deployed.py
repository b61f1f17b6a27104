"""What is known of a deployed flow from its stack alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from flowc.deploy.faults import Forbidden
from flowc.deploy.stepfunctions.account import Refused
from flowc.deploy.stepfunctions.bundle import schema_key, stack_name
from flowc.deploy.stepfunctions.stack import find_stack
from flowc.deploy.stepfunctions.upload import read_object

if TYPE_CHECKING:
    from flowc.deploy.stepfunctions.account import Account


# As a job's variable says it.
_CODE = re.compile(r'"FLOWC_CODE_SHA256",\s*"Value":\s*"([0-9a-f]{64})"')


class Deployed(NamedTuple):
    """The JSON Schema of a flow's input and the digest of its code; None where either cannot be known from here."""

    schema: bytes | None = None
    code_sha256: str | None = None


def deployed_flow(account: Account, name: str) -> Deployed:
    """What the stack of a flow tells; nothing where there is none, or this user may not read it."""
    try:
        stack = find_stack(account, stack_name(name))
        if stack is None:
            return Deployed()
        body = account.call("cloudformation", "get_template", StackName=stack.identifier)["TemplateBody"]
        text = body if isinstance(body, str) else json.dumps(body)
        place = json.loads(text)["Resources"]["StateMachine"]["Properties"]["DefinitionS3Location"]
        bucket = place["Bucket"]
        if isinstance(bucket, dict):
            bucket = stack.parameters[bucket["Ref"]]
        code = _CODE.search(text)
        return Deployed(read_object(account, bucket, schema_key(place["Key"])), code[1] if code else None)
    except (Forbidden, Refused, KeyError, TypeError, ValueError):
        return Deployed()
