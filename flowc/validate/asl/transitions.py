"""How states lead to one another in one level: every target is there, every state is reached, some path ends.

A cycle among the states is no fault: that is how machines loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.parts import mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import Level, State

_LAST = ("Succeed", "Fail")
_NO_NEXT = ("Choice", *_LAST)


def targets(state: State) -> Iterator[tuple[Path, str]]:
    """Where a state may lead, each with the field that says so."""
    if isinstance(state.value.get("Next"), str) and state.type not in _NO_NEXT:
        yield ("Next",), text(state.value["Next"])
    if state.type == "Choice":
        for index, rule in mappings(state.value.get("Choices")):
            if isinstance(rule.get("Next"), str):
                yield ("Choices", index, "Next"), text(rule["Next"])
        if isinstance(state.value.get("Default"), str):
            yield ("Default",), text(state.value["Default"])
    for index, catcher in mappings(state.value.get("Catch")):
        if isinstance(catcher.get("Next"), str):
            yield ("Catch", index, "Next"), text(catcher["Next"])


def check_transitions(level: Level) -> None:
    """Report FC741, FC742 and FC743 in one level."""
    if not level.states:
        level.findings.report(
            catalog.MISSING_FIELD, ("States",), "there is no state", "add one under `States`", at_key=True
        )
        return
    certain = _check_target(level, ("StartAt",), level.start, "`StartAt`") if level.start else False
    for state in level.states.values():
        for path, name in targets(state):
            own = ("States", state.name, *path)
            certain = _check_target(level, own, name, f"state `{state.name}`") and certain
        certain = _check_ways_on(state) and certain
    if not certain:
        return  # a target that is missing would make those after it look unreached, and its end lost
    _check_reached(level)
    if not any(_ends(state) for state in level.states.values()):
        remedy = "let one be the last: `End: true`, or of type `Succeed` or `Fail`"
        level.findings.report(
            catalog.ENDLESS_MACHINE, ("States",), "no state ends the execution", remedy, at_key=True
        )


def _ends(state: State) -> bool:
    return state.type in _LAST or state.value.get("End") is True


def _check_target(level: Level, path: Path, name: str, who: str) -> bool:
    if name in level.states:
        return True
    where = (
        "beside it"
        if level.holder is None
        else "on its level; a branch or a processor is left only by its end"
    )
    helps = did_you_mean(name, level.states) or ("name a state of the same `States`",)
    level.findings.report(
        catalog.UNKNOWN_STATE, path, f"{who} leads to `{name}`, and there is no such state {where}", *helps
    )
    return False


def _check_ways_on(state: State) -> bool:
    """Whether a state says how it goes on; exactly one of `Next` and `End`."""
    if state.type in _NO_NEXT or not state.type:
        return bool(state.type)
    has_next, ends = "Next" in state.value, state.value.get("End") is True
    if has_next and ends:
        state.findings.report(
            catalog.EXCLUSIVE_FIELDS,
            ("End",),
            f"state `{state.name}` has both `Next` and `End`",
            "keep one of the two",
            at_key=True,
        )
    elif not has_next and not ends:
        state.findings.report(
            catalog.ENDLESS_MACHINE,
            (),
            f"state `{state.name}` does not say how it goes on",
            "add `Next`, or `End: true`",
            at_key=True,
        )
        return False
    return True


def _check_reached(level: Level) -> None:
    reached: set[str] = set()
    todo = [level.start]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [target for _, target in targets(level.states[name])]
    for name, state in level.states.items():
        if name not in reached:
            state.findings.report(
                catalog.UNREACHABLE_STATE,
                (),
                f"no path leads to state `{name}`",
                "lead to it with `Next`, or remove it",
                at_key=True,
            )
