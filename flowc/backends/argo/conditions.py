"""When a task of a DAG may start: `depends` and `when`, made of the ways into it.

A way leads from a task, by a key where that task chose. `depends` waits until every task it names
has ended in some way (also skipped), then asks whether one of them succeeded; `when` asks which
key was chosen. A task that failed has no outputs, and the engine would wait for them for ever: it
is excluded in `depends`, before `when` is looked at. One that was skipped is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Way:
    """From a task of the same DAG, unconditionally or by the key it chose."""

    task: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The two fields of a task; empty where there is nothing to wait for or to ask."""

    depends: str = ""
    when: str = ""


AT_ONCE = Entry()


def entry(ways: Sequence[Way]) -> Entry:
    """Start when one of the ways was taken. No ways: at once."""
    tasks = list(dict.fromkeys(way.task for way in ways))
    depends = " || ".join(f"{task}.Succeeded" for task in tasks)
    choosing = list(dict.fromkeys(way.task for way in ways if way.key is not None))
    if not choosing:
        return Entry(depends)
    if len(tasks) > 1:
        depends = " && ".join([f"({depends})", *(f"!{task}.Failed && !{task}.Errored" for task in choosing)])
    return Entry(depends, " || ".join(taken(way, alone=len(tasks) == 1) for way in ways))


def all_of(entries: Iterable[Entry]) -> Entry:
    """Start when each of the entries was made: a join."""
    several = list(entries)
    return Entry(
        " && ".join(dict.fromkeys(_grouped(e.depends) for e in several if e.depends)),
        " && ".join(dict.fromkeys(_grouped(e.when) for e in several if e.when)),
    )


def expression(text: str) -> str:
    """An expression as the engine's tag."""
    return "{{=" + text + "}}"


def taken(way: Way, *, alone: bool = False) -> str:
    """Whether a way was taken. `alone`: its task is known to have succeeded."""
    chosen = f"tasks['{way.task}'].outputs.parameters['next'] == '{way.key}'"
    if way.key is not None and alone:
        return chosen
    succeeded = f"tasks['{way.task}'].status == 'Succeeded'"
    return succeeded if way.key is None else f"({succeeded} && {chosen})"


def _grouped(text: str) -> str:
    return f"({text})" if " || " in text else text
