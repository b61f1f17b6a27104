"""The states of a machine, level by level: the machine, each branch of a Parallel, each Map's processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

TYPES = ("Task", "Pass", "Wait", "Choice", "Succeed", "Fail", "Parallel", "Map")
JSONPATH = "JSONPath"
JSONATA = "JSONata"
_INNER = ("ItemProcessor", "Iterator", "Branches")


class State(NamedTuple):
    """One state. `dialect` is its query language; "" where what encloses it leaves that in doubt."""

    name: str
    value: Mapping
    findings: Findings
    dialect: str

    @property
    def type(self) -> str:
        """What kind of state it is; "" for none that there is."""
        found = text(self.value.get("Type"))
        return found if found in TYPES else ""

    def own_fields(self) -> Iterator[tuple[str, object]]:
        """Its fields without the states inside it."""
        return ((key, value) for key, value in self.value.items() if key not in _INNER)


class Level(NamedTuple):
    """States that lead to one another. `holder` is the state they are inside of, None for the machine."""

    findings: Findings
    states: dict[str, State]
    holder: State | None
    above: Level | None

    @property
    def start(self) -> str:
        """The name of the first state."""
        return text(mapping(self.findings.value).get("StartAt"))

    @property
    def is_distributed(self) -> bool:
        """Whether each item is an execution of its own."""
        config = mapping(mapping(self.findings.value).get("ProcessorConfig"))
        return config.get("Mode") == "DISTRIBUTED"


def levels(findings: Findings) -> Iterator[Level]:
    """Every level of a machine, outer ones first."""
    language = text(mapping(findings.value).get("QueryLanguage")) or JSONPATH
    todo = [_level(findings, language, None, None)]
    while todo:
        level = todo.pop(0)
        yield level
        for state in level.states.values():
            todo += [
                _level(state.findings.below(*path), state.dialect, state, level)
                for path in inner_paths(state)
            ]


def inner_paths(state: State) -> Iterator[Path]:
    """Where the levels inside a state are."""
    if state.type == "Map":
        for key in ("ItemProcessor", "Iterator"):
            if isinstance(state.value.get(key), dict):
                yield (key,)
    if state.type == "Parallel":
        for index, _ in mappings(state.value.get("Branches")):
            yield ("Branches", index)


def _level(findings: Findings, language: str, holder: State | None, above: Level | None) -> Level:
    value = mapping(findings.value)
    language = text(value.get("QueryLanguage")) or language
    states = {}
    for name, state in mapping(value.get("States")).items():
        if isinstance(state, dict):
            own = text(state.get("QueryLanguage")) or language
            # Whether a language that a Map names for itself holds inside it is not settled.
            is_settled = holder is None or not holder.value.get("QueryLanguage") or state.get("QueryLanguage")
            states[name] = State(name, state, findings.below("States", name), own if is_settled else "")
    return Level(findings, states, holder, above)
