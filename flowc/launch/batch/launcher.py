"""Attempts as jobs: each is submitted, watched, listened to, and terminated where it is no longer wanted.

The shim in the job keeps the attempt's records itself; what is judged here is only how the job ended,
and what it may have had no time to note.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.awaited import Awaited
from flowc.launch.base import LaunchFault, blocking
from flowc.launch.batch.aws import Aws
from flowc.launch.batch.jobs import definition, queue_of, submission
from flowc.launch.batch.logs import follow
from flowc.launch.batch.queues import check_queue
from flowc.launch.batch.state import attempt_id
from flowc.launch.batch.watch import Watch
from flowc.records import replace
from flowc.runtime.ending import ended_elsewhere

if TYPE_CHECKING:
    from typing import Any

    from flowc.ir.graph import Step
    from flowc.launch.base import Listener, Order
    from flowc.launch.remote import Remote
    from flowc.runtime.ending import Ending
    from flowc.runtime.settings import TaskSettings

_LOG_SECONDS = 30.0  # for the rest of the output of a job that has ended
_END_SECONDS = 60.0  # for a job to have ended that was terminated


class Batch:
    """Runs each attempt as a job. Made by `start`; `definitions` are the ARNs by the steps' names."""

    def __init__(self, remote: Remote, aws: Aws, definitions: dict[str, str]) -> None:
        self._remote = remote
        self._aws = aws
        self._definitions = definitions
        self._watch = Watch(aws)
        self._hurry = asyncio.Event()

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`."""
        job_id = await self._submit(order)
        task = Awaited("job", job_id, listener)
        self._watch.tasks[job_id] = task
        listener.started(f"job {job_id}")
        log = asyncio.ensure_future(self._follow(task, listener))
        try:
            ending = await task.until_end()
            await asyncio.wait((log,), timeout=_LOG_SECONDS)
            job = self._watch.jobs.get(job_id) or {"jobId": job_id}
            settings = replace(order.settings, attempt=attempt_id(order.settings.attempt, job))
            if log.done() and not log.result():
                await self._remote.show_stored(settings, listener)
        except BaseException:
            await self._end(task)
            raise
        finally:
            log.cancel()
            self._watch.forget(job_id)
        return await self._conclude(settings, ending)

    def kill(self) -> None:
        """See `Launcher`."""
        self._hurry.set()

    async def close(self) -> None:
        """Stop looking."""
        await self._watch.close()

    async def _submit(self, order: Order) -> str:
        """The id of the new job. A submission that is no longer wanted is taken back."""
        arn = self._definitions[order.settings.step]
        asked = asyncio.ensure_future(
            self._aws.call("batch", "submit_job", **submission(self._remote, order, arn))
        )
        try:
            return str((await asyncio.shield(asked))["jobId"])
        except asyncio.CancelledError:
            for answer in await asyncio.gather(asked, return_exceptions=True):
                if isinstance(answer, dict):
                    await self._terminate(answer["jobId"])
            raise

    async def _follow(self, task: Awaited, listener: Listener) -> bool:
        return await task.begun() and await follow(self._aws, self._watch, task.name, task, listener)

    async def _end(self, task: Awaited) -> None:
        """Have a job terminated, and wait for it; not after a second Ctrl-C."""
        try:
            await self._terminate(task.name)
        except LaunchFault as fault:
            task.say(
                f"its job may still run ({fault}): aws batch terminate-job --job-id {task.name} --reason flowc"
            )
            return
        waits = [
            asyncio.ensure_future(wait) for wait in (task.ended_within(_END_SECONDS), self._hurry.wait())
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _terminate(self, job_id: str) -> None:
        """End a job, or take it from its queue."""
        await self._aws.call("batch", "terminate_job", jobId=job_id, reason="the run of flowc was ended")

    async def _conclude(self, settings: TaskSettings, ending: Ending) -> Ending:
        if ending.code == contract.EXIT_OK:
            return ending
        return await blocking(False, ended_elsewhere, settings, self._remote.store, ending)


async def start(remote: Remote, steps: list[str]) -> Batch:
    """The launcher for jobs of `steps`, whose queues and definitions are there. Raises LaunchFault."""
    aws = await asyncio.to_thread(Aws)
    chosen = [remote.steps[step] for step in steps]
    queues: dict[str, list[Step]] = {}
    for step in chosen:
        queues.setdefault(queue_of(step, remote), []).append(step)
    for queue, those in queues.items():
        await check_queue(aws, queue, those, remote.settings.stepfunctions.platform)
    known: dict[str, str] = {}
    arns = {step.name: await _registered(aws, definition(remote, step), known) for step in chosen}
    return Batch(remote, aws, arns)


async def _registered(aws: Aws, wanted: dict[str, Any], known: dict[str, str]) -> str:
    """The ARN of a definition, which is registered where nobody did before."""
    name = wanted["jobDefinitionName"]
    if name not in known:
        answer = await aws.call("batch", "describe_job_definitions", jobDefinitionName=name, status="ACTIVE")
        found = answer.get("jobDefinitions") or [await aws.call("batch", "register_job_definition", **wanted)]
        known[name] = str(found[0]["jobDefinitionArn"])
    return known[name]
