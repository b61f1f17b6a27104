"""What is known of a task and of its attempts, whatever of it is missing or broken."""

from __future__ import annotations

from typing import NamedTuple

from flowc import contract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

SUCCEEDED, FAILED, KILLED, RUNNING = "succeeded", "failed", "killed", "running"
UNFINISHED = "unfinished"  # of a run: nothing says that it ended or must fail; it still runs, or was killed
SUPERSEDED = "superseded"  # of an attempt: it finished after another one had won
BROKEN = "broken"  # of a task: what it left cannot be read


class Engine(NamedTuple):
    """What made a run: in Metaflow's word, and for people."""

    runtime: str
    name: str


_ENGINES = {
    contract.ARGO_RUN: Engine("argo-workflows", "Argo Workflows"),
    contract.SFN_RUN: Engine("step-functions", "Step Functions"),
}


def engine_of(run_id: str) -> Engine | None:
    """The engine that made the run of this id; None for one of a user's machine."""
    return next((engine for sign, engine in _ENGINES.items() if run_id.startswith(sign)), None)


class StoredAttempt(NamedTuple):
    """One attempt. Times are seconds since 1970; `failure` is its failure.json."""

    prefix: str
    status: str
    started: float | None
    ended: float | None
    exit: int | None
    failure: Record | None

    @property
    def name(self) -> str:
        """The attempt's own name, which its engine gave it."""
        return self.prefix.rpartition("/")[2]


class StoredTask(NamedTuple):
    """One task, whose folder is `prefix`. `record` is the winning attempt's; empty without, or where `fault` says why."""

    prefix: str
    step: str
    path: str
    status: str
    record: Record
    attempts: tuple[StoredAttempt, ...]
    winner: str
    fault: str

    @property
    def pathspec(self) -> str:
        """`flow/run/step/path`."""
        return _pathspec(self.prefix)

    @property
    def adopted_from(self) -> str:
        """The task of another run whose result this is; "" for one that made its own."""
        adopted = bool(self.winner) and not self.winner.startswith(f"{self.prefix}/")
        return _pathspec(self.winner) if adopted else ""

    @property
    def caught(self) -> bool:
        """Whether `@catch` completed the task."""
        return self.record.get("caught") is True

    @property
    def targets(self) -> list[str]:
        """The steps it chose to go to."""
        found = self.record.get("targets")
        return [str(target) for target in found] if isinstance(found, list) else []

    @property
    def splits(self) -> int | None:
        """How many items its foreach has; None for any other transition."""
        return whole(self.record.get("splits"))

    @property
    def foreaches(self) -> list[Record]:
        """The foreaches around it, outermost first: {"step", "index", "count"}."""
        found = self.record.get("stack")
        frames = [frame for frame in found if isinstance(frame, dict)] if isinstance(found, list) else []
        return [
            {"step": str(f.get("step")), "index": whole(f.get("index")), "count": whole(f.get("count"))}
            for f in frames
        ]

    @property
    def started(self) -> float | None:
        """When its first attempt began."""
        return min((a.started for a in self.attempts if a.started is not None), default=None)

    @property
    def ended(self) -> float | None:
        """When its last attempt ended; None while one runs."""
        ends = [a.ended for a in self.attempts]
        return None if self.status == RUNNING else max((e for e in ends if e is not None), default=None)

    @property
    def decisive(self) -> StoredAttempt | None:
        """The attempt that won, else the newest one."""
        won = [a for a in self.attempts if a.prefix == self.winner]
        return (won or list(self.attempts) or [None])[-1]  # type: ignore[list-item]  # None for none


def number(value: Any) -> float | None:
    """A time as a record holds it; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e12 < value < 1e12:
        return None
    return float(value)


def whole(value: Any) -> int | None:
    """A count as a record holds it; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _pathspec(prefix: str) -> str:
    """`flow/run/step/path` of a place in or below a task's folder."""
    flow, run, step, path = prefix.split("/")[:4]
    return "/".join((contract.unescape_name(flow), run, contract.unescape_name(step), path))
