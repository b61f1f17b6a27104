"""What DescribeJobs says of a job: why it waits, whether it runs, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc import contract
from flowc.launch.awaited import Seen
from flowc.runtime.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    Job = Mapping[str, Any]

_WAITS = {
    "SUBMITTED": "Batch has taken it",
    "PENDING": "Batch has taken it",
    "RUNNABLE": "no machine of the queue is free for it",
    "STARTING": "its container is being started",
}
# What Batch says of a job at the head of a queue that it cannot place.
_BLOCKED = ("MISCONFIGURATION:", "CAPACITY:", "ACTION_REQUIRED")
_KILLED = 128  # an exit code above it is a signal


def read_job(job: Job) -> Seen:
    """How the job is now."""
    status = str(job.get("status"))
    waits, urgent = _waiting(status, str(job.get("statusReason") or ""))
    return Seen(
        waits=waits,
        urgent=urgent,
        asks=_asks_for(job),
        begun=bool(log_stream(job)),
        ending=_ending(job, status),
    )


def log_stream(job: Job) -> str:
    """The stream in which its newest attempt writes; "" before there is one."""
    return str((job.get("container") or {}).get("logStreamName") or "")


def attempt_id(settings_attempt: str, job: Job) -> str:
    """What the shim in the job's newest container calls its attempt (see `runtime.settings`)."""
    count = max(1, len(job.get("attempts") or ()))
    return f"{settings_attempt}-{job['jobId']}-{count}"


def _waiting(status: str, reason: str) -> tuple[str, bool]:
    waits = _WAITS.get(status, "")
    if not waits:
        return "", False
    blocked = reason.startswith(_BLOCKED)
    return (f"{waits} ({status}): {reason}" if blocked else f"{waits} ({status})"), blocked


def _asks_for(job: Job) -> str:
    wanted = (job.get("container") or {}).get("resourceRequirements") or ()
    return ", ".join(f"{item['type']} {item['value']}" for item in wanted)


def _ending(job: Job, status: str) -> Ending | None:
    if status == "SUCCEEDED":
        return Ending(contract.EXIT_OK)
    if status != "FAILED":
        return None
    container = job.get("container") or {}
    why, reason = str(job.get("statusReason") or ""), str(container.get("reason") or "")
    if "attempt duration exceeded timeout" in why:
        return Ending(contract.EXIT_TIMEOUT, f"was ended by Batch: {why}")
    if reason.startswith("OutOfMemoryError"):
        return Ending(
            contract.EXIT_USER_ERROR,
            f"was killed for its memory: {reason} (it asked for {_asks_for(job)})",
        )
    if job.get("isTerminated"):
        return Ending(contract.EXIT_TERMINATED, f"was terminated: {why}")
    code = container.get("exitCode")
    if code is None or reason:
        words = ": ".join(word for word in (why, reason) if word) or "Batch does not say why"
        never_ran = reason.startswith("Cannot") or not container.get("logStreamName")
        return Ending(
            contract.EXIT_INFRASTRUCTURE if never_ran else contract.EXIT_TERMINATED, f"was lost: {words}"
        )
    return _exited(int(code), why)


def _exited(code: int, why: str) -> Ending:
    if code == 0:
        return Ending(contract.EXIT_INFRASTRUCTURE, f"failed in Batch: {why}")
    if code > _KILLED and code != contract.EXIT_TERMINATED:
        return Ending(contract.EXIT_USER_ERROR, f"was killed by signal {code - _KILLED}")
    return Ending(code)
