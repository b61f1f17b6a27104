"""What the body of a class defines: steps, other methods, attributes.

Statements inside `if`, `try` and `with` of the class body define as those outside do.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.frontend.decl import AttributeDecl, DecoratorDecl, Member, MethodDecl, Origin, StepDecl
from flowc.frontend.flow import placement
from flowc.frontend.project.bindings import bound_names, nested_bodies
from flowc.frontend.project.places import name_span
from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Sink
    from flowc.frontend.flow.lineage import ClassRef
    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project
    from flowc.source import Span


class MemberReader:
    """Reads the classes of one flow. Decorators of one spelling are resolved once for each module."""

    def __init__(self, project: Project, sink: Sink) -> None:
        self._project = project
        self._sink = sink
        self._resolved: dict[tuple[Module, str], tuple[str | None, Origin]] = {}
        self._missing: set[tuple[Module, str]] = set()  # names that were reported as never imported

    def class_decorators(self, ref: ClassRef) -> list[DecoratorDecl]:
        """The decorators of a class, outermost first, without those that no class can have."""
        decorators = [self._decorator(d, ref.module, None) for d in ref.node.decorator_list]
        return placement.of_class(decorators, self._sink)

    def members(self, ref: ClassRef) -> dict[str, Member]:
        """What the class defines, by name, in the order of the first definition."""
        found: dict[str, Member] = {}
        for statement, conditional in _statements(ref.node.body):
            for name, member in self._defined(statement, ref):
                before = found.get(name)
                half = _half(statement, name)
                if (
                    half
                    and isinstance(before, MethodDecl)
                    and isinstance(member, MethodDecl)
                    and before.is_property
                ):
                    found[f"{name}.{half}"] = replace(member, name=f"{name}.{half}")
                    continue
                if isinstance(before, StepDecl) and not conditional:
                    self._report_again(before, member)
                elif isinstance(before, AttributeDecl) and isinstance(member, StepDecl):
                    self._report_replaced(before, member)
                found[name] = member
        return found

    def _report_again(self, before: StepDecl, member: Member) -> None:
        if isinstance(member, StepDecl):
            self._sink.report(
                catalog.STEP_REDEFINED,
                member.span,
                f"the step `{member.name}` is defined twice in `{member.owner.name}`; only this definition counts",
                secondary=[Label(before.span, "never used")],
                helps=["rename or remove one of them"],
            )
            return
        span = member.span if isinstance(member, AttributeDecl) else name_span(member.module, member.function)
        self._sink.report(
            catalog.NAME_CLASH,
            span,
            f"`{member.name}` replaces the step of that name, which the flow then lacks",
            secondary=[Label(before.span, "the step")],
            helps=["rename one of them"],
        )

    def _report_replaced(self, before: AttributeDecl, step: StepDecl) -> None:
        """A parameter that no run has, since a step has its name."""
        value = before.value
        kind = self._project.api_name(before.module, value.func) if isinstance(value, ast.Call) else None
        if kind in ("Parameter", "IncludeFile", "Config"):
            self._sink.report(
                catalog.NAME_CLASH,
                step.span,
                f"the step `{step.name}` replaces the `{kind}` of that name, which the flow then lacks",
                secondary=[Label(before.span, "never used")],
                helps=["rename one of them"],
            )

    def _defined(self, statement: ast.stmt, ref: ClassRef) -> Iterator[tuple[str, Member]]:
        module = ref.module
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield statement.name, self._function(statement, ref)
            case ast.ClassDef(name=name):
                if any(self._resolve(d, module, ref.node)[0] == "step" for d in statement.decorator_list):
                    placement.report_not_a_method(name_span(module, statement), name, "a class", self._sink)
                yield name, _attribute(name, name_span(module, statement), None, ref)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self._assigned(target, value, ref)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assigned(target, value, ref)
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    yield name, _attribute(name, module.span(alias), None, ref)
            case _:
                for name in bound_names(statement):
                    yield name, _attribute(name, module.span(statement), None, ref)

    def _assigned(self, target: ast.expr, value: ast.expr, ref: ClassRef) -> Iterator[tuple[str, Member]]:
        if isinstance(target, ast.Name):
            span = ref.module.span(target)
            if isinstance(value, ast.Call) and self._project.api_name(ref.module, value.func) == "step":
                placement.report_not_a_method(span, target.id, "a call of `step`", self._sink)
            yield target.id, _attribute(target.id, span, value, ref)
            return
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                yield node.id, _attribute(node.id, ref.module.span(node), None, ref)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, ref: ClassRef) -> Member:
        decorators = [self._decorator(d, ref.module, ref.node) for d in node.decorator_list]
        at = next((i for i, d in enumerate(decorators) if _is_step(d)), None)
        self._check_imported(decorators if at is None else decorators[at : at + 1])
        if at is not None:
            return self._step(node, decorators, at, ref)
        placement.of_method(node.name, decorators, self._sink)
        return MethodDecl(
            name=node.name,
            function=node,
            module=ref.module,
            owner=ref.node,
            is_property=any(_is_property(d) for d in node.decorator_list),
        )

    def _step(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        decorators: list[DecoratorDecl],
        at: int,
        ref: ClassRef,
    ) -> StepDecl:
        span = name_span(ref.module, node)
        placement.report_kind(node, decorators, span, self._sink)
        claims = placement.step_arguments(decorators[at], self._sink)
        return StepDecl(
            name=node.name,
            span=span,
            function=_as_function(node),
            module=ref.module,
            owner=ref.node,
            decorators=tuple(placement.of_step(node.name, decorators, at, self._sink)),
            is_start=claims.get("start", False),
            is_end=claims.get("end", False),
        )

    def _check_imported(self, decorators: list[DecoratorDecl]) -> None:
        """`@step`, or a decorator of a method that is no step, which nothing imports: a fault, once for a name."""
        for decorator in decorators:
            root = decorator.name.partition(".")[0]
            if decorator.origin is Origin.UNBOUND and (decorator.module, root) not in self._missing:
                from flowc.frontend.project.imports import report_not_imported

                self._missing.add((decorator.module, root))
                report_not_imported(root, decorator.span, decorator.module, self._sink)

    def _decorator(self, expr: ast.expr, module: Module, owner: ast.ClassDef | None) -> DecoratorDecl:
        call = expr if isinstance(expr, ast.Call) else None
        named = call.func if call else expr
        api_name, origin = self._resolve(expr, module, owner)
        span = module.span(named)
        return DecoratorDecl(
            name=api_name or span.text,
            origin=origin,
            span=span,
            whole=module.span(expr) if call else span,
            called=call is not None,
            args=tuple(call.args) if call else (),
            keywords=tuple(call.keywords) if call else (),
            module=module,
            owner=owner,
        )

    def _resolve(
        self, expr: ast.expr, module: Module, owner: ast.ClassDef | None
    ) -> tuple[str | None, Origin]:
        named = expr.func if isinstance(expr, ast.Call) else expr
        key = (module, named.id) if isinstance(named, ast.Name) else None
        if key is not None and key in self._resolved:
            return self._resolved[key]
        api_name = self._project.api_name(module, named)
        origin = Origin.API if api_name else self._project.origin(module, named, owner)
        if key is not None and origin is not Origin.PROJECT:  # a class may define a decorator for itself
            self._resolved[key] = api_name, origin
        return api_name, origin


def _attribute(name: str, span: Span, value: ast.expr | None, ref: ClassRef) -> AttributeDecl:
    return AttributeDecl(name=name, span=span, value=value, module=ref.module, owner=ref.node)


def _statements(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """All statements of a body in source order, and whether each stands inside another."""
    stack = [(statement, False) for statement in reversed(body)]
    while stack:
        statement, conditional = stack.pop()
        yield statement, conditional
        stack.extend((inner, True) for inner in reversed(nested_bodies(statement)))


def _is_property(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Name(id="property" | "cached_property") | ast.Attribute(attr="cached_property" | "getter"):
            return True
        case _:
            return False


def _is_step(decorator: DecoratorDecl) -> bool:
    """Whether it is `@step`, or would be if its import were not missing."""
    if decorator.origin is Origin.UNBOUND:
        return decorator.name.rpartition(".")[2] == "step"
    return decorator.origin is Origin.API and decorator.name == "step"


def _half(statement: ast.stmt, name: str) -> str | None:
    """`setter` or `deleter` where `@name.setter` completes the property `name`, which stays what it was."""
    if not isinstance(statement, ast.FunctionDef):
        return None
    for decorator in statement.decorator_list:
        match decorator:
            case ast.Attribute(value=ast.Name(id=known), attr="setter" | "deleter" as half) if known == name:
                return half
    return None


def _as_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef:
    """An `async def` step, which was reported, read as if it were a `def`."""
    if isinstance(node, ast.FunctionDef):
        return node
    function = ast.FunctionDef.__new__(ast.FunctionDef)
    function.__dict__.update(node.__dict__)
    return function
