"""The value of one attribute: its type and its range, as its row of the table says.

Everything wrong is reported; what comes out is right.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Applicability, Edit, Fix, Severity
from flowc.diagnostics.suggest import nearest
from flowc.frontend.decorators.table import ENOUGH, Attribute, Kind
from flowc.source import Located

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.ir.values import Constant

_LARGE = 100_000  # a bound from which on a message names only the side that is crossed

_UNITS = {
    "k": 1 / 1000,
    "ki": 1 / 1024,
    "m": 1,
    "mi": 1,
    "mb": 1,
    "g": 1000,
    "gi": 1024,
    "gb": 1000,
    "t": 10**6,
}
_UNITS |= {"kb": 1 / 1000, "ti": 1024 * 1024, "tb": 10**6, "mib": 1, "gib": 1024, "tib": 1024 * 1024}


def check_value(
    decorator: DecoratorDecl, name: str, value: Located[Constant], attribute: Attribute, sink: Sink
) -> Located[Constant] | None:
    """The value in its own type, in its range; None after a report, or where it is None."""
    if value.value is None:
        if attribute.required:
            report_missing(decorator, name, attribute, sink)
        return None
    subject = f"`{name}` of `@{decorator.name}`"
    match attribute.kind:
        case Kind.NUMBER | Kind.WHOLE | Kind.MEGABYTES:
            return _number(subject, value, attribute, sink)
        case Kind.FLAG:
            return _flag(subject, value, sink)
        case Kind.TEXT:
            return _text(subject, value, attribute, sink)
        case Kind.MAP | Kind.TEXT_OR_MAP if isinstance(value.value, dict):
            return value
        case Kind.TEXT_OR_MAP | Kind.TEXTS if isinstance(value.value, str):
            return value if attribute.kind is Kind.TEXT_OR_MAP else Located([value.value], value.span)
        case Kind.LIST | Kind.TEXTS if isinstance(value.value, (list, tuple)):
            return _list(subject, value, attribute, sink)
        case Kind.ANY | Kind.FUNCTIONS:
            return value
        case _:
            _wrong_type(subject, value, attribute.kind, sink)
            return None


def _number(
    subject: str, value: Located[Constant], attribute: Attribute, sink: Sink
) -> Located[Constant] | None:
    number = _as_number(value.value)
    if number is None:
        _wrong_number(subject, value, attribute, sink)
        return None
    if attribute.kind is Kind.WHOLE and isinstance(number, float):
        if not number.is_integer():
            sink.report(
                catalog.ATTRIBUTE_TYPE,
                value.span,
                f"{subject} is {number}, and {int(number)} is what counts of it",
                helps=["write a whole number"],
                severity=Severity.WARNING,
            )
        number = int(number)
    low, high = attribute.low, attribute.high
    if (low is not None and number < low) or number > (ENOUGH if high is None else high):
        _report_range(subject, value, number, attribute, sink)
        return None
    return Located(number, value.span)


def _as_number(value: Constant) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number: int | float = float(value) if isinstance(value, (float, str)) else value
    except ValueError:
        return None
    if isinstance(number, float):
        if not isfinite(number):
            return None
        if isinstance(value, str) and number.is_integer():
            return int(number)
    return number


def _report_range(
    subject: str, value: Located[Constant], number: float, attribute: Attribute, sink: Sink
) -> None:
    low, high = attribute.low, attribute.high
    most = ENOUGH if high is None else high
    written = str(number) if abs(number) < _LARGE**4 else f"{str(number)[:20]}…"
    if number > most >= _LARGE:
        allowed = f"at most {most:,}"
    elif most >= _LARGE:
        allowed = "greater than 0" if attribute.kind is Kind.NUMBER and low else f"{low:g} or more"
    else:
        allowed = f"from {low:g} to {most:g}"
    sink.report(
        catalog.ATTRIBUTE_RANGE,
        value.span,
        f"{subject} is {written}, and must be {allowed}",
        helps=[f"write a number {allowed}"],
    )


def _wrong_number(subject: str, value: Located[Constant], attribute: Attribute, sink: Sink) -> None:
    megabytes = _in_megabytes(value.value) if attribute.kind is Kind.MEGABYTES else None
    if megabytes is None:
        _wrong_type(subject, value, attribute.kind, sink)
        return
    sink.report(
        catalog.ATTRIBUTE_TYPE,
        value.span,
        f"{subject} is a number of megabytes, without a unit, not {shown(value.value)}",
        helps=[f"write `{megabytes}`"],
        fix=Fix(f"Write `{megabytes}` megabytes", (Edit(value.span, str(megabytes)),)),
    )


def _in_megabytes(value: Constant) -> int | None:
    """`"4Gi"` as 4096."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    number, unit = _as_number(digits), text[len(digits) :].strip()
    if number is None or number < 0 or unit not in _UNITS:
        return None
    return max(1, round(number * _UNITS[unit]))


def _flag(subject: str, value: Located[Constant], sink: Sink) -> Located[Constant]:
    if not isinstance(value.value, (bool, int)):
        truth = bool(value.value)
        sink.report(
            catalog.ATTRIBUTE_TYPE,
            value.span,
            f"{subject} is {shown(value.value)}, which counts as `{truth}`",
            helps=[f"write `{truth}`"],
            fix=Fix(f"Write `{truth}`", (Edit(value.span, str(truth)),), Applicability.SUGGESTED),
            severity=Severity.WARNING,
        )
    return Located(bool(value.value), value.span)


def _text(
    subject: str, value: Located[Constant], attribute: Attribute, sink: Sink
) -> Located[Constant] | None:
    if not isinstance(value.value, str):
        _wrong_type(subject, value, attribute.kind, sink)
        return None
    if not attribute.words:
        return value
    for word in attribute.words:
        if word.lower() == value.value.lower():
            return Located(word, value.span)
    meant = nearest(value.value, attribute.words)
    listed = ", ".join(f'`"{word}"`' for word in attribute.words)
    sink.report(
        catalog.ATTRIBUTE_RANGE,
        value.span,
        f"{subject} is {shown(value.value)}, and must be one of {listed}",
        helps=[f'did you mean `"{meant}"`?'] if meant else [f"write one of {listed}"],
    )
    return None


def _list(
    subject: str, value: Located[Constant], attribute: Attribute, sink: Sink
) -> Located[Constant] | None:
    items = list(value.value) if isinstance(value.value, (list, tuple)) else []
    for item in items:
        if attribute.kind is Kind.TEXTS and not isinstance(item, str):
            sink.report(
                catalog.ATTRIBUTE_TYPE,
                value.span,
                f"{subject} is a list of strings, and holds {shown(item)}",
                helps=["write every item as a string"],
            )
            return None
    return Located(items, value.span)


def _wrong_type(subject: str, value: Located[Constant], kind: Kind, sink: Sink) -> None:
    sink.report(
        catalog.ATTRIBUTE_TYPE,
        value.span,
        f"{subject} must be {kind.value}, not {shown(value.value)}",
        helps=[f"write {kind.value}"],
    )


def shown(value: Constant) -> str:
    """A value for a message, short and in backticks."""
    if isinstance(value, (set, frozenset)):
        return "a set"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    limit = 40
    return f"`{text if len(text) <= limit else text[:limit] + '…'}`"


def report_missing(decorator: DecoratorDecl, name: str, attribute: Attribute, sink: Sink) -> None:
    """FC115: a decorator lacks what it needs."""
    sink.report(
        catalog.MISSING_ATTRIBUTE,
        decorator.whole,
        f"`@{decorator.name}` needs the attribute `{name}`",
        helps=[f"write `@{decorator.name}({name}=…)` with {attribute.kind.value}"],
    )
