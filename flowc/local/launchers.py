"""The places where the tasks of a run go: processes here, pods, jobs, or some of each.

Only what a run needs is started: one whose steps are all sent away forks nothing here.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from flowc.launch.mixed import Mixed
from flowc.launch.remote import Remote, store_code
from flowc.launch.server_process import end_unneeded, forks
from flowc.launch.spawned import Spawned
from flowc.launch.warm import start_forked
from flowc.local.run import step_environments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.launch.base import Launcher
    from flowc.local.run import LocalRun
    from flowc.runtime.store import Store

_HERE = "here"


async def start_launcher(run: LocalRun, store: Store) -> Launcher:
    """What runs the attempts of all steps. Raises LaunchFault, StoreError."""
    told = step_environments(run)
    if not run.remote:
        return await _here(run, store, told)
    places = {step: run.remote.get(step, _HERE) for step in told}
    if _HERE not in places.values():
        end_unneeded()
    launchers: dict[str, Launcher] = {}
    try:
        remote = await _remote(run, store, told)
        for place in dict.fromkeys(places.values()):
            own = {step: told[step] for step in told if places[step] == place}
            launchers[place] = await _start(place, run, remote, own)
    except BaseException:
        for launcher in launchers.values():
            with contextlib.suppress(Exception):
                await launcher.close()
        raise
    return Mixed(launchers, places)


async def _start(
    place: str, run: LocalRun, remote: Remote, told: Mapping[str, Mapping[str, str]]
) -> Launcher:
    if place == "kubernetes":
        from flowc.launch.kubernetes.launcher import start as start_kubernetes

        return await start_kubernetes(remote)
    if place == "batch":
        from flowc.launch.batch.launcher import start as start_batch

        return await start_batch(remote, list(told))
    return await _here(run, remote.store, told)


async def _remote(run: LocalRun, store: Store, told: Mapping[str, Mapping[str, str]]) -> Remote:
    flow = run.program.graph.name
    return Remote(
        flow=flow,
        run_id=run.run_id,
        steps=run.program.graph.steps,
        told=told,
        settings=run.settings,
        store=store,
        code={} if run.archive is None else await store_code(run.archive, flow, store),
    )


async def _here(run: LocalRun, store: Store, told: Mapping[str, Mapping[str, str]]) -> Launcher:
    if not forks(run.isolate):
        return Spawned(run.root, told)
    entry = os.path.join(run.root, *run.program.graph.file.split("/"))
    return await start_forked(
        root=run.root, entry=entry, steps=told, preload=run.preload, store=store, local=run.is_local
    )
