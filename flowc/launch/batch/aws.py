"""The calls that a run makes of AWS, in threads, and what AWS refuses in words.

Throttled calls are tried again by the client itself, with growing pauses.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from flowc.launch.base import LaunchFault
from flowc.runtime.region import aws_region

if TYPE_CHECKING:
    from collections.abc import Callable

_ATTEMPTS = 12  # of one call: some five minutes of throttling
_CONNECTIONS = 16

# AWS's codes, some services' and others'.
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnrecognizedClientException")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


class Absent(Exception):  # noqa: N818 - what happened
    """AWS does not have what was asked for."""


class Aws:
    """The clients of a session, made when they are first used."""

    def __init__(self) -> None:
        try:
            import boto3
        except ImportError as error:
            raise LaunchFault(
                "sending tasks to AWS Batch needs boto3, which this Python lacks: pip install 'flowc[aws]'"
            ) from error
        self._session: Any = boto3.session.Session(region_name=aws_region())
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """Where all is looked for."""
        return str(self._session.region_name)

    async def call(self, service: str, operation: str, **arguments: object) -> dict[str, Any]:
        """What an operation answers. Raises Absent, LaunchFault."""
        return await asyncio.to_thread(self._call, service, operation, arguments)

    def _call(self, service: str, operation: str, arguments: dict[str, object]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            function: Callable[..., dict[str, Any]] = getattr(self._client(service), operation)
            return function(**arguments)
        except ClientError as error:
            raise self._refusal(service, operation, dict(error.response.get("Error") or {})) from error
        except (BotoCoreError, ValueError) as error:
            raise LaunchFault(
                f"AWS cannot be asked for {service}:{_action(operation)}: {error}; look at the AWS_… variables, "
                "~/.aws/config and `aws sts get-caller-identity`"
            ) from error

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        from botocore.config import Config

        if service not in self._clients:
            patient = Config(
                retries={"total_max_attempts": _ATTEMPTS, "mode": "adaptive"},
                max_pool_connections=_CONNECTIONS,
            )
            self._clients[service] = self._session.client(service, config=patient)
        return self._clients[service]

    def _refusal(self, service: str, operation: str, error: dict[str, Any]) -> Exception:
        code, said = str(error.get("Code")), str(error.get("Message"))
        if code == "ResourceNotFoundException":
            return Absent(said)
        if code in _EXPIRED:
            return LaunchFault(f"AWS no longer accepts the credentials ({said}); log in again")
        if code in _DENIED:
            return LaunchFault(
                f"AWS refuses {service}:{_action(operation)}: {said}; whoever runs the flow needs it in a policy"
            )
        return LaunchFault(f"AWS refuses {service}:{_action(operation)}: {code}: {said}")


def _action(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
