"""What is known of a deployed flow from its stack alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowc.deploy.faults import Forbidden
from flowc.deploy.stepfunctions.account import Refused
from flowc.deploy.stepfunctions.bundle import schema_key, stack_name
from flowc.deploy.stepfunctions.stack import find_stack
from flowc.deploy.stepfunctions.upload import read_object

if TYPE_CHECKING:
    from flowc.deploy.stepfunctions.account import Account


def input_schema_of(account: Account, name: str) -> bytes | None:
    """The JSON Schema of the input, as it was uploaded; None where it cannot be found or read."""
    try:
        stack = find_stack(account, stack_name(name))
        if stack is None:
            return None
        body = account.call("cloudformation", "get_template", StackName=stack.identifier)["TemplateBody"]
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        place = template["Resources"]["StateMachine"]["Properties"]["DefinitionS3Location"]
        bucket = place["Bucket"]
        if isinstance(bucket, dict):
            bucket = stack.parameters[bucket["Ref"]]
        return read_object(account, bucket, schema_key(place["Key"]))
    except (Forbidden, Refused, KeyError, TypeError, ValueError):
        return None
