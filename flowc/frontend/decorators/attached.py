"""`--with`: decorators attached to every step, as if they stood above it in the source.

What is wrong with one is reported once, at its place on the command line: the diagnostics point
into a file called `--with`, whose lines are the decorators asked for.

Invariant: a decorator written in the source goes before one attached, and only a decorator without
a fault is attached.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Sink
from flowc.diagnostics.suggest import nearest
from flowc.frontend.decl import DecoratorDecl, Origin
from flowc.frontend.decorators.attributes import read_attributes
from flowc.frontend.decorators.decospec import BadDecospecError, parse_decospec
from flowc.frontend.decorators.kept import meant
from flowc.frontend.decorators.table import FLOW_RULES, STEP_RULES
from flowc.frontend.project.module import Module
from flowc.records import replace
from flowc.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.frontend.decl import FlowDecl, StepDecl
    from flowc.frontend.decorators.decospec import Given
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.values import Constant

WITH = "--with"  # the path of the file in which the diagnostics point
_EXCLUSIVE = frozenset({"kubernetes", "batch"})


def attach(flow: FlowDecl, specs: Sequence[str], folder: Folder, sink: Sink) -> FlowDecl:
    """The flow with the decorators `specs` on each step that does not have them already."""
    # Bytes of an argument that are no text cannot be shown, nor be part of a right value.
    lines = [spec.encode(errors="replace").decode() for spec in dict.fromkeys(specs)]
    file = SourceFile(WITH, "\n".join(lines))
    module = Module(file, ast.Module([], []))
    known: list[DecoratorDecl] = []
    start = 0
    for line in lines:
        decorator = _decorator(line, start, module, sink)
        if decorator and _is_right(decorator, folder, sink) and _agrees(decorator, known, sink):
            known.append(decorator)
        start += len(line) + 1
    return replace(flow, steps=tuple(_decorated(step, known, folder) for step in flow.steps))


def _decorated(step: StepDecl, attached: list[DecoratorDecl], folder: Folder) -> StepDecl:
    written = {meant(decorator, folder).name for decorator in step.decorators}
    added = [d for d in attached if d.name not in written or STEP_RULES[d.name].repeatable]
    return replace(step, decorators=(*step.decorators, *added))


# --------------------------------------------------------------------------- from text to syntax
def _decorator(text: str, offset: int, module: Module, sink: Sink) -> DecoratorDecl | None:
    """The declaration that the line at `offset` stands for; None after a report."""
    try:
        name, given = parse_decospec(text)
        keywords = tuple(_keyword(g, offset, module.file) for g in given)
    except BadDecospecError as bad:
        where = Span(module.file, offset + bad.start, offset + bad.end)
        sink.report(catalog.SETTING_VALUE, where, str(bad), helps=[bad.remedy])
        return None
    except RecursionError:
        where = Span(module.file, offset, offset + len(text))
        sink.report(
            catalog.SETTING_VALUE, where, "the value is nested too deeply", helps=["write it flatter"]
        )
        return None
    span = Span(module.file, offset, offset + len(name))
    if name not in STEP_RULES:
        _report_unknown(name, span, sink)
        return None
    return DecoratorDecl(
        name=name,
        origin=Origin.API,
        span=span,
        whole=Span(module.file, offset, offset + len(text)),
        called=bool(given),
        args=(),
        keywords=keywords,
        module=module,
        attached=True,
    )


def _keyword(given: Given, offset: int, file: SourceFile) -> ast.keyword:
    value = _expression(given.value)
    for node in ast.walk(value):
        _place(node, offset + given.value_start, offset + given.end, file)
    keyword = ast.keyword(given.name, value)
    _place(keyword, offset + given.start, offset + given.end, file)
    return keyword


def _expression(value: Constant) -> ast.expr:
    match value:
        case dict():
            return ast.Dict([_expression(k) for k in value], [_expression(v) for v in value.values()])
        case list():
            return ast.List([_expression(item) for item in value], ast.Load())
        case _:
            return ast.Constant(value)  # type: ignore[arg-type]  # JSON has no other containers


def _place(node: ast.AST, start: int, end: int, file: SourceFile) -> None:
    """Give a node the place of the characters from `start` to `end`, in the units of `ast`."""
    node.lineno, node.col_offset = _line_and_byte(start, file)  # type: ignore[attr-defined]
    node.end_lineno, node.end_col_offset = _line_and_byte(end, file)  # type: ignore[attr-defined]


def _line_and_byte(offset: int, file: SourceFile) -> tuple[int, int]:
    line, column = file.place(offset)
    return line, len(file.line(line)[: column - 1].encode())


# --------------------------------------------------------------------------- judgement
def _is_right(decorator: DecoratorDecl, folder: Folder, sink: Sink) -> bool:
    """Whether its attributes are; the reports have no fixes, since nothing can mend a command line."""
    found = Sink()
    read_attributes(decorator, STEP_RULES[decorator.name], folder, found)
    sink.adopt(replace(diagnostic, fix=None) for diagnostic in found)
    return not found.has_errors


def _agrees(decorator: DecoratorDecl, before: list[DecoratorDecl], sink: Sink) -> bool:
    """Whether it can stand beside those that come before it on the command line."""
    for other in before:
        if other.name == decorator.name and not STEP_RULES[decorator.name].repeatable:
            rule, message = catalog.DUPLICATE_DECORATOR, f"`{decorator.name}` is attached twice"
        elif {other.name, decorator.name} == _EXCLUSIVE:
            rule = catalog.RESOURCES_CONFLICT
            message = "`kubernetes` and `batch` are both attached, and a step can run on one of them"
        else:
            continue
        sink.report(
            rule, decorator.span, message, secondary=[Label(other.span, "the other one")], helps=["keep one"]
        )
        return False
    return True


def _report_unknown(name: str, span: Span, sink: Sink) -> None:
    if name in FLOW_RULES:
        sink.report(
            catalog.DECORATOR_MISPLACED,
            span,
            f"`{name}` is a flow decorator, and `--with` attaches to steps",
            helps=["put it above the class"],
        )
        return
    sink.report(
        catalog.DECORATOR_NOT_IMPORTED,
        span,
        f"flowc has no step decorator `{name}`",
        notes=["`--with` attaches flowc's own decorators; one of a project stands above the steps it is for"],
        helps=list(_ways_out(name)),
    )


def _ways_out(name: str) -> Iterator[str]:
    meant_name = nearest(name, STEP_RULES)
    listed = ", ".join(f"`{known}`" for known in STEP_RULES)
    yield f"did you mean `{meant_name}`?" if meant_name else f"use one of {listed}"
