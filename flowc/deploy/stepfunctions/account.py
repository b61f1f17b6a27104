"""The connection to an AWS account.

Invariant: whatever goes wrong is a DeployFault that says what to do. What a service refuses is a
`Refused` with the service's own code, so that a caller can tell one refusal from another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault, Forbidden, Unreachable
from flowc.launch.aws import AwsFault, Services, Trouble, open_session

if TYPE_CHECKING:
    from typing import Any

    from flowc.launch.aws import Answer

_ATTEMPTS = 4  # of one request: a person waits for the answer


class Refused(DeployFault):
    """A service answered with an error; `code` is its own, `reason` its message."""

    def __init__(self, message: str, code: str, reason: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class Account:
    """The services of an account in one region."""

    def __init__(self, session: Any, region: str) -> None:  # noqa: ANN401
        self.region = region
        retries = {"total_max_attempts": _ATTEMPTS, "mode": "standard"}
        self._services = Services(session, region, retries=retries)

    def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """One request, tried again by the client where that helps. Raises Refused and other DeployFaults."""
        try:
            return self._services.call(service, operation, **parameters)
        except AwsFault as fault:
            raise _deploy_fault(fault) from fault


def open_account() -> Account:
    """The account of the credentials in force. Raises DeployFault."""
    try:
        return Account(*open_session("talking to AWS"))
    except AwsFault as fault:
        raise _deploy_fault(fault) from fault


def _deploy_fault(fault: AwsFault) -> DeployFault:
    match fault.trouble:
        case Trouble.REFUSED:
            return Refused(str(fault), fault.code, fault.reason)
        case Trouble.DENIED:
            return Forbidden(str(fault))
        case Trouble.LATER:
            return Unreachable(str(fault))
        case _:
            return DeployFault(str(fault))
