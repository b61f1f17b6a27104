"""What belongs to one query language: fields, and what their values may be.

In JSONata a text between `{%` and `%}` is computed; in JSONPath it is plain text, and what is
computed stands in fields that end in `Path` or `.$`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.wording import shortened
from flowc.validate.asl.jsonata import read_jsonata
from flowc.validate.asl.jsonpath import path_fault
from flowc.validate.asl.states import JSONATA, JSONPATH
from flowc.validate.parts import Mapping, mapping, mappings, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import State

_PATH_ONLY = {
    "InputPath": "`$states.input` in the expressions that need it",
    "OutputPath": "`Output`",
    "ResultPath": "`Output` or `Assign`",
    "Parameters": "`Arguments`",
    "ResultSelector": "`Output`",
    "Result": "`Output`",
    "ItemsPath": "`Items`",
    "SecondsPath": "`Seconds`",
    "TimestampPath": "`Timestamp`",
    "TimeoutSecondsPath": "`TimeoutSeconds`",
    "HeartbeatSecondsPath": "`HeartbeatSeconds`",
    "MaxConcurrencyPath": "`MaxConcurrency`",
    "ToleratedFailureCountPath": "`ToleratedFailureCount`",
    "ToleratedFailurePercentagePath": "`ToleratedFailurePercentage`",
    "ErrorPath": "`Error`",
    "CausePath": "`Cause`",
}
_JSONATA_ONLY = {
    "Arguments": "`Parameters`",
    "Output": "`ResultSelector`, `ResultPath` and `OutputPath`",
    "Items": "`ItemsPath`",
}
_SHOWN = 60  # characters of a text that a message repeats
# Numbers that JSONata may compute.
_NUMBERS = (
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Seconds",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)
_PLAIN = ("Type", "Comment", "QueryLanguage", "Next", "Default", "Resource", "ErrorEquals", "Label")
_REFERENCES = (
    "ResultPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
)
_LOOKS_LIKE_PATH = re.compile(
    r"\$\.[A-Za-z_]|\$\$\.(?:Execution|State|Task|Map|StateMachine)\b|States\.[A-Z]\w+\(.*\)$"
)
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials")


def check_dialect(state: State) -> None:
    """Report FC744: fields of the other query language."""
    if not state.dialect:
        return
    wrong, other = (_PATH_ONLY, JSONPATH) if state.dialect == JSONATA else (_JSONATA_ONLY, JSONATA)
    for path, value in _holders(state):
        for key in value:
            if key in wrong and not (key == "Result" and state.type != "Pass"):
                field = f"`{key}` of state `{state.name}`"
                message = f"{field} is a field of {other}; the state is in {state.dialect}"
                state.findings.report(
                    catalog.MIXED_DIALECT,
                    (*path, key),
                    message,
                    f"{state.dialect} has {wrong[key]}",
                    at_key=True,
                )


def _holders(state: State) -> Iterator[tuple[Path, Mapping]]:
    """The mappings of a state whose fields depend on the language."""
    yield (), state.value
    for index, catcher in mappings(state.value.get("Catch")):
        yield ("Catch", index), catcher
    for key in ("ItemReader", "ResultWriter"):
        yield (key,), mapping(state.value.get(key))


def check_values(state: State) -> None:
    """Report FC745 and FC747: expressions and paths that cannot be read; FC705: texts for numbers."""
    if state.dialect == JSONATA:
        for path, expression in expressions(state):
            _check_jsonata(state, path, expression)
    elif state.dialect == JSONPATH:
        _check_paths(state)
    _check_plain(state)
    for key in _NUMBERS:
        written = state.value.get(key)
        if isinstance(written, str) and not _gives_number(written, state.dialect):
            computed = ", or `{% … %}`" if state.dialect == JSONATA else ""
            message = f"`{written}` is text, where `{key}` takes a number"
            state.findings.report(
                catalog.FIELD_VALUE, (key,), message, f"write a number without quotes{computed}"
            )


def _check_plain(state: State) -> None:
    """Texts that the other language would compute and this one takes as they are."""
    for path, written in expressions(state):
        if state.dialect == JSONPATH and written.startswith("{%") and path[-1] != "Condition":
            message = (
                f"`{shortened(written, _SHOWN)}` of `{state.name}` is plain text: the state is in JSONPath"
            )
            remedy = 'write a path in a field that ends in `.$`, or `"QueryLanguage": "JSONata"`'
            state.findings.report(catalog.MIXED_DIALECT, path, message, remedy)
        elif _LOOKS_LIKE_PATH.match(written) and _is_data(path, state.dialect):
            meant = "JSONPath" if state.dialect == JSONATA else "a path"
            message = (
                f"`{shortened(written, _SHOWN)}` of `{state.name}` is plain text, and looks like {meant}"
            )
            key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
            remedy = (
                "write `{% $states.input.… %}`"
                if state.dialect == JSONATA
                else f"call the field `{key}.$`, so that it is computed"
            )
            state.findings.report(catalog.MIXED_DIALECT, path, message, remedy, severity=Severity.WARNING)


def _is_data(path: Path, dialect: str) -> bool:
    """Whether a text is one that a task is given, where nothing but its language says if it is computed."""
    if dialect == JSONATA:
        return path[0] in {"Arguments", "Output", "Assign", "ItemSelector"}
    last = path[-1]
    return path[0] in _TEMPLATES and isinstance(last, str) and not last.endswith(".$")


def _gives_number(written: str, dialect: str) -> bool:
    return written.startswith("${") or (dialect != JSONPATH and written.startswith("{%"))


# ---------------------------------------------------------------------------------------- JSONata
def expressions(state: State) -> Iterator[tuple[Path, str]]:
    """Every text of a state that JSONata may compute, with its path; not those of states inside it."""
    for key, value in state.own_fields():
        if key not in _PLAIN:
            for path, written in texts(value, (key,)):
                if path[-1] not in _PLAIN and "ErrorEquals" not in path:
                    yield path, written


def _check_jsonata(state: State, path: Path, written: str) -> None:
    plain = written.strip()
    opens, closes = plain.startswith("{%"), plain.endswith("%}")
    if not opens and not closes:
        return
    if not (opens and closes) or len(plain) < 4 or plain != written:
        reason = "blanks stand around it" if opens and closes else "one of `{%` and `%}` is missing"
        state.findings.report(
            catalog.JSONATA,
            path,
            f"`{shortened(written, _SHOWN)}` is no expression: {reason}",
            "an expression stands alone between `{%` and `%}`",
        )
        return
    found, fault = read_jsonata(written[2:-2])
    for variable in found:
        if variable.name == "states" and (reason := _out_of_place(variable.field, path)):
            message = f"`$states.{variable.field}` has no value in `{path[0]}` of `{state.name}`"
            part = (2 + variable.start, 2 + variable.end + 1 + len(variable.field))
            state.findings.report(catalog.JSONATA, path, message, reason, part=part)
    if fault is not None:
        message = (
            f"the expression `{shortened(written[2:-2].strip(), _SHOWN)}` cannot be read: {fault.reason}"
        )
        state.findings.report(
            catalog.JSONATA, path, message, fault.remedy, part=(2 + fault.start, 2 + fault.end)
        )


def _out_of_place(field: str, path: Path) -> str:
    """Where a part of `$states` has a value, told for a place in which it has none; "" for a good place."""
    if field == "result" and path[0] not in {"Output", "Assign"}:
        return "it is there in `Output` and `Assign`, when the state has its result"
    if field == "errorOutput" and path[0] != "Catch":
        return "it is there in `Output` and `Assign` of a catcher"
    return ""


# --------------------------------------------------------------------------------------- JSONPath
def _check_paths(state: State) -> None:
    for path, value in _holders(state):
        for key, written in value.items():
            if key.endswith("Path") and key in _PATH_ONLY and isinstance(written, str):
                _check_path(state, (*path, key), written, reference=key in _REFERENCES)
    for key in _TEMPLATES:
        _check_template(state, (key,), state.value.get(key))
    for key in ("ItemReader", "ResultWriter"):
        _check_template(state, (key, "Parameters"), mapping(state.value.get(key)).get("Parameters"))
    _check_template(
        state, ("ItemBatcher", "BatchInput"), mapping(state.value.get("ItemBatcher")).get("BatchInput")
    )
    for index, catcher in mappings(state.value.get("Catch")):
        _check_template(state, ("Catch", index, "Assign"), catcher.get("Assign"))


def _check_path(state: State, path: Path, written: str, *, reference: bool) -> None:
    fault = path_fault(
        written,
        reference=reference and path[-1] == "ResultPath",
        may_call=path[-1] in {"ErrorPath", "CausePath", "InputPath", "OutputPath", "ItemsPath"},
    )
    if fault and not written.startswith("${"):
        state.findings.report(
            catalog.JSONPATH,
            path,
            f"`{shortened(written, _SHOWN)}` of `{path[-1]}` cannot be read: {fault}",
            "a path begins with `$`: `$.items[0]`",
        )


def _check_template(state: State, path: Path, value: object) -> None:
    """Fields that end in `.$` hold a path or an intrinsic function."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not key.endswith(".$"):
                _check_template(state, (*path, key), part)
                continue
            if key[:-2] in value:
                state.findings.report(
                    catalog.DUPLICATE_KEY,
                    (*path, key),
                    f"`{key[:-2]}` is given twice, once computed",
                    "keep one of the two",
                    at_key=True,
                )
            fault = (
                path_fault(part, reference=False, may_call=True) if isinstance(part, str) else "it is no text"
            )
            if fault and not text(part).startswith("${"):
                message = f"`{shortened(str(part), _SHOWN)}` of `{key}` cannot be read: {fault}"
                state.findings.report(
                    catalog.JSONPATH,
                    (*path, key),
                    message,
                    "write a path (`$.name`) or a function (`States.Format('{}', $.name)`), or take `.$` away",
                )
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_template(state, (*path, index), part)
