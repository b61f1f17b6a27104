"""Records of tasks: what a finished attempt left, and which attempt won.

Invariant: a task's result is the record that its marker names; see `commit` for the order of writing.
"""

from __future__ import annotations

import json

from flowc import contract
from flowc.runtime.store import MissingObject, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

    Record = dict[str, Any]
    Parts = tuple[tuple[str, type], ...]

# A step may replace `json.dumps` for its own purposes; the task's record is written after it.
_decode = json.JSONDecoder().raw_decode


def _encoder() -> Callable[[Any], str]:
    """What writes compact JSON. `JSONEncoder.encode` makes its C part, and closures for it, for each value anew."""
    plain = json.JSONEncoder(separators=(",", ":"), sort_keys=True)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    write = make(None, plain.default, json.encoder.encode_basestring_ascii, None, ":", ",", True, False, True)
    return lambda value: "".join(write(value, 0))


_encode = _encoder()


MOST_KEPT = 16  # records, which may be large
FORMAT = 1  # of records; a flowc that writes more than this one reads counts on

# What those who read an object take for granted of it.
_RUN = (("uid", str), ("parameters", dict))
_RECORD = (("artifacts", dict), ("stack", list), ("targets", list))
_MARKER = (("attempt", str),)
_TOLD = (("step", str), ("path", str))


_REMEDY = (
    "`flowc verify` lists all that is damaged, `flowc resume FILE STEP` makes it anew from the step it is of, "
    "`flowc run` where it is of the run"
)


class MissingInput(Exception):
    """A task that must have finished before this one has no record."""


class Run:
    """One run's records in a store. Paths are those of `contract`."""

    def __init__(self, store: Store, flow: str, run_id: str) -> None:
        self.store = store
        self.flow = flow
        self.run_id = run_id
        self.prefix = contract.run_prefix(flow, run_id)
        self._description: Record | None = None
        self._kept: dict[tuple[str, str], Record] = {}

    def task_prefix(self, step: str, path: str) -> str:
        """The folder of a task."""
        return f"{self.prefix}/{contract.escape_name(step)}/{path}"

    def describe(self) -> Record | None:
        """`run.json`, which never changes once it is there; None before `start`."""
        if self._description is None:
            self._description = self._read(f"{self.prefix}/{contract.RUN_OBJECT}", _RUN)
        return self._description

    def create(self, description: Record) -> bool:
        """Write `run.json`; False where there is one. Raises StoreError for a store that lets two win."""
        key = f"{self.prefix}/{contract.RUN_OBJECT}"
        content = to_json(description)
        if not self.store.create(key, content):
            return False
        if self.store.create(key, content):
            raise StoreError(
                "the datastore accepts two conditional writes of one object, so racing attempts could mix: "
                "use an endpoint that honours `If-None-Match: *`"
            )
        return True

    def winner(self, step: str, path: str) -> Record | None:
        """The record of a finished task; None while it has none."""
        attempt = self.winning_attempt(step, path)
        if attempt is None:
            return None
        key = f"{attempt}/{contract.RECORD_OBJECT}"
        record = self._read(key, _RECORD)
        if record is None:
            raise StoreError(
                f"{self.store.place(key)}, the record that a marker names, is missing; {_REMEDY}"
            )
        return record

    def winning_attempt(self, step: str, path: str) -> str | None:
        """The prefix of the attempt that won, which may lie in the run this one resumes; None before."""
        marker = self._read(self._marker(step, path), _MARKER)
        return None if marker is None else str(marker["attempt"])

    def is_finished(self, step: str, path: str) -> bool:
        """Whether an attempt of the task won."""
        return self.store.get(self._marker(step, path)) is not None

    def is_adopted(self, step: str, path: str) -> bool:
        """Whether the task was finished by another run and taken over."""
        attempt = self.winning_attempt(step, path)
        return attempt is not None and not attempt.startswith(self.prefix + "/")

    def take_over(self, origin: Run, step: str, path: str) -> bool:
        """Make the result that a task has in `origin` its result here; False where it has none."""
        try:
            self.store.link(origin._marker(step, path), self._marker(step, path))
        except MissingObject:
            return False
        return True

    def finished(self, step: str, path: str) -> Record:
        """The record of a task that must have finished. Raises MissingInput."""
        record = self._kept.get((step, path)) or self.winner(step, path)
        if record is None:
            raise MissingInput(f"the task {step}/{path} has no record: it did not finish")
        return record

    def keep(self, step: str, path: str) -> None:
        """Read a finished task's record for all who ask again: it never changes. Raises MissingInput."""
        if (step, path) not in self._kept:
            record = self.finished(step, path)
            if len(self._kept) == MOST_KEPT:
                self._kept.clear()
            self._kept[step, path] = record

    def mark(self, step: str, path: str, attempt_prefix: str) -> bool:
        """Make an attempt the task's winner; False where another one is."""
        return self.store.create(self._marker(step, path), to_json({"attempt": attempt_prefix}))

    def told(self, step: str, path: str, arm: str | None = None) -> tuple[str, str]:
        """The (step, path) that was told to be the predecessor of a task. Raises MissingInput."""
        key = self._from_key(step, path, arm)
        found = self._read(key, _TOLD)
        if found is None:
            raise MissingInput(f"{key} is missing: no task before {step}/{path} finished")
        return found["step"], found["path"]

    def tell(self, step: str, path: str, arm: str | None, source: tuple[str, str]) -> None:
        """Write who comes before a task."""
        content = to_json({"step": source[0], "path": source[1]})
        self.store.put(self._from_key(step, path, arm), [content])

    def _read(self, key: str, parts: Parts) -> Record | None:
        found = read_json(self.store, key)
        if found is not None and (fault := fault_of(found, parts)):
            raise StoreError(f"{self.store.place(key)} {fault}")
        return found

    def _marker(self, step: str, path: str) -> str:
        return f"{self.task_prefix(step, path)}/{contract.MARKER_OBJECT}"

    def _from_key(self, step: str, path: str, arm: str | None) -> str:
        name = "from.json" if arm is None else f"from.{contract.escape_name(arm)}.json"
        return f"{self.task_prefix(step, path)}/{name}"


def earlier_attempts(settings: TaskSettings, store: Store) -> int:
    """How many attempts of a task there were before this one, the same in every world."""
    names = store.names(f"{settings.prefix}/{contract.ATTEMPTS_PREFIX}")
    return len(names) - (settings.attempt in names)


def fault_of_run(description: Record) -> str:
    """What keeps this flowc from using a run's description, "" if nothing does."""
    return fault_of(description, _RUN)


def fault_of_record(record: Record) -> str:
    """What keeps this flowc from using a task's record, "" if nothing does."""
    return fault_of(record, _RECORD)


def fault_of(found: Record, parts: Parts) -> str:
    """What an object lacks of what its readers take for granted, "" if nothing."""
    if found.get("format", FORMAT) != FORMAT:
        return f"is of format {found['format']}, and this flowc reads format {FORMAT}: use the flowc that wrote it"
    for name, kind in parts:
        if not isinstance(found.get(name), kind):
            return f"does not say `{name}` as it must, so it was damaged after it was written; {_REMEDY}"
    return ""


def read_json(store: Store, key: str) -> Record | None:
    """The JSON object at `key`, or None. Raises StoreError when it is something else."""
    content = store.get(key)
    if content is None:
        return None
    try:
        text = content.decode().strip()
        value, end = _decode(text)
        if end != len(text):
            raise ValueError(f"there is more after character {end}")  # noqa: TRY301 - damage like any other
    except (ValueError, RecursionError) as error:
        raise StoreError(
            f"{store.place(key)} is not JSON, so it was damaged after it was written ({error}); {_REMEDY}"
        ) from error
    if not isinstance(value, dict):
        raise StoreError(
            f"{store.place(key)} is no JSON object, so it was damaged after it was written; {_REMEDY}"
        )
    return value


def to_json(value: Any) -> bytes:
    """Compact JSON."""
    return _encode(value).encode()
