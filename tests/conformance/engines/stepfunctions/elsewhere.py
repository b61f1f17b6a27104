"""State machines that another engine runs: what is asked of Step Functions is asked of that one.

Everything else, credentials too, stays here, so that who uses the engine need not know.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from typing import Any

_KEY = re.compile(r"Credential=[^/]+/")


def mend(address: str) -> None:
    """Pass requests for state machines on."""
    from moto.core.responses import BaseResponse
    from moto.stepfunctions.responses import StepFunctionResponse

    answer = BaseResponse.call_action

    def passed_on(self: Any) -> Any:
        return ask(address, self) if isinstance(self, StepFunctionResponse) else answer(self)

    BaseResponse.call_action = passed_on


def ask(address: str, asked: Any) -> tuple[int, dict[str, str], bytes]:
    """The other engine's answer: a status, headers and a body."""
    headers = {name: asked.headers[name] for name in ("Content-Type", "X-Amz-Target")}
    # The other engine takes the account from the key.
    headers["Authorization"] = _KEY.sub(
        f"Credential={asked.current_account}/", asked.headers["Authorization"]
    )
    request = urllib.request.Request(address, asked.body.encode(), headers)  # noqa: S310 - always http
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
            return answer.status, kept(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, kept(refused.headers), refused.read()


def kept(headers: Any) -> dict[str, str]:
    """The headers that tell of the answer, not of the connection."""
    return {
        name: value for name, value in headers.items() if name.lower().startswith(("content-type", "x-amz"))
    }
