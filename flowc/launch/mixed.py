"""Several places for the tasks of one run: each step has its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.launch.base import Launcher, Listener, Order
    from flowc.runtime.ending import Ending


class Mixed:
    """Passes each attempt on: `places` says by which of the `launchers` a step's attempts are run."""

    def __init__(self, launchers: Mapping[str, Launcher], places: Mapping[str, str]) -> None:
        self._launchers = launchers
        self._places = places

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`."""
        return await self._launchers[self._places[order.settings.step]].run(order, listener)

    def kill(self) -> None:
        """See `Launcher`."""
        for launcher in self._launchers.values():
            launcher.kill()

    async def close(self) -> None:
        """Close all, whatever becomes of the others."""
        faults = await asyncio.gather(
            *(launcher.close() for launcher in self._launchers.values()), return_exceptions=True
        )
        for fault in faults:
            if fault is not None:
                raise fault
