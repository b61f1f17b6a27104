"""The attributes of a decorator, folded and checked against its rule.

Everything wrong with them is reported; what comes out is right, and only what is right comes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Applicability, Edit, Fix, Severity
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.frontend.decorators.attribute_values import check_value, report_missing
from flowc.frontend.decorators.static_values import report_not_static
from flowc.frontend.decorators.table import Attribute, Kind
from flowc.ir.values import Const
from flowc.source import Located, Span

if TYPE_CHECKING:
    import ast

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorators.table import DecoratorRule
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.values import Constant

    Values = dict[str, Located[Constant]]


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
            report_missing(decorator, name, attribute, sink)
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
        return check_value(
            decorator, name, Located(value.value, decorator.module.span(expr)), attribute, sink
        )
    if attribute.needed or attribute.kind is not Kind.ANY:
        severity = None if attribute.needed else Severity.WARNING
        report_not_static(f"`{name}` of `@{decorator.name}`", expr, value, decorator, folder, sink, severity)
    return None


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
