"""Workflow variables: assigned before they are read on every path, and each in a scope of its own.

A level sees the variables of the levels around it, as they were when its holder was entered, but
may not assign their names; the children of a distributed Map see none of them. What a state reads
it reads as of its entry.

Invariant: FC746 is an error where no path assigns a variable first, a warning where some paths do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.asl.dialects import expressions
from flowc.validate.asl.jsonata import FUNCTIONS, read_jsonata
from flowc.validate.asl.states import JSONATA
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import Level, State

_NAME = re.compile(r"[^\W\d]\w*")
_IN_PATH = re.compile(r"(?<![$\w])\$([^\W\d]\w*)")
_LONGEST_NAME = 80
_Names: TypeAlias = "frozenset[str]"
_Read: TypeAlias = "tuple[Path, str, tuple[int, int] | None]"


class _Known(NamedTuple):
    """Variables at one point: those with a value on every path to it, and those with one on some path."""

    always: _Names
    sometimes: _Names

    def plus(self, names: Iterable[str]) -> _Known:
        return _Known(self.always | frozenset(names), self.sometimes | frozenset(names))

    def joined(self, other: _Known) -> _Known:
        return _Known(self.always & other.always, self.sometimes | other.sometimes)


_NOTHING = _Known(frozenset(), frozenset())


def check_variables(levels: list[Level]) -> None:
    """Report FC746 and FC708 for every level; outer ones come first in the list."""
    entries: dict[int, dict[str, _Known]] = {}
    owned = {id(level): _assigned_in(level) for level in levels}
    named = set().union(*owned.values())
    for level in levels:
        outer: _Known | None = _NOTHING
        around: set[str] = set()
        if level.above is not None and level.holder is not None:
            outer = entries[id(level.above)].get(level.holder.name)
            if outer is not None and level.is_distributed:
                outer = _NOTHING
            elif not level.is_distributed:
                around = _names_around(level.above, owned)
        # What nothing leads to is told; what it would know is in doubt.
        entries[id(level)] = _flow(level, outer) if outer is not None else {}
        for state in level.states.values():
            _check_assigned(state, around)
            known = entries[id(level)].get(state.name)
            if known is not None:
                # A function that is handed on is no variable, unless one is called so.
                reads = [read for read in _reads(state) if read[1] not in FUNCTIONS or read[1] in named]
                _check_reads(level, state, reads, known, owned, around)


def _names_around(level: Level | None, owned: dict[int, set[str]]) -> set[str]:
    """The variables of a level and of those it can see."""
    found: set[str] = set()
    while level is not None:
        found |= owned[id(level)]
        level = None if level.is_distributed else level.above
    return found


# --------------------------------------------------------------------------------------- data flow
def _flow(level: Level, outer: _Known) -> dict[str, _Known]:
    """What is known at the entry of each state that is reached, as a fixed point over the edges."""
    known = {level.start: outer} if level.start in level.states else {}
    todo = list(known)
    while todo:
        name = todo.pop()
        for target, names in _edges(level.states[name]):
            if target not in level.states:
                continue
            there = known[name].plus(names)
            joined = known[target].joined(there) if target in known else there
            if joined != known.get(target):
                known[target] = joined
                todo.append(target)
    return known


def _edges(state: State) -> Iterator[tuple[str, _Names]]:
    """Where a state leads, each with what it assigns on that way."""
    own = _keys(state.value.get("Assign"))
    if state.type == "Choice":
        for _, rule in mappings(state.value.get("Choices")):
            yield text(rule.get("Next")), _keys(rule.get("Assign"))
        yield text(state.value.get("Default")), own
        return
    yield text(state.value.get("Next")), own
    for _, catcher in mappings(state.value.get("Catch")):
        yield text(catcher.get("Next")), _keys(catcher.get("Assign"))


def _keys(assign: object) -> _Names:
    return frozenset(name.removesuffix(".$") for name in mapping(assign))


def _assigns(state: State) -> Iterator[tuple[Path, Mapping]]:
    """Every `Assign` of a state with its path."""
    yield ("Assign",), mapping(state.value.get("Assign"))
    for part in ("Choices", "Catch"):
        for index, entry in mappings(state.value.get(part)):
            yield (part, index, "Assign"), mapping(entry.get("Assign"))


def _assigned_in(level: Level) -> set[str]:
    return {
        name.removesuffix(".$")
        for state in level.states.values()
        for _, assign in _assigns(state)
        for name in assign
    }


# ------------------------------------------------------------------------------------------ checks
def _check_assigned(state: State, around: set[str]) -> None:
    for path, assign in _assigns(state):
        for key in assign:
            name = key.removesuffix(".$")
            if name in around:
                message = f"`{state.name}` assigns `{name}`, which a level around it has"
                state.findings.report(
                    catalog.VARIABLE_SCOPE,
                    (*path, key),
                    message,
                    "give it a name of its own: an inner level may read an outer variable, never assign it",
                    at_key=True,
                )
            elif name == "states" or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
                message = f"`{name}` cannot be the name of a variable"
                state.findings.report(
                    catalog.MANIFEST_NAME,
                    (*path, key),
                    message,
                    f"use at most {_LONGEST_NAME} letters, digits and `_`, no digit first; `states` is taken",
                    at_key=True,
                )


def _check_reads(
    level: Level,
    state: State,
    reads: list[_Read],
    known: _Known,
    owned: dict[int, set[str]],
    around: set[str],
) -> None:
    for path, name, part in reads:
        if name in known.always:
            continue
        if name in known.sometimes:
            message = f"`{state.name}` reads `${name}`, which has no value on some paths to it"
            state.findings.report(
                catalog.VARIABLE_SCOPE,
                path,
                message,
                "assign it on every path, or before they part",
                part=part,
                severity=Severity.WARNING,
            )
            continue
        message = f"`{state.name}` reads `${name}`, which has no value there"
        state.findings.report(
            catalog.VARIABLE_SCOPE, path, message, _remedy(level, name, owned, known, around), part=part
        )


def _remedy(level: Level, name: str, owned: dict[int, set[str]], known: _Known, around: set[str]) -> str:
    at = level
    while at.above is not None:
        if at.is_distributed and name in owned[id(at.above)]:
            return "the children of a distributed Map see no variable of the machine: pass it by `ItemSelector` and assign it inside"
        at = at.above
    if name in owned[id(level)] | around:
        return "assign it in a state that comes before; a state reads variables as of its entry"
    near = did_you_mean(name, known.sometimes)
    return near[0] if near else "assign it in a state that comes before"


def _reads(state: State) -> Iterator[_Read]:
    """The variables that a state reads: the path of the text, the name, its place in the text."""
    for path, written in expressions(state):
        if state.dialect == JSONATA:
            if written.startswith("{%") and written.endswith("%}"):
                found, _ = read_jsonata(written[2:-2])
                yield from ((path, v.name, (2 + v.start, 2 + v.end)) for v in found if v.name != "states")
        elif str(path[-1]).endswith((".$", "Path")) or path[-1] == "Variable":
            yield from ((path, match[1], match.span()) for match in _IN_PATH.finditer(written))
