"""One watch for all pods of a run in a namespace.

Whenever it ends (the server ends it every few minutes, networks drop it, places in it are forgotten) the
pods are listed anew: one that is missing from the list ended while nobody looked.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from flowc.launch.kubernetes.api import Expired
from flowc.launch.kubernetes.http import Broken
from flowc.launch.kubernetes.state import read_pod

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from flowc.launch.awaited import Awaited
    from flowc.launch.kubernetes.api import Api

_PAUSE = 1.0  # seconds between a watch that was dropped and the next


class Watch:
    """Tells the tasks in `tasks`, by the names of their pods, what happens to them."""

    def __init__(self, api: Api, namespace: str, selector: str) -> None:
        self.tasks: dict[str, Awaited] = {}
        self._api = api
        self._namespace = namespace
        self._selector = selector
        self._listed = asyncio.Event()
        self._work = asyncio.ensure_future(self._keep())

    async def ready(self) -> None:
        """Wait until what happens from now on is heard of. Raises LaunchFault."""
        listed = asyncio.ensure_future(self._listed.wait())
        await asyncio.wait((listed, self._work), return_when=asyncio.FIRST_COMPLETED)
        listed.cancel()
        if self._work.done():
            self._work.result()

    async def close(self) -> None:
        """Stop watching."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _keep(self) -> None:
        try:
            while True:
                await self._from(await self._list())
                await asyncio.sleep(_PAUSE)
        except Exception as error:
            for task in self.tasks.values():
                task.lose(error)
            raise

    async def _list(self) -> str:
        """Take stock; the version to watch from."""
        # A pod made while the list is on its way may be missing from it.
        expected = [task for task in self.tasks.values() if task.made]
        pods, version = await self._api.pods(self._namespace, self._selector)
        found = {pod["metadata"]["name"]: pod for pod in pods}
        for name, pod in found.items():
            self._take(name, pod)
        for task in expected:
            if task.name not in found:
                task.lose()
        self._listed.set()
        return version

    async def _from(self, version: str) -> None:
        """Watch from `version` until the pods must be listed anew."""
        with contextlib.suppress(Expired, Broken, OSError):
            async with aclosing(self._api.watch(self._namespace, self._selector, version)) as events:
                async for event in events:
                    self._hear(event)

    def _hear(self, event: Mapping[str, Any]) -> None:
        if event["type"] == "BOOKMARK":
            return
        pod = event["object"]
        name = pod["metadata"]["name"]
        self._take(name, pod)
        task = self.tasks.get(name)
        if event["type"] == "DELETED" and task is not None:
            task.lose()

    def _take(self, name: str, pod: Mapping[str, Any]) -> None:
        task = self.tasks.get(name)
        if task is not None:
            task.take(read_pod(pod))
