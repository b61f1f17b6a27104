"""The calls that a run makes of AWS, in threads; throttled ones are tried again by the client, with growing pauses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowc.launch.aws import AwsFault, Services, open_session
from flowc.launch.base import LaunchFault

if TYPE_CHECKING:
    from flowc.launch.aws import Answer

_ATTEMPTS = 12  # of one call: some five minutes of throttling
_CONNECTIONS = 16
_ABSENT = "ResourceNotFoundException"


class Absent(Exception):  # noqa: N818 - what happened
    """AWS does not have what was asked for."""


class Aws:
    """The services of the account in whose queues tasks run."""

    def __init__(self) -> None:
        try:
            session, region = open_session("sending tasks to AWS Batch")
        except AwsFault as fault:
            raise LaunchFault(str(fault)) from fault
        retries = {"total_max_attempts": _ATTEMPTS, "mode": "adaptive"}
        self._services = Services(session, region, retries=retries, max_pool_connections=_CONNECTIONS)

    @property
    def region(self) -> str:
        """Where all is looked for."""
        return self._services.region

    async def call(self, service: str, operation: str, **arguments: object) -> Answer:
        """What an operation answers. Raises Absent, LaunchFault."""
        return await asyncio.to_thread(self._call, service, operation, arguments)

    def _call(self, service: str, operation: str, arguments: dict[str, object]) -> Answer:
        try:
            return self._services.call(service, operation, **arguments)
        except AwsFault as fault:
            raise Absent(fault.reason) if fault.code == _ABSENT else LaunchFault(str(fault)) from fault
