"""Tasks as processes started afresh by the shim, as a container starts them.

This is slower than a fork, and safe on any system and with any library.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import sys
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.base import LaunchFault, no_process
from flowc.launch.server_process import module_path
from flowc.runtime.ending import Ending
from flowc.runtime.limits import GRACE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.launch.base import Listener, Order

_SHIM = ("-m", "flowc.runtime.main", "step")


class Spawned:
    """Starts the shim for each attempt; `steps` is what each step is told."""

    def __init__(self, root: str, steps: Mapping[str, Mapping[str, str]]) -> None:
        self._root = root
        self._steps = steps
        self._processes: set[asyncio.subprocess.Process] = set()

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`. The shim keeps the attempt's log and its time limit itself."""
        process = await self._start(order)
        self._processes.add(process)
        listener.started(f"pid {process.pid}")
        try:
            await _pass_on(process, listener)
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process, listener)
            raise
        finally:
            self._processes.discard(process)
        if code < 0:
            return Ending(contract.EXIT_INFRASTRUCTURE, f"was killed by signal {-code}")
        return Ending(code)

    async def _start(self, order: Order) -> asyncio.subprocess.Process:
        step = order.settings.step
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *_SHIM,
                contract.escape_name(step),
                cwd=self._root,
                env={**os.environ, **self._steps[step], **order.environment, **module_path()},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise LaunchFault(
                    f"the variables of step `{step}` are longer than a process can have"
                ) from error
            raise no_process(error.strerror) from error
        except RuntimeError as error:  # asyncio waits for a process by a thread
            raise no_process(str(error)) from error

    def kill(self) -> None:
        """See `Launcher`. A shim that is asked to stop a second time does not wait."""
        for process in self._processes:
            _ask_to_stop(process)

    async def close(self) -> None:
        """Nothing is held."""


async def _pass_on(process: asyncio.subprocess.Process, listener: Listener) -> None:
    stream = process.stdout
    while stream is not None:
        chunk = await stream.read(1 << 16)
        if not chunk:
            return
        listener.output(chunk)


async def _end(process: asyncio.subprocess.Process, listener: Listener) -> None:
    """The shim ends its task on SIGTERM, and needs somewhat longer for it than the task's grace."""
    _ask_to_stop(process)
    try:
        async with asyncio.timeout(GRACE_SECONDS + 5):
            await _pass_on(process, listener)
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _ask_to_stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
