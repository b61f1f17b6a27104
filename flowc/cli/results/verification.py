"""Reads every stored byte of runs against the records that name them.

Tasks share what they pass on, so that each object is read once, whoever names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.runtime.artifacts import verify
from flowc.runtime.client.stored import read_object, side_by_side
from flowc.runtime.client.values import entries_of
from flowc.runtime.records import fault_of_run
from flowc.runtime.store import CorruptObject, MissingObject, UnreadableObject
from flowc.runtime.store.digest import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from flowc.runtime.client.facts import StoredTask
    from flowc.runtime.client.stored import StoredRun
    from flowc.runtime.store import Store

MISSING, CORRUPT = "missing", "corrupt"
_SEVERAL = 16 << 20  # bytes of an object of which several may be in memory


class Piece(NamedTuple):
    """Bytes that a record names: a value inside an object, or (`size` -1) an object named by its digest."""

    object: str
    offset: int
    size: int
    digest: str


class Problem(NamedTuple):
    """What is wrong with an object: MISSING or CORRUPT, why, and the artifacts or tasks that need it."""

    object: str
    problem: str
    message: str
    needed_by: tuple[str, ...]


class Verified(NamedTuple):
    """How much was read, and what was wrong with it."""

    pieces: int
    size: int
    problems: tuple[Problem, ...]


def verify_runs(store: Store, runs: Sequence[StoredRun], told: Callable[[int, int], None]) -> Verified:
    """Read all that the runs name; `told` hears how many of how many pieces are read.

    Raises StoreError for a datastore that cannot be reached.
    """
    needed: dict[Piece, list[str]] = {}
    problems: list[Problem] = []
    for run in runs:
        tasks = run.tasks()
        problems += _broken(run, tasks)
        for piece, who in _pieces(run, tasks):
            needed.setdefault(piece, []).append(who)
    damaged: dict[str, Problem] = {}
    for count, (piece, fault) in enumerate(_read_all(store, list(needed)), 1):
        told(count, len(needed))
        if fault is not None:
            known = damaged.get(piece.object) or Problem(piece.object, *fault, ())
            damaged[piece.object] = known._replace(needed_by=(*known.needed_by, *needed[piece]))
    problems += damaged.values()
    return Verified(len(needed), sum(max(piece.size, 0) for piece in needed), tuple(problems))


def _broken(run: StoredRun, tasks: Iterable[StoredTask]) -> Iterator[Problem]:
    """The run's own description and its tasks' records."""
    key = f"{run.prefix}/{contract.RUN_OBJECT}"
    found, fault = read_object(run.store, key)
    if not fault and (lack := fault_of_run(found)):
        fault = f"{key} {lack}"
    if fault:
        yield Problem(key, _kind(fault), fault, (f"{run.flow}/{run.run_id}",))
    for task in tasks:
        if task.fault:
            yield Problem(task.fault.split(" ")[0], _kind(task.fault), task.fault, (task.pathspec,))


def _kind(fault: str) -> str:
    return MISSING if fault.endswith("missing") else CORRUPT


def _pieces(run: StoredRun, tasks: Iterable[StoredTask]) -> Iterator[tuple[Piece, str]]:
    """What the records name, each with the artifact that it is."""
    for name, entry in run.parameters.items():
        yield _piece(entry), f"{run.flow}/{run.run_id} {name}"
    for task in tasks:
        owner = task.pathspec
        failures = [attempt.failure for attempt in task.attempts if attempt.failure]
        for record in (*failures, task.record):
            for name, entry in entries_of(record).items():
                yield _piece(entry), f"{owner}/{name}"
        items = task.record.get("items")
        if isinstance(items, dict):
            place = str(items.get("object"))
            yield Piece(place, 0, -1, place.rpartition("/")[2]), f"{owner}, the items of its foreach"


def _piece(entry: dict[str, object]) -> Piece:
    offset, size = entry.get("offset"), entry.get("size")
    return Piece(
        str(entry.get("object")),
        offset if isinstance(offset, int) else 0,
        size if isinstance(size, int) else 0,
        str(entry.get("digest")),
    )


def _read_all(store: Store, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, tuple[str, str] | None]]:
    """(a piece, what is wrong with it): small ones side by side where the store is far away."""
    small = [piece for piece in pieces if 0 <= piece.size <= _SEVERAL]
    yield from zip(small, side_by_side(store, lambda piece: _fault(store, piece), small), strict=True)
    for piece in pieces:
        if not 0 <= piece.size <= _SEVERAL:
            yield piece, _fault(store, piece)


def _fault(store: Store, piece: Piece) -> tuple[str, str] | None:
    try:
        if piece.size >= 0:
            verify(store, {**piece._asdict(), "type": ""})
            return None
    except MissingObject as error:
        return MISSING, str(error)
    except (CorruptObject, UnreadableObject) as error:
        return CORRUPT, str(error)
    try:
        content = store.get(piece.object)
    except UnreadableObject as error:
        return CORRUPT, str(error)
    if content is None:
        return MISSING, f"there is no object {piece.object}"
    return (
        None if digest([content]) == piece.digest else (CORRUPT, f"{piece.object} is not what its name says")
    )
