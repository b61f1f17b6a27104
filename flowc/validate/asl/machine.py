"""One state machine: its shape, its transitions, its states, its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.asl.choices import check_choice, check_moment
from flowc.validate.asl.dialects import check_dialect, check_values
from flowc.validate.asl.errors import check_errors
from flowc.validate.asl.express import check_express
from flowc.validate.asl.maps import check_map
from flowc.validate.asl.readers import check_label
from flowc.validate.asl.reading import READING
from flowc.validate.asl.states import TYPES, State, levels
from flowc.validate.asl.tasks import check_task
from flowc.validate.asl.transitions import check_transitions
from flowc.validate.asl.variables import check_variables
from flowc.validate.parts import json_size, mapping, number
from flowc.validate.shape import check_shape

if TYPE_CHECKING:
    from flowc.validate.findings import Findings

_MOST_BYTES = 1024 * 1024
_LONGEST_NAME = 80


def check_machine(findings: Findings, *, is_express: bool = False) -> None:
    """Report everything wrong in a state machine; `is_express` where it is deployed as an Express workflow."""
    check_shape(findings, "asl", "Machine", READING)
    size = json_size(findings.value)
    if size > _MOST_BYTES:
        message = f"the state machine has {size:,} bytes; Step Functions takes {_MOST_BYTES:,}"
        findings.report(
            catalog.MANIFEST_LIMIT, (), message, "move a part into a state machine of its own", at_key=True
        )
    found = list(levels(findings))
    names: dict[str, State] = {}
    labels: dict[str, State] = {}
    for level in found:
        if level.holder is not None:
            check_shape(
                level.findings, "asl", "Processor" if level.holder.type == "Map" else "Branch", READING
            )
        check_transitions(level)
        for state in level.states.values():
            _check_name(state, names)
            check_label(state, labels)
            _check_state(state)
    check_variables(found)
    check_express(found, is_whole=is_express)


def _check_name(state: State, names: dict[str, State]) -> None:
    if len(state.name) > _LONGEST_NAME:
        message = f"the name of a state has {len(state.name)} characters; {_LONGEST_NAME} are allowed"
        state.findings.report(catalog.MANIFEST_NAME, (), message, "shorten it", at_key=True)
    if state.name in names:
        first = names[state.name].findings
        label = first.label((), "first here")
        message = f"there are two states `{state.name}` in the machine"
        state.findings.report(
            catalog.DUPLICATE_NAME,
            (),
            message,
            "rename one; names are unique in all levels",
            at_key=True,
            related=(label,),
        )
    names.setdefault(state.name, state)


def _check_state(state: State) -> None:
    if not state.type:
        _check_type(state)
        return
    check_shape(state.findings, "asl", state.type, READING)
    check_dialect(state)
    check_values(state)
    match state.type:
        case "Task":
            check_task(state)
        case "Choice":
            check_choice(state)
        case "Map":
            check_map(state)
    check_errors(state)
    _check_times(state)


def _check_type(state: State) -> None:
    written = state.value.get("Type")
    if written is None:
        state.findings.report(
            catalog.MISSING_FIELD,
            (),
            f"state `{state.name}` has no `Type`",
            f"it is one of {', '.join(f'`{t}`' for t in TYPES)}",
            at_key=True,
        )
    else:
        helps = did_you_mean(str(written), TYPES) or (f"it is one of {', '.join(f'`{t}`' for t in TYPES)}",)
        state.findings.report(catalog.FIELD_VALUE, ("Type",), f"`{written}` is no type of a state", *helps)


_WAITS = ("Seconds", "Timestamp", "SecondsPath", "TimestampPath")


def _check_times(state: State) -> None:
    findings, value = state.findings, state.value
    timeout, heartbeat = number(value.get("TimeoutSeconds")), number(value.get("HeartbeatSeconds"))
    if timeout is not None and heartbeat is not None and heartbeat >= timeout:
        message = (
            f"the heartbeat of `{state.name}` ({heartbeat} s) is not shorter than its timeout ({timeout} s)"
        )
        findings.report(catalog.FIELD_VALUE, ("HeartbeatSeconds",), message, "lower `HeartbeatSeconds`")
    for path in ((), ("ItemBatcher",), ("ItemReader", "ReaderConfig")):
        _check_twins(state, path)
    if state.type == "Wait":
        check_moment(findings, ("Timestamp",), value.get("Timestamp"))
        given = [key for key in _WAITS if mapping(value).get(key) is not None]
        if not given:
            findings.report(
                catalog.MISSING_FIELD,
                (),
                f"`{state.name}` does not say how long it waits",
                "add `Seconds` or `Timestamp`",
                at_key=True,
            )
        elif len(given) > 1:
            findings.report(
                catalog.EXCLUSIVE_FIELDS,
                (given[1],),
                f"`{state.name}` waits for both `{given[0]}` and `{given[1]}`",
                "keep one of the two",
                at_key=True,
            )


def _check_twins(state: State, path: tuple[str, ...]) -> None:
    """A field and the one that computes it, `Cause` and `CausePath`: only one of them can stand."""
    holder = mapping(state.findings.below(*path).value)
    for key in holder:
        if f"{key}Path" in holder and key not in {"Input", "Output", "Result", "Items", *_WAITS}:
            message = f"state `{state.name}` has both `{key}` and `{key}Path`"
            state.findings.report(
                catalog.EXCLUSIVE_FIELDS, (*path, f"{key}Path"), message, "keep one of the two", at_key=True
            )
