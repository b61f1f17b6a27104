"""Attempts as pods: each is created, watched, listened to and deleted.

The shim in the pod keeps the attempt's records itself; what is judged here is only how the container
ended, and what it may have had no time to note.

Invariant: no pod outlives its attempt's end here, however that comes, but for a killed flowc.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.awaited import REPEAT_SECONDS, Awaited
from flowc.launch.base import LaunchFault, blocking
from flowc.launch.kubernetes.api import Api, OverQuota, Refused
from flowc.launch.kubernetes.connect import connect
from flowc.launch.kubernetes.logs import follow
from flowc.launch.kubernetes.pods import RUN_LABEL, namespace_of, pod_name, run_label, task_pod
from flowc.launch.kubernetes.watch import Watch
from flowc.runtime.ending import ended_elsewhere

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from flowc.launch.base import Listener, Order
    from flowc.launch.remote import Remote
    from flowc.runtime.ending import Ending

_LOG_SECONDS = 10.0  # for the rest of the output of a pod that has ended
_END_SECONDS = 60.0  # for a pod to be gone that was asked to end
_HURRY_SECONDS = 5.0  # for the cluster to take note that a pod is to have no grace
_QUOTA_SECONDS = 5.0  # between two tries to make a pod that there is no room for


class Kubernetes:
    """Runs each attempt as a pod. Made by `start`."""

    def __init__(self, remote: Remote, api: Api, namespace: str) -> None:
        self._remote = remote
        self._api = api
        self._namespace = namespace
        self._watches: dict[str, Watch] = {}
        self._hurry = asyncio.Event()

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`."""
        step = self._remote.steps[order.settings.step]
        namespace = namespace_of(step, self._remote.settings.argo, self._namespace)
        watch = self._watch(namespace)
        await watch.ready()
        task = Awaited("pod", pod_name(order), listener)
        watch.tasks[task.name] = task
        log: asyncio.Future[bool] | None = None
        listener.started(f"pod {task.name}")
        try:
            await self._create(namespace, task, task_pod(self._remote, order, namespace))
            log = asyncio.ensure_future(self._follow(namespace, task, listener))
            ending = await task.until_end()
            await asyncio.wait((log,), timeout=_LOG_SECONDS)
            if log.done() and not log.result():
                await self._remote.show_stored(order.settings, listener)
            await self._remove(namespace, task)
        except BaseException:
            await self._end(namespace, task)
            raise
        finally:
            if log is not None:
                log.cancel()
            del watch.tasks[task.name]
        return await self._conclude(order, ending)

    def kill(self) -> None:
        """See `Launcher`."""
        self._hurry.set()

    async def close(self) -> None:
        """Stop watching."""
        for watch in self._watches.values():
            await watch.close()

    def _watch(self, namespace: str) -> Watch:
        if namespace not in self._watches:
            selector = f"{RUN_LABEL}={run_label(self._remote.run_id)}"
            self._watches[namespace] = Watch(self._api, namespace, selector)
        return self._watches[namespace]

    async def _create(self, namespace: str, task: Awaited, pod: dict[str, Any]) -> None:
        """Make the pod as soon as the namespace has room for it."""
        told_at: float | None = None
        clock = asyncio.get_running_loop().time
        while True:
            try:
                await _whole(self._api.create(namespace, pod))
            except OverQuota as full:
                if told_at is None or clock() - told_at >= REPEAT_SECONDS:
                    told_at = clock()
                    task.say(f"the pod waits: the namespace `{namespace}` has no room for it: {full}")
                await asyncio.sleep(_QUOTA_SECONDS)
            except Refused:
                task.gone = True
                raise
            else:
                task.made = True
                return

    async def _follow(self, namespace: str, task: Awaited, listener: Listener) -> bool:
        """The pod's output, from when there is any; whether there was."""
        return await task.begun() and await follow(self._api, namespace, task, listener)

    async def _remove(self, namespace: str, task: Awaited) -> None:
        """Delete a pod that has ended; one that cannot be deleted costs nothing."""
        if not task.gone:
            with contextlib.suppress(LaunchFault):
                await self._api.delete(namespace, task.name)

    async def _end(self, namespace: str, task: Awaited) -> None:
        """Have a pod ended, and wait for it; a second Ctrl-C ends it without grace."""
        if task.gone:
            return
        ending = asyncio.ensure_future(self._ask_to_end(namespace, task))
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait((ending, hurry), return_when=asyncio.FIRST_COMPLETED)
            if not ending.done() or not ending.result():
                async with asyncio.timeout(_HURRY_SECONDS):
                    await self._api.delete(namespace, task.name, grace=0)
        except (LaunchFault, TimeoutError) as fault:
            why = str(fault) or "no answer"
            task.say(f"its pod may still be there ({why}): kubectl -n {namespace} delete pod {task.name}")
        finally:
            ending.cancel()
            hurry.cancel()

    async def _ask_to_end(self, namespace: str, task: Awaited) -> bool:
        """Delete a pod with the grace that it has; whether it is gone."""
        return not await self._api.delete(namespace, task.name) or await task.ended_within(_END_SECONDS)

    async def _conclude(self, order: Order, ending: Ending) -> Ending:
        if ending.code == contract.EXIT_OK:
            return ending
        return await blocking(False, ended_elsewhere, order.settings, self._remote.store, ending)


async def start(remote: Remote) -> Kubernetes:
    """The launcher for the cluster that `kubectl` would use. Raises LaunchFault."""
    access = await connect()
    return Kubernetes(remote, Api(access), access.namespace)


async def _whole(request: Coroutine[Any, Any, None]) -> None:
    """Carry a request to its end even if that is no longer wanted: what it makes can then be deleted."""
    asked = asyncio.ensure_future(request)
    try:
        await asyncio.shield(asked)
    except asyncio.CancelledError:
        await asyncio.gather(asked, return_exceptions=True)
        raise
