"""What a place to run tasks offers the scheduler.

Invariant: a launcher runs attempts and nothing else. Retries, limits and order are the scheduler's;
what a task means is the runtime's, the same in a container.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeVar

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.runtime.ending import Ending
    from flowc.runtime.settings import TaskSettings


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt to run. `environment` is what the task is told of itself, beside what its step is told."""

    settings: TaskSettings
    environment: Mapping[str, str]


class Listener(Protocol):
    """Whoever wants to know what an attempt does."""

    def started(self, where: str) -> None:
        """The attempt runs now: in `pid 811`, say."""

    def output(self, chunk: bytes) -> None:
        """It printed this."""


class Launcher(Protocol):
    """A place where attempts run."""

    async def run(self, order: Order, listener: Listener) -> Ending:
        """Run one attempt to its end. Cancellation ends it, and is passed on when it has ended."""

    def kill(self) -> None:
        """Give attempts that are being ended no more time for it."""

    async def close(self) -> None:
        """Give back what the launcher holds. No attempt may be running."""


class LaunchFault(Exception):  # noqa: N818 - what happened, not a kind of error
    """The place itself is gone or refuses: no fault of the task's."""


def no_process(why: str | None) -> LaunchFault:
    """What to say where the system gives no process or descriptor more, and why."""
    return LaunchFault(f"no more tasks can be started: {why}; a smaller --max-workers needs less")


async def blocking(local: bool, function: Callable[..., T], *arguments: object) -> T:
    """Call what waits for the datastore: at once where that is a folder, else beside the event loop.

    Raises LaunchFault where the system gives no thread for it.
    """
    if local:
        return function(*arguments)
    try:
        return await asyncio.to_thread(function, *arguments)
    except RuntimeError as error:
        if "new thread" not in str(error):
            raise
        raise no_process(str(error)) from error
