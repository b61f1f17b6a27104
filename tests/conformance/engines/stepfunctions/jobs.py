"""Batch jobs that really run: attempts, exit codes and reasons, limits of time, retries by exit code.

Moto ignores retry strategies, gives no attempt number, loses exit codes and reasons, adds to the
caller's own variables each time a job is described, and has a job's output only when it has ended.
"""

from __future__ import annotations

import fnmatch
import json
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import containers
from moto.batch import models
from moto.batch.utils import JobStatus

if TYPE_CHECKING:
    from containers import Container

ENDED = "Essential container in task exited"
NEVER_BEGAN = "Task failed to start"
TOO_LONG = "Job attempt duration exceeded timeout"
TOO_MUCH_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


class End(NamedTuple):
    """How an attempt ended: what the service says, and what its container does; no `code` where none began."""

    code: int | None
    reason: str
    of_container: str = ""


class Place(NamedTuple):
    """Where jobs run (`docker` or `process`), what tells of them, and the services they reach."""

    kind: str
    log: str
    aws: str
    s3: str


def mend(place: Place) -> None:
    """Replace moto's jobs by these."""
    Job.place = place
    models.Job = Job
    begin = models.BatchBackend.__init__

    def with_own_jobs(self: Any, *args: object, **options: object) -> None:
        begin(self, *args, **options)
        self._jobs = Jobs()

    models.BatchBackend.__init__ = with_own_jobs


class Jobs(dict[str, Any]):
    """Jobs by id, which may be gone through while others are submitted."""

    def items(self) -> Any:
        """As they are now."""
        return list(super().items())

    def values(self) -> Any:
        """As they are now."""
        return list(super().values())


class Job(models.Job):
    """A job of one container, run by its own thread."""

    place: Place

    __module__ = models.__name__  # moto's metaclass takes the service's name from here

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Moto would add to the caller's own list.
        own = [dict(entry) for entry in self.container_overrides.get("environment", [])]
        self.container_overrides = {**self.container_overrides, "environment": own}
        self.end = End(None, "")

    def variables(self) -> dict[str, str]:
        """The definition's variables, then those of the submission."""
        properties = self.job_definition.container_properties
        listed = [*properties.get("environment", []), *self.container_overrides["environment"]]
        return {entry["name"]: entry["value"] for entry in listed}

    def memory(self) -> str | None:
        """The job's memory in MiB."""
        listed = self.job_definition.container_properties.get("resourceRequirements", [])
        return next((entry["value"] for entry in listed if entry["type"] == "MEMORY"), None)

    def _get_container_property(self, name: str, default: Any) -> Any:
        if name == "environment":
            return [{"name": name, "value": value} for name, value in self.variables().items()]
        return super()._get_container_property(name, default)

    def describe(self) -> dict[str, Any]:
        """What DescribeJobs says of the job."""
        found: dict[str, Any] = super().describe()
        properties = self.job_definition.container_properties
        container = found["container"]
        container |= {
            name: properties[name] for name in ("image", "resourceRequirements") if name in properties
        }
        if self.end.reason:
            found["statusReason"] = self.end.reason
        if self.end.of_container:
            container["reason"] = self.end.of_container
        if self.end.code is not None:
            container["exitCode"] = self.end.code
        return found | {"isTerminated": self.stop, "isCancelled": False}

    def run(self) -> None:
        """One attempt after another, until one ends well or no rule asks for the next."""
        strategy = self.job_definition.retry_strategy or {}
        limit = int(strategy.get("attempts") or 1)
        for attempt in range(1, limit + 1):
            self.end = self.attempt(attempt)
            self.exit_code = self.end.code
            if self.end.code == 0 or self.stop or self.end.reason == TOO_LONG:
                break
            if not wanted_again(strategy.get("evaluateOnExit") or [], self.end):
                break
        self._mark_stopped(success=self.end.code == 0)

    def attempt(self, number: int) -> End:
        """Run a container to its end."""
        self.status, self.job_started_at = JobStatus.RUNNING, datetime.now()  # noqa: DTZ005 - as moto compares it
        self._start_attempt()
        begun = time.time()
        name = f"{self.job_name}-{self.job_id}-{number}"[:200]
        own = {"AWS_BATCH_JOB_ID": self.job_id, "AWS_BATCH_JOB_ATTEMPT": str(number)}
        variables = {**containers.role(self.place.aws, self.place.s3), **self.variables(), **own}
        properties = self.job_definition.container_properties
        container = containers.start(
            self.place.kind, name, properties["image"], properties["command"], variables, self.memory()
        )
        self.log_stream_name = f"{self._stream_name}-{number}"
        end, printed = self.follow(container)
        if end.code is not None:
            self.latest_attempt["container"]["exitCode"] = end.code
        self._stop_attempt()
        told = {n: v for n, v in variables.items() if n in ("FLOWC_RUN_ID", "FLOWC_STEP", "FLOWC_PATH")}
        line = {**told, "job": self.job_id, "begun": begun, "ended": time.time(), "exit": end.code}
        with open(self.place.log, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({**line, "reason": end.reason, "printed": printed}) + "\n")
        return end

    def follow(self, container: Container) -> tuple[End, str]:
        """Wait for the end, or bring it about; also what was printed, which goes to the log as it comes."""
        limit = self._get_attempt_duration()
        until = time.monotonic() + limit if limit else None
        reason = ENDED
        while container.poll() is None:
            if self.stop or (until and time.monotonic() > until):
                reason = self.job_stopped_reason or TOO_LONG
                container.stop()
                break
            self.keep(container.lines())
            time.sleep(0.1)
        code = container.wait()
        self.keep(container.lines(to_end=True))
        printed, out_of_memory, never_began = container.clean_up(code)
        if never_began:
            self.log_stream_name = None
            return End(None, NEVER_BEGAN, f"CannotPullContainerError: {printed.strip()[:200]}"), printed
        return End(code, reason, TOO_MUCH_MEMORY if out_of_memory else ""), printed

    def keep(self, lines: list[str]) -> None:
        """Append lines to the job's stream; there is none before the first, and none is empty."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines if line]
        if events:
            self._log_backend.ensure_log_group(self._log_group)
            self._log_backend.ensure_log_stream(self._log_group, self.log_stream_name)
            self._log_backend.put_log_events(self._log_group, self.log_stream_name, events)


def wanted_again(rules: list[dict[str, str]], end: End) -> bool:
    """What the first rule that fits says; an attempt that no rule fits is made again."""
    for rule in rules:
        fits = fnmatch.fnmatch(str(end.code), rule.get("onExitCode", "*"))
        fits = fits and fnmatch.fnmatch(end.of_container, rule.get("onReason", "*"))
        if fits and fnmatch.fnmatch(end.reason, rule.get("onStatusReason", "*")):
            return rule["action"].lower() == "retry"
    return True
