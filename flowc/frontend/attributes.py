"""The attributes of a decorator, folded and checked against its rule.

Everything wrong with them is reported; what comes out is right, and only what is right comes out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Applicability, Edit, Fix, Label, Severity
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.frontend.decorator_table import Attribute, Kind
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown
from flowc.source import Located, Span

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.api_calls import ApiCall
    from flowc.frontend.constants import Folder
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorator_table import DecoratorRule
    from flowc.ir.values import Constant, Value

    Values = dict[str, Located[Constant]]

_UNITS = {"k": 1 / 1000, "ki": 1 / 1024, "m": 1, "mi": 1, "mb": 1, "g": 1000, "gi": 1024, "gb": 1000, "t": 10**6}
_UNITS |= {"kb": 1 / 1000, "ti": 1024 * 1024, "tb": 10**6, "mib": 1, "gib": 1024, "tib": 1024 * 1024}
WAY_OUT = "write the value out, assign it once at the top of the module, or load it with a `Config`"


def read_attributes(decorator: DecoratorDecl, rule: DecoratorRule, folder: Folder, sink: Sink) -> Values:
    """The attributes given, by name; None values, which mean "not given", are left out."""
    _check_positional(decorator, rule, sink)
    found: Values = {}
    seen: dict[str, ast.keyword] = {}
    for keyword in decorator.keywords:
        if keyword.arg is None:
            _read_unpacked(decorator, keyword.value, rule, folder, sink, found)
            continue
        if keyword.arg in seen:
            _report_repeated(decorator, keyword, sink)
        seen[keyword.arg] = keyword
        attribute = rule.attributes.get(keyword.arg)
        if attribute is None:
            _report_unknown(decorator, keyword.arg, _name_span(decorator, keyword), rule, sink)
        elif attribute.kind is not Kind.FUNCTIONS:
            value = _folded(decorator, keyword.arg, keyword.value, attribute, folder, sink)
            if value is not None:
                found[keyword.arg] = value
    for name, attribute in rule.attributes.items():
        if attribute.required and name not in seen and name not in found:
            _report_missing(decorator, name, attribute, sink)
    return found


def _check_positional(decorator: DecoratorDecl, rule: DecoratorRule, sink: Sink) -> None:
    for position, arg in enumerate(decorator.args):
        names = list(rule.attributes)
        fix: Fix | None = None
        span = decorator.module.span(arg)
        if len(decorator.args) == 1 and names and names[0] not in {k.arg for k in decorator.keywords}:
            edit = Edit(Span(span.file, span.start, span.start), f"{names[0]}=")
            fix = Fix(f"Name the attribute: `{names[0]}=…`", (edit,), Applicability.SUGGESTED)
        sink.report(
            catalog.POSITIONAL_ARGUMENT,
            span,
            f"argument {position + 1} of `@{decorator.name}` is given without its name",
            notes=[_known_names(rule)],
            helps=[f"write `@{decorator.name}({names[0]}=…)`" if names else "remove the argument"],
            fix=fix,
        )


def _read_unpacked(
    decorator: DecoratorDecl, expr: ast.expr, rule: DecoratorRule, folder: Folder, sink: Sink, found: Values
) -> None:
    """`**settings`: every entry is an attribute."""
    value = folder.fold(expr, decorator.module, decorator.owner)
    span = decorator.module.span(expr)
    if not (isinstance(value, Const) and isinstance(value.value, dict)):
        report_not_static(f"`**` of `@{decorator.name}`", expr, value, decorator, folder, sink)
        return
    for name, entry in value.value.items():
        attribute = rule.attributes.get(str(name))
        if attribute is None:
            _report_unknown(decorator, str(name), span, rule, sink)
            continue
        checked = check_value(decorator, str(name), Located(entry, span), attribute, sink)
        if checked is not None:
            found[str(name)] = checked


def _folded(
    decorator: DecoratorDecl, name: str, expr: ast.expr, attribute: Attribute, folder: Folder, sink: Sink
) -> Located[Constant] | None:
    value = folder.fold(expr, decorator.module, decorator.owner)
    if isinstance(value, Const):
        return check_value(decorator, name, Located(value.value, decorator.module.span(expr)), attribute, sink)
    if attribute.needed or attribute.kind is not Kind.ANY:
        severity = None if attribute.needed else Severity.WARNING
        report_not_static(f"`{name}` of `@{decorator.name}`", expr, value, decorator, folder, sink, severity)
    return None


# --------------------------------------------------------------------------- not static
def report_not_static(
    subject: str,
    expr: ast.expr,
    value: Value,
    decorator: DecoratorDecl | ApiCall,
    folder: Folder,
    sink: Sink,
    severity: Severity | None = None,
) -> None:
    """FC108: what `subject` is cannot be known before the flow runs, and a manifest needs it."""
    part, value = _obstacle(expr, value, decorator, folder)
    span = decorator.module.span(part)
    reason, helps = why_not(value)
    secondary: list[Label] = []
    if isinstance(value, Unknown) and value.span.file is not span.file:
        secondary = [Label(value.span, "this is what is not known")]
    elif isinstance(value, Unknown) and not (span.start <= value.span.start <= span.end):
        secondary = [Label(value.span, "this is what is not known")]
    sink.report(
        catalog.NOT_STATIC,
        span,
        f"{subject} is not known before the flow runs: {reason}",
        secondary=secondary,
        helps=helps,
        severity=severity,
    )


def _obstacle(
    expr: ast.expr, value: Value, decorator: DecoratorDecl | ApiCall, folder: Folder
) -> tuple[ast.expr, Value]:
    """The innermost element of a written-out container that is no constant."""
    while isinstance(value, Shape):
        parts: list[ast.expr] = []
        if isinstance(expr, ast.Dict):
            parts = [*(k for k in expr.keys if k), *expr.values]
        elif isinstance(expr, (ast.List, ast.Tuple, ast.Set)):
            parts = expr.elts
        for part in parts:
            inner = folder.fold(part, decorator.module, decorator.owner)
            if not isinstance(inner, Const):
                expr, value = part, inner
                break
        else:
            break
    return expr, value


def why_not(value: Value) -> tuple[str, list[str]]:
    """Why a value is not static, and the way out."""
    match value:
        case Unknown(reason=reason):
            return reason, [WAY_OUT]
        case EnvRef(name=name):
            reason = f"it is the environment variable `{name}`, which differs from machine to machine"
            return reason, [WAY_OUT]
        case ConfigRef(name=name):
            reason = f"the configuration `{name}` has no value"
            return reason, [f"give one with `--config {name}=FILE` or `--config-value {name}=JSON`, or a default"]
        case ParamRef(name=name):
            return f"the parameter `{name}` has a value only in a run", [WAY_OUT]
        case Shape(kind="lambda"):
            return "a function would have to be called", [WAY_OUT]
        case Shape(kind=kind):
            return f"the contents of the {kind} are not", [WAY_OUT]
        case Const():
            return "it is computed", [WAY_OUT]


# --------------------------------------------------------------------------- checks
def check_value(
    decorator: DecoratorDecl, name: str, value: Located[Constant], attribute: Attribute, sink: Sink
) -> Located[Constant] | None:
    """The value in its own type, in its range; None after a report, or where it is None."""
    if value.value is None:
        if attribute.required:
            _report_missing(decorator, name, attribute, sink)
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


def _number(subject: str, value: Located[Constant], attribute: Attribute, sink: Sink) -> Located[Constant] | None:
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
    if (low is not None and number < low) or (high is not None and number > high):
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
        if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
            return None
        if isinstance(value, str) and number.is_integer():
            return int(number)
    return number


def _report_range(
    subject: str, value: Located[Constant], number: float, attribute: Attribute, sink: Sink
) -> None:
    low, high = attribute.low, attribute.high
    least = "greater than 0" if attribute.kind is Kind.NUMBER and low else f"{low:g} or more"
    allowed = least if high is None else f"from {low:g} to {high:g}"
    sink.report(
        catalog.ATTRIBUTE_RANGE,
        value.span,
        f"{subject} is {number}, and must be {allowed}",
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


def _text(subject: str, value: Located[Constant], attribute: Attribute, sink: Sink) -> Located[Constant] | None:
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


def _list(subject: str, value: Located[Constant], attribute: Attribute, sink: Sink) -> Located[Constant] | None:
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


# --------------------------------------------------------------------------- names
def _report_unknown(decorator: DecoratorDecl, name: str, span: Span, rule: DecoratorRule, sink: Sink) -> None:
    meant = nearest(name, rule.attributes)
    fix: Fix | None = None
    if meant and span.text == name and meant not in {k.arg for k in decorator.keywords}:
        fix = Fix(f"Replace `{name}` by `{meant}`", (Edit(span, meant),))
    sink.report(
        catalog.UNKNOWN_ATTRIBUTE,
        span,
        f"`@{decorator.name}` has no attribute `{name}`",
        notes=[_known_names(rule)],
        helps=did_you_mean(name, rule.attributes) or [f"remove `{name}`"],
        fix=fix,
    )


def _known_names(rule: DecoratorRule) -> str:
    names = ", ".join(f"`{name}`" for name in rule.attributes)
    return f"its attributes: {names}" if names else "it has no attributes"


def _report_missing(decorator: DecoratorDecl, name: str, attribute: Attribute, sink: Sink) -> None:
    sink.report(
        catalog.MISSING_ATTRIBUTE,
        decorator.whole,
        f"`@{decorator.name}` needs the attribute `{name}`",
        helps=[f"write `@{decorator.name}({name}=…)` with {attribute.kind.value}"],
    )


def _report_repeated(decorator: DecoratorDecl, keyword: ast.keyword, sink: Sink) -> None:
    sink.report(
        catalog.SYNTAX_ERROR,
        _name_span(decorator, keyword),
        f"invalid Python: keyword argument repeated: `{keyword.arg}`",
        helps=["keep one of the two"],
    )


def _name_span(decorator: DecoratorDecl, keyword: ast.keyword) -> Span:
    """The name of `name=value`."""
    whole = decorator.module.span(keyword)
    return Span(whole.file, whole.start, whole.start + len(keyword.arg or ""))
