"""Which classes of a file are flows, and which one is meant.

A flow derives from `FlowSpec`, directly or through bases found in the project. A class with steps
whose bases lie outside the project is taken for one too. A base that another flow of the file
extends is no choice of its own.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.diagnostics.suggest import did_you_mean
from flowc.frontend.decl import Origin
from flowc.frontend.flow.lineage import ClassRef, Lineages
from flowc.frontend.project.bindings import nested_bodies
from flowc.frontend.project.imports import import_fix
from flowc.frontend.project.places import name_span
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Fix, Sink
    from flowc.frontend.flow.lineage import Lineage
    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project


def flow_names(project: Project) -> list[str]:
    """The names of the flows of the entry file that can be chosen, in source order."""
    module = project.entry
    return [ref.node.name for ref in _leaves(_flows(project, module, Lineages(project)))] if module else []


def extended_flows(project: Project) -> frozenset[tuple[str, str]]:
    """(path, class) of the bases that the entry file's flows have in other files of the project."""
    module = project.entry
    if module is None:
        return frozenset()
    orders = _flows(project, module, Lineages(project)).values()
    bases = (base for order in orders for base in order if base.module is not module)
    return frozenset((base.module.file.path, base.node.name) for base in bases)


def choose_flow(
    project: Project, module: Module, name: str | None, lineages: Lineages, sink: Sink
) -> ClassRef | None:
    """The flow called `name`, or the only one; None after a report (FC004, FC005, FC006)."""
    flows = _flows(project, module, lineages)
    if name is not None:
        return _named(project, module, flows, name, lineages, sink)
    if not flows:
        _report_no_flow(project, module, lineages, sink)
        return None
    leaves = _leaves(flows)
    if len(leaves) == 1:
        return leaves[0]
    _report_several(module, leaves, sink)
    return None


def _flows(project: Project, module: Module, lineages: Lineages) -> dict[ClassRef, tuple[ClassRef, ...]]:
    """Each flow of the module with its order of lookup."""
    found: dict[ClassRef, tuple[ClassRef, ...]] = {}
    for ref in _classes(module):
        lineage = lineages.of(ref)
        if lineage.has_flowspec or (
            _may_be_flow(project, lineage) and any(has_steps(project, r) for r in lineage.order)
        ):
            found[ref] = lineage.order
    return found


def _may_be_flow(project: Project, lineage: Lineage) -> bool:
    """Whether a base that is not found may derive from `FlowSpec`: one that is imported from somewhere."""
    return any(project.origin(base.module, base.expr) is not Origin.UNBOUND for base in lineage.missing)


def _classes(module: Module) -> Iterator[ClassRef]:
    """The classes of the top level; of several with one name the last, which is the one that stays."""
    last = [bindings[-1] for bindings in module.bindings.names.values()]
    nodes = [b.node for b in last if isinstance(b.node, ast.ClassDef)]
    for node in sorted(nodes, key=lambda n: n.lineno):
        yield ClassRef(node, module)


def _leaves(flows: dict[ClassRef, tuple[ClassRef, ...]]) -> list[ClassRef]:
    """The flows that no other flow extends; those with steps, where any has."""
    extended = {base.node for order in flows.values() for base in order[1:]}
    leaves = [ref for ref in flows if ref.node not in extended]
    stepped = [ref for ref in leaves if any(_has_methods(r) for r in flows[ref])]
    return stepped or leaves


def _has_methods(ref: ClassRef) -> bool:
    return any(isinstance(s, ast.FunctionDef) and s.decorator_list for s in _body(ref.node))


def has_steps(project: Project, ref: ClassRef) -> bool:
    """Whether the class itself has a method with `@step`."""
    for statement in _body(ref.node):
        if isinstance(statement, ast.FunctionDef):
            decorators = (d.func if isinstance(d, ast.Call) else d for d in statement.decorator_list)
            if any(project.api_name(ref.module, d) == "step" for d in decorators):
                return True
    return False


def _body(node: ast.ClassDef) -> Iterator[ast.stmt]:
    stack: list[ast.stmt] = node.body[::-1]
    while stack:
        statement = stack.pop()
        yield statement
        stack.extend(nested_bodies(statement)[::-1])


def _named(
    project: Project,
    module: Module,
    flows: dict[ClassRef, tuple[ClassRef, ...]],
    name: str,
    lineages: Lineages,
    sink: Sink,
) -> ClassRef | None:
    for ref in flows:
        if ref.node.name == name:
            return ref
    binding = project.lookup(module, name)
    if binding is not None and isinstance(binding.node, ast.ClassDef):  # a flow imported from a sibling
        ref = ClassRef(binding.node, binding.module)
        if lineages.of(ref).has_flowspec:
            return ref
    names = [ref.node.name for ref in flows]
    listed = ", ".join(f"`{n}`" for n in names)
    sink.report(
        catalog.UNKNOWN_FLOW,
        Span(module.file, 0, 0),
        f"`{module.path}` has no flow `{name}`",
        notes=[f"its flows: {listed}" if names else "it has no flow at all"],
        helps=did_you_mean(name, names),
    )
    return None


def _report_several(module: Module, leaves: Sequence[ClassRef], sink: Sink) -> None:
    names = [ref.node.name for ref in leaves]
    listed = ", ".join(f"`{n}`" for n in names)
    started = _instantiated(module, set(names))
    help_text = f"choose one with `--flow {started or names[0]}`"
    sink.report(
        catalog.SEVERAL_FLOWS,
        Label(name_span(module, leaves[1].node), "another flow"),
        f"`{module.path}` has {len(names)} flows and none was chosen: {listed}",
        secondary=[Label(name_span(module, leaves[0].node), "a flow")],
        helps=[help_text + (", which the file itself starts" if started else "")],
    )


def _instantiated(module: Module, names: set[str]) -> str | None:
    """The one flow that the file starts by `Name()` at its top level (under `if __name__ == …`)."""
    started: set[str] = set()
    stack: list[ast.stmt] = list(module.tree.body)
    while stack:
        statement = stack.pop()
        stack.extend(nested_bodies(statement))
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in names:
                started.add(name)
    return started.pop() if len(started) == 1 else None


def _report_no_flow(project: Project, module: Module, lineages: Lineages, sink: Sink) -> None:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        meant = _why_no_flow(project, ClassRef(node, module), lineages)
        if meant is not None:
            message, help_text, fix = meant
            sink.report(catalog.NO_FLOW, name_span(module, node), message, helps=[help_text], fix=fix)
            return
    sink.report(
        catalog.NO_FLOW,
        Span(module.file, 0, 0),
        f"`{module.path}` has no flow: no class derives from `FlowSpec`",
        helps=[
            "write `class MyFlow(FlowSpec):` with `@step` methods, after `from flowc import FlowSpec, step`"
        ],
    )


def _why_no_flow(project: Project, ref: ClassRef, lineages: Lineages) -> tuple[str, str, Fix | None] | None:
    """A message, a help and a fix for a class that was probably meant to be a flow."""
    node, module = ref.node, ref.module
    base_names = [b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "") for b in node.bases]
    outside = node not in {known.node for known in _classes(module)}
    if outside and "FlowSpec" in base_names:
        return (
            f"`{node.name}` is a flow inside a function or a class, where it cannot be found",
            "move the class to the top level of the file",
            None,
        )
    if "FlowSpec" in base_names:
        fix = None if module.bindings.get("FlowSpec") else import_fix("FlowSpec", module)
        return (
            f"`{node.name}` derives from a `FlowSpec` that is not imported from `flowc` or `metaflow`",
            f"{fix.title[0].lower()}{fix.title[1:]}" if fix else "import it from `flowc`",
            fix,
        )
    if not has_steps(project, ref):
        return None
    circle = _circle(ref, lineages)
    if circle:
        names = " and ".join(f"`{base.node.name}` ({base.module.path})" for base in circle)
        return (
            f"the bases of `{node.name}` derive from one another: {names}",
            "let one of them derive from `FlowSpec` alone",
            None,
        )
    bases = [base.node.name for base in lineages.bases(ref).classes]
    derive = f"let `{bases[0]}` derive from it: `class {bases[0]}(FlowSpec):`" if bases else None
    return (
        f"`{node.name}` has steps but does not derive from `FlowSpec`",
        derive or f"write `class {node.name}(FlowSpec):`",
        None,
    )


def _circle(ref: ClassRef, lineages: Lineages) -> list[ClassRef]:
    """The classes among a class and its bases that are bases of themselves."""
    return [base for base in lineages.of(ref).order if base in _above(base, lineages)]


def _above(ref: ClassRef, lineages: Lineages) -> set[ClassRef]:
    found: set[ClassRef] = set()
    waiting = [ref]
    while waiting:
        for base in lineages.bases(waiting.pop()).classes:
            if base not in found:
                found.add(base)
                waiting.append(base)
    return found
