"""Rules of a Choice: one comparison each, of a value of its own type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.validate.asl.jsonpath import path_fault
from flowc.validate.asl.reading import READING
from flowc.validate.asl.states import JSONATA, JSONPATH
from flowc.validate.parts import Mapping, mappings, text
from flowc.validate.shape import check_shape

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import State
    from flowc.validate.findings import Findings

_FAMILIES = ("String", "Numeric", "Timestamp", "Boolean", "Is")
_JOINS = ("And", "Or", "Not")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def check_choice(state: State) -> None:
    """Report FC744 and FC748 for the rules of a Choice, and that nothing may match."""
    for index, rule in mappings(state.value.get("Choices")):
        path: Path = ("Choices", index)
        check_shape(state.findings.below(*path), "asl", "Rule", READING)
        if state.dialect == JSONATA:
            _check_condition(state, path, rule)
        elif state.dialect == JSONPATH:
            _check_test(state, path, rule)
            if "Condition" in rule:
                message = f"`Condition` of `{state.name}` is a field of JSONata; the state is in JSONPath"
                state.findings.report(
                    catalog.MIXED_DIALECT,
                    (*path, "Condition"),
                    message,
                    'write `Variable` and a comparison, or `"QueryLanguage": "JSONata"`',
                    at_key=True,
                )
    if "Default" not in state.value:
        message = f"`{state.name}` has no `Default`: an execution in which no rule matches fails"
        state.findings.report(
            catalog.CHOICE_RULE, (), message, "add `Default`", at_key=True, severity=Severity.WARNING
        )


def check_moment(findings: Findings, path: Path, written: object) -> None:
    """Report a text that is no point in time, where it is one that nothing computes."""
    if (
        isinstance(written, str)
        and not _TIMESTAMP.fullmatch(written)
        and not written.startswith(("${", "{%"))
    ):
        message, remedy = f"`{written}` is no point in time", "write it as `2026-01-31T08:00:00Z`"
        findings.report(catalog.CHOICE_RULE, path, message, remedy)


def _operators(rule: Mapping) -> list[str]:
    return [key for key in rule if key in _JOINS or (key.startswith(_FAMILIES) and key != "Is")]


def _check_condition(state: State, path: Path, rule: Mapping) -> None:
    wrong = [key for key in rule if key in {"Variable", *_operators(rule)}]
    if wrong:
        message = f"`{wrong[0]}` of `{state.name}` is a field of JSONPath; the state is in JSONata"
        state.findings.report(
            catalog.MIXED_DIALECT,
            (*path, wrong[0]),
            message,
            "write `Condition` with an expression",
            at_key=True,
        )
    elif "Condition" not in rule:
        state.findings.report(
            catalog.CHOICE_RULE, path, f"a rule of `{state.name}` has no `Condition`", "add one"
        )
    elif isinstance(rule["Condition"], str) and not rule["Condition"].startswith(("{%", "${")):
        message = (
            f"the `Condition` `{rule['Condition']}` of `{state.name}` is plain text, which is never true"
        )
        state.findings.report(
            catalog.CHOICE_RULE, (*path, "Condition"), message, "write it between `{%` and `%}`"
        )


def _check_test(state: State, path: Path, rule: Mapping) -> None:
    operators = _operators(rule)
    if len(operators) != 1 and "Condition" not in rule:
        said = (
            f"compares in {len(operators)} ways: {', '.join(f'`{o}`' for o in operators)}"
            if operators
            else "compares nothing"
        )
        state.findings.report(
            catalog.CHOICE_RULE,
            path,
            f"a rule of `{state.name}` {said}",
            "give it exactly one comparison; join several with `And` or `Or`",
        )
        return
    for operator in operators:
        _check_operator(state, path, rule, operator)


def _check_operator(state: State, path: Path, rule: Mapping, operator: str) -> None:
    if operator in _JOINS:
        inner = rule[operator]
        if isinstance(inner, dict):
            _check_test(state, (*path, operator), inner)
        for index, test in mappings(inner):
            _check_test(state, (*path, operator, index), test)
        return
    if not isinstance(rule.get("Variable"), str):
        state.findings.report(
            catalog.CHOICE_RULE,
            path,
            f"a rule of `{state.name}` does not say what it compares",
            "add `Variable`",
        )
    for key in ("Variable", operator):
        written = rule.get(key)
        is_path = key == "Variable" or operator.endswith("Path")
        fault = (
            path_fault(written, reference=False, may_call=False)
            if is_path and isinstance(written, str)
            else None
        )
        if fault and not text(written).startswith("${"):
            state.findings.report(
                catalog.JSONPATH,
                (*path, key),
                f"`{written}` of `{key}` cannot be read: {fault}",
                "a path begins with `$`: `$.items[0]`",
            )
    if operator.startswith("Timestamp") and not operator.endswith("Path"):
        check_moment(state.findings, (*path, operator), rule[operator])
