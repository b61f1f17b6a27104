"""What ends a local run before its time: a signal, a reader who is gone, a fault of our own.

Ctrl-C, SIGTERM and a closed terminal end the tasks in an orderly way; a second one does not wait for
them, and a third one not even for their records. A report that cannot be written and an exception in a
callback, which asyncio would only mention, end the run like a signal.

Invariant: whatever happens, the run's work is cancelled and its tasks are ended; nothing hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING, ParamSpec

from flowc.launch.base import LaunchFault

if TYPE_CHECKING:
    from collections.abc import Callable

    Arguments = ParamSpec("Arguments")

# What a shell sends; a reader of our output who is gone counts as one.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):  # noqa: N818 - what happened
    """The run was ended from outside, by the signal of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.number = number


class EarlyEnd:
    """Ends the work, and keeps the first reason for it. `hurry` is what a second signal calls."""

    def __init__(self) -> None:
        self.reason: Exception | None = None
        self.hurry: Callable[[], None] = lambda: None
        self._work: asyncio.Future[None] | None = None
        self._signals = 0

    def listen(self, work: asyncio.Future[None]) -> None:
        """From now on end `work` for whatever there is a reason."""
        self._work = work
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_fault)
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue  # as `nohup` wishes, or a script that runs this beside its own work
            with contextlib.suppress(NotImplementedError, ValueError):
                loop.add_signal_handler(number, self._on_signal, number)

    def guarded(self, show: Callable[Arguments, None]) -> Callable[Arguments, None]:
        """`show`, whose failure ends the run and is not repeated."""
        broken = False

        def shown(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            nonlocal broken
            if broken:
                return
            try:
                show(*args, **kwargs)
            except OSError as error:
                broken = True
                unread = isinstance(error, BrokenPipeError)
                self._because(Interrupted(signal.SIGPIPE) if unread else _unwritable(error))
            except Exception as error:  # noqa: BLE001 - raised again when the tasks are ended
                broken = True
                self._because(error)

        return shown

    def _on_signal(self, number: int) -> None:
        self._signals += 1
        if self._signals == 1:
            self._because(Interrupted(number))
        elif self._signals == 2:
            self.hurry()
        else:
            # Closed connections end the tasks, at once.
            os._exit(128 + number)

    def _on_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if "handle" in context and isinstance(error, Exception):
            self._because(error)
        elif not isinstance(error, Exception):
            loop.default_exception_handler(context)

    def _because(self, reason: Exception) -> None:
        if self.reason is None and self._work is not None:
            self.reason = reason
            self._work.cancel()


def _unwritable(error: OSError) -> LaunchFault:
    return LaunchFault(f"what happens cannot be shown: {error.strerror}")
