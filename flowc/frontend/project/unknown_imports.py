"""Names and modules that are imported from flowc or metaflow, and that may not be there where a step runs.

An error where the import certainly runs; a warning inside functions; nothing inside `try`, which is
how code asks whether a name is there.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Severity
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.frontend.project.api_names import (
    API_MODULES,
    API_NAMES,
    CARD_NAMES,
    EXTENSION_NAMES,
    METAFLOW_MODULES,
    exports,
    modules,
)
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Sink
    from flowc.frontend.project.module import Module


def check_imports(module: Module, sink: Sink) -> None:
    """FC123 for each name and each module that a module imports from flowc or metaflow and neither has."""
    if not any(word in module.file.text for word in API_MODULES):
        return
    for statement, severity in _imports_with_severity(module):
        for package, name, node in _imported(statement):
            if name not in (modules(package) if node is statement else exports(package)):
                uses = _uses(node, module)
                report_unknown(name, package, module.span(node), sink, severity, uses)
            elif package == "metaflow" and name in METAFLOW_MODULES:
                _report_needed(name, module.span(node), sink)
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").endswith(".cards"):
            _check_cards(statement, module, severity, sink)


def report_unknown(
    name: str,
    package: str,
    span: Span,
    sink: Sink,
    severity: Severity = Severity.ERROR,
    uses: Sequence[Span] = (),
) -> None:
    """FC123 for a name of `package` that is not there; `uses` are the places that a better name goes to as well."""
    said = f"`{package}` has no `{name}`, and neither `flowc` nor `metaflow` has one"
    meant = nearest(name, API_NAMES)
    helps = did_you_mean(name, API_NAMES) or ("remove it, or import it from the package that defines it",)
    if name in EXTENSION_NAMES:
        said = f"`{name}` belongs to an extension of Metaflow, which only Metaflow itself can run"
        meant, helps = None, ("remove it, or do in the step what it does",)
    elif name in METAFLOW_MODULES:
        said = f"`{package}` has no `{name}`: it is a module of Metaflow's own"
        meant, helps = None, ("import it from `metaflow`, which the image of the step must then have",)
    fix = _renamed(name, meant, span, uses) if meant else None
    sink.report(catalog.UNKNOWN_IMPORT, span, said, helps=helps, fix=fix, severity=severity)


def _renamed(name: str, meant: str, span: Span, uses: Sequence[Span]) -> Fix | None:
    """Write `meant` for `name`: where a statement imports it or an attribute names it, and where it is used."""
    found = re.search(rf"\b{re.escape(name)}\b", span.text)
    if found is None:
        return None
    first = Span(span.file, span.start + found.start(), span.start + found.end())
    return Fix(f"Replace `{name}` by `{meant}`", tuple(Edit(place, meant) for place in (first, *uses)))


def _uses(node: ast.alias | ast.stmt, module: Module) -> list[Span]:
    """Where a name is used that is imported under its own name."""
    if not isinstance(node, ast.alias) or node.asname:
        return []
    named = (n for n in ast.walk(module.tree) if isinstance(n, ast.Name) and n.id == node.name)
    return [module.span(n) for n in named]


def _report_needed(name: str, span: Span, sink: Sink) -> None:
    """FC134: a module that flowc's own `metaflow` takes from an installed one."""
    sink.report(
        catalog.METAFLOW_NEEDED,
        span,
        f"`metaflow.{name}` is in an installed Metaflow alone, which the image of each step must then have",
        helps=["do without it, or add `metaflow` to what the image installs"],
    )


def _check_cards(statement: ast.ImportFrom, module: Module, severity: Severity, sink: Sink) -> None:
    """FC123 for a misspelt component; any other name may be an extension's."""
    for alias in statement.names:
        helps = did_you_mean(alias.name, CARD_NAMES) if alias.name not in CARD_NAMES else ()
        if helps and alias.name != "*":
            said = f"`{statement.module}` has no `{alias.name}`"
            sink.report(catalog.UNKNOWN_IMPORT, module.span(alias), said, helps=helps, severity=severity)


def _imported(statement: ast.ImportFrom | ast.Import) -> Iterator[tuple[str, str, ast.alias | ast.stmt]]:
    """(package, name, what to point at) of a statement: each name, or the module that names come from."""
    if isinstance(statement, ast.ImportFrom):
        package, _, inner = (statement.module or "").partition(".")
        if inner:
            yield package, inner.partition(".")[0], statement
            return
        for alias in statement.names:
            if alias.name != "*":
                yield package, alias.name, alias
        return
    for alias in statement.names:
        package, _, inner = alias.name.partition(".")
        if package in API_MODULES and inner:
            yield package, inner.partition(".")[0], statement


def _imports_with_severity(module: Module) -> Iterator[tuple[ast.ImportFrom | ast.Import, Severity]]:
    top = module.top_imports
    begin: list[ast.stmt] = module.tree.body if top is None else top
    waiting = [(node, Severity.ERROR) for node in begin]
    while waiting:
        node, severity = waiting.pop()
        match node:
            case ast.Try() | ast.TryStar():
                continue
            case ast.ImportFrom(level=0, module=source) if (source or "").partition(".")[0] in API_MODULES:
                yield node, severity
            case ast.Import():
                yield node, severity
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.If() | ast.For() | ast.While():
                severity = Severity.WARNING
        if not isinstance(node, ast.expr):
            waiting.extend(
                (inner, severity) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)
            )
