"""One look at all jobs of a run every few seconds, a hundred to a call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from flowc.launch.batch.state import read_job

if TYPE_CHECKING:
    from flowc.launch.awaited import Awaited
    from flowc.launch.batch.aws import Aws

_SECONDS = 3.0
_CALL = 100  # jobs of one DescribeJobs
_CALLS_A_SECOND = 2.0  # of an account's limit, which others share


class Watch:
    """Tells the tasks in `tasks`, by their jobs' ids, how they are; `jobs` is the newest of each."""

    def __init__(self, aws: Aws) -> None:
        self.tasks: dict[str, Awaited] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self._aws = aws
        self._work = asyncio.ensure_future(self._keep())

    def forget(self, job_id: str) -> None:
        """Nobody waits for the job any more."""
        self.tasks.pop(job_id, None)
        self.jobs.pop(job_id, None)

    async def close(self) -> None:
        """Stop looking."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _keep(self) -> None:
        try:
            while True:
                await self._look()
                await asyncio.sleep(max(_SECONDS, len(self.tasks) / _CALL / _CALLS_A_SECOND))
        except Exception as error:
            for task in self.tasks.values():
                task.lose(error)
            raise

    async def _look(self) -> None:
        asked = [job_id for job_id, task in self.tasks.items() if not task.over()]
        for start in range(0, len(asked), _CALL):
            part = asked[start : start + _CALL]
            answer = await self._aws.call("batch", "describe_jobs", jobs=part)
            found = {job["jobId"]: job for job in answer.get("jobs") or ()}
            for job_id in part:
                self._tell(job_id, found.get(job_id))

    def _tell(self, job_id: str, job: dict[str, Any] | None) -> None:
        task = self.tasks.get(job_id)
        if task is None:
            return
        if job is None:
            task.lose()
            return
        self.jobs[job_id] = job
        task.take(read_job(job))
