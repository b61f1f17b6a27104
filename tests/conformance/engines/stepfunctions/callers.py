"""Who asks: a user of IAM may do what the user's policies allow, with keys that hold; else it is the owner.

Moto lets everyone do everything. Keys as AWS makes them (`AKIA…`, and `ASIA…` for a while) that nobody
was given are refused as AWS refuses them; keys of another look are the owner's.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

ACCOUNT = "123456789012"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")


class Refusal(NamedTuple):
    """An error of the service, by its code in the protocols that speak XML and in those that speak JSON."""

    xml: str
    json: str
    message: str


def mend() -> None:
    """Look at each request before it is answered."""
    from moto.core.exceptions import ServiceException
    from moto.core.responses import ActionResult, BaseResponse

    answer = BaseResponse.call_action

    def judged(self: Any) -> Any:
        found = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        refused = found and refusal(found[1], f"{found[2]}:{self._get_action()}")
        if not refused:
            return answer(self)
        speaks_json = "json" in self.headers.get("Content-Type", "") or found[2] == "batch"
        # Moto takes the service's name from the module of an error's class.
        kind = type("Refused", (ServiceException,), {"__module__": type(self).__module__})
        return self.serialized(
            ActionResult(kind(refused.json if speaks_json else refused.xml, refused.message))
        )

    BaseResponse.call_action = judged


def refusal(key: str, action: str) -> Refusal | None:
    """Why the owner of a key may not do an action; None where nothing is against it."""
    from moto.iam.access_control import (
        CreateAccessKeyFailure,
        IAMPolicy,
        IAMUserAccessKey,
        PermissionResult,
    )

    if key.startswith("ASIA"):
        message = "The security token included in the request is expired"
        return Refusal("ExpiredToken", "ExpiredTokenException", message)
    if not key.startswith(("AKIA", "LKIA")):  # which moto gives
        return None
    try:
        user = IAMUserAccessKey(ACCOUNT, "aws", key, {})
    except CreateAccessKeyFailure:
        message = "The security token included in the request is invalid."
        return Refusal("InvalidClientTokenId", "UnrecognizedClientException", message)
    judged = [IAMPolicy(policy).is_action_permitted(action) for policy in user.collect_policies()]
    if PermissionResult.PERMITTED in judged and PermissionResult.DENIED not in judged:
        return None
    message = f"User: {user.arn} is not authorized to perform: {action}"
    return Refusal("AccessDenied", "AccessDeniedException", message)
