"""A verifier of state machines: what AWS checks, and what only a run would show.

`faults` gives one line for each fault: states that do not exist or cannot be reached, names that
are not unique, variables that are read where they may be unset, that shadow one of a scope around
them, or that a distributed body would have to read from outside, and null anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(\s*\()?")
_ENDINGS = ("Fail", "Succeed")


@dataclass(frozen=True)
class _Scope:
    """`States` of a machine, a branch or a Map's body, what is set when it begins, and the names around it."""

    body: dict[str, Any]
    given: frozenset[str]
    outer: frozenset[str]


def faults(machine: dict[str, Any]) -> list[str]:
    """Everything wrong with a machine."""
    found = [f"null at {path}" for path in _nulls(machine, "")]
    names: list[str] = []
    scopes = [_Scope(machine, frozenset(), frozenset())]
    while scopes:
        scope = scopes.pop()
        names += scope.body["States"]
        found += _targets(scope.body)
        set_at = _set_at(scope)
        found += _reads(scope.body["States"], set_at)
        own = frozenset(v for s in scope.body["States"].values() for v in _assigned(s))
        found += [f"{name} is assigned in a scope inside its own" for name in sorted(own & scope.outer)]
        for name, state in scope.body["States"].items():
            scopes += _inner(state, set_at.get(name, frozenset()), own | scope.outer)
    found += [f"{name}: {len(name)} characters" for name in names if len(name) > 80]
    return found + [f"two states named {name}" for name in sorted({n for n in names if names.count(n) > 1})]


def edges(state: dict[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """The states that may follow one, each with the variables that are set on the way."""
    own = frozenset(state.get("Assign", ()))
    if "Next" in state:
        yield state["Next"], own
    if "Default" in state:
        yield state["Default"], own
    for way in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield way["Next"], frozenset(way.get("Assign", ()))


def _inner(state: dict[str, Any], given: frozenset[str], outer: frozenset[str]) -> Iterator[_Scope]:
    for branch in state.get("Branches", ()):
        yield _Scope(branch, given, outer)
    if "ItemProcessor" in state:
        alone = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        # AWS lets a distributed body name its variables as it likes; ours are new everywhere.
        yield _Scope(state["ItemProcessor"], frozenset() if alone else given, outer)


def _targets(body: dict[str, Any]) -> Iterator[str]:
    states, reached, todo = body["States"], set[str](), [body["StartAt"]]
    while todo:
        name = todo.pop()
        if name not in states:
            yield f"no state {name}"
        elif name not in reached:
            reached.add(name)
            todo += [following for following, _ in edges(states[name])]
    yield from (f"{name} is never reached" for name in states if name not in reached)
    for name, state in states.items():
        ways = [way for way in ("Next", "End", "Default") if way in state]
        if len(ways) != (0 if state["Type"] in _ENDINGS else 1):
            yield f"{name} goes on by {ways}"


def _set_at(scope: _Scope) -> dict[str, frozenset[str]]:
    """The variables certainly set where each state begins: what all ways to it have in common."""
    states = scope.body["States"]
    found = {scope.body["StartAt"]: scope.given}
    todo = [scope.body["StartAt"]]
    while todo:
        name = todo.pop()
        for following, assigned in edges(states.get(name, {})):
            arriving = found[name] | assigned
            known = found.get(following)
            meeting = arriving if known is None else known & arriving
            if meeting != known:
                found[following] = meeting
                todo.append(following)
    return found


def _reads(states: dict[str, Any], set_at: dict[str, frozenset[str]]) -> Iterator[str]:
    for name, state in states.items():
        own = {key: value for key, value in state.items() if key not in {"Branches", "ItemProcessor"}}
        for text in _texts(own):
            for variable in variables(text):
                if variable not in set_at.get(name, frozenset()):
                    yield f"{name} reads ${variable}, which may be unset"


def variables(text: str) -> set[str]:
    """The variables that a field reads."""
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        return set()
    found = _VARIABLE.findall(_TEXT.sub("''", match[1]))
    return {name for name, called in found if not called and name != "states"}


def _assigned(state: dict[str, Any]) -> set[str]:
    return {variable for _, assigned in edges(state) for variable in assigned} | set(state.get("Assign", ()))


def _texts(value: object) -> Iterator[str]:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo += item.values()
        elif isinstance(item, list):
            todo += item


def _nulls(value: object, path: str) -> Iterator[str]:
    todo = [(value, path)]
    while todo:
        item, where = todo.pop()
        if item is None:
            yield where
        elif isinstance(item, dict):
            todo += [(inner, f"{where}/{key}") for key, inner in item.items()]
        elif isinstance(item, list):
            todo += [(inner, f"{where}/{i}") for i, inner in enumerate(item)]


def shown(machine: dict[str, Any]) -> str:
    """A machine as an outline: a state a line, what is inside one indented, expressions without their marks."""
    lines: list[str] = []
    todo: list[tuple[int, str, dict[str, Any]]] = _listed(machine, 0)
    while todo:
        depth, name, state = todo.pop()
        lines.append("  " * depth + _line(name, state))
        for branch in reversed(state.get("Branches", ())):
            todo += _listed(branch, depth + 1)
        if "ItemProcessor" in state:
            todo += _listed(state["ItemProcessor"], depth + 1)
    return "\n".join(lines)


def _listed(body: dict[str, Any], depth: int) -> list[tuple[int, str, dict[str, Any]]]:
    """States in reverse, which is how a stack gives them back in order."""
    return [(depth, name, state) for name, state in reversed(body["States"].items())]


def _line(name: str, state: dict[str, Any]) -> str:
    words = [f"{name}:"]
    match state["Type"]:
        case "Task":
            words += _task(state)
        case "Choice":
            words += [
                f"{_bare(rule['Condition'])}{_sets(rule)} -> {rule['Next']};" for rule in state["Choices"]
            ]
            words.append(f"else -> {state['Default']}")
        case "Map":
            mode = state["ItemProcessor"]["ProcessorConfig"]["Mode"].lower()
            words.append(
                f"{mode} map by {_bare(state['MaxConcurrency'])} of {_bare(state.get('Items', 'items.json'))}"
            )
            words.append(" ".join(f"{key}={_bare(value)}" for key, value in state["ItemSelector"].items()))
        case "Fail":
            words.append(f"fail {_bare(state['Error'])}")
        case kind:
            words.append(kind.lower())
    if state["Type"] in {"Pass", "Task"} and "Assign" in state:
        words.append(_sets(state).strip())
    words += [f"catch{_sets(catcher)} -> {catcher['Next']}" for catcher in state.get("Catch", ())]
    if "Next" in state:
        words.append(f"-> {state['Next']}")
    return " ".join(words)


def _task(state: dict[str, Any]) -> list[str]:
    action = state["Resource"].rsplit(":", 1)[1]
    if action != "submitJob.sync":
        return [action, _bare(state["Arguments"]["Key"])]
    told = {v["Name"]: v["Value"] for v in state["Arguments"]["ContainerOverrides"]["Environment"]}
    tried = [f"retry {r['MaxAttempts']} by {r['IntervalSeconds']} s" for r in state["Retry"][1:]]
    return [
        "job at",
        _bare(told["FLOWC_PATH"]),
        *(["may stop"] if "FLOWC_FINAL_EXIT" in told else []),
        *tried,
    ]


def _sets(holder: dict[str, Any]) -> str:
    return "".join(f" {key}:={_bare(value)}" for key, value in holder.get("Assign", {}).items())


def _bare(value: object) -> str:
    """An expression without its marks, and without the placeholders' words."""
    text = str(value)
    match = _EXPRESSION.fullmatch(text)
    text = match[1].strip() if match else text
    return text.replace("$states.context.Map.Item.Value", "$item").replace("$states.input.", "$in.")
