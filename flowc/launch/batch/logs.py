"""What a job prints, followed in CloudWatch Logs, which has it some seconds later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from flowc.launch.base import LaunchFault
from flowc.launch.batch.aws import Absent
from flowc.launch.batch.state import log_stream

if TYPE_CHECKING:
    from flowc.launch.awaited import Awaited
    from flowc.launch.base import Listener
    from flowc.launch.batch.aws import Aws
    from flowc.launch.batch.watch import Watch

GROUP = "/aws/batch/job"
_CALLS_A_SECOND = 5.0  # of GetLogEvents over all jobs of the run; an account has 25
_SECONDS = 2.0
_LATE_SECONDS = 1.0
_LATE_LOOKS = 2  # after the job's end: its last lines may not have arrived


async def follow(aws: Aws, watch: Watch, job_id: str, task: Awaited, listener: Listener) -> bool:
    """Pass on all that the job prints, to its end; whether there was anything to read."""
    stream, token, late, any_ = "", None, 0, False
    while True:
        job = watch.jobs.get(job_id) or {}
        if log_stream(job) != stream:  # another attempt of Batch's own
            stream, token = log_stream(job), None
        try:
            more, token = await _read(aws, group_of(job), stream, token, listener)
        except LaunchFault as fault:
            task.say(f"its output is shown at its end: {fault}")
            return False
        any_ = any_ or more
        late += task.over() and not more
        if late >= _LATE_LOOKS:
            return any_
        if not more:
            pause = _LATE_SECONDS if task.over() else _SECONDS
            await asyncio.sleep(max(pause, len(watch.tasks) / _CALLS_A_SECOND))


def group_of(job: dict[str, Any]) -> str:
    """The group that the job's log driver writes to."""
    options = ((job.get("container") or {}).get("logConfiguration") or {}).get("options") or {}
    return str(options.get("awslogs-group") or GROUP)


async def _read(
    aws: Aws, group: str, stream: str, token: str | None, listener: Listener
) -> tuple[bool, str | None]:
    """Pass on what is new; whether there was anything, and where to go on."""
    place = {"nextToken": token} if token else {}
    try:
        answer = await aws.call(
            "logs",
            "get_log_events",
            logGroupName=group,
            logStreamName=stream,
            startFromHead=True,
            **place,
        )
    except Absent:  # nothing was printed yet
        return False, token
    events = answer.get("events") or ()
    for event in events:
        listener.output(str(event["message"]).encode() + b"\n")
    return bool(events), answer.get("nextForwardToken") or token
