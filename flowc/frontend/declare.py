"""From the entry file to a `FlowDecl`: the class meant, and what it and its bases define.

Each name of the flow is what Python's lookup finds: the first class in the method resolution order
that defines it, and in that class the last definition.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.frontend.decl import AttributeDecl, FlowDecl, Member, MethodDecl, Origin, StepDecl
from flowc.frontend.flow.flows import choose_flow
from flowc.frontend.flow.lineage import Lineages
from flowc.frontend.flow.members import MemberReader
from flowc.frontend.project.api_names import API_MODULES
from flowc.frontend.project.places import docstring, name_span
from flowc.frontend.project.unknown_imports import report_unknown

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.flow.lineage import ClassRef, Lineage
    from flowc.frontend.project.modules import Project


def declare(project: Project, flow_name: str | None, sink: Sink) -> FlowDecl | None:
    """The declarations of the flow called `flow_name`, or of the only one; None after a report."""
    module = project.entry
    if module is None:
        return None
    lineages = Lineages(project)
    chosen = choose_flow(project, module, flow_name, lineages, sink)
    if chosen is None:
        return None
    lineage = lineages.of(chosen)
    _report_bases(project, chosen, lineage, sink)
    if any(len(ref.node.bases) > 1 for ref in lineage.order):
        from flowc.frontend.flow.order import check_bases

        check_bases(lineage.order, lineages, sink)
    reader = MemberReader(project, sink)
    decorators: list[DecoratorDecl] = []
    for ref in lineage.order:
        decorators += reader.class_decorators(ref)
    defined: dict[str, list[Member]] = {}  # the one that counts comes last
    for ref in reversed(lineage.order):
        for name, member in reader.members(ref).items():
            defined.setdefault(name, []).append(member)
    return _flow(chosen, lineage, tuple(decorators), defined)


def _flow(
    chosen: ClassRef,
    lineage: Lineage,
    decorators: tuple[DecoratorDecl, ...],
    defined: dict[str, list[Member]],
) -> FlowDecl:
    members = [several[-1] for several in defined.values()]
    return FlowDecl(
        name=chosen.node.name,
        span=name_span(chosen.module, chosen.node),
        doc=docstring(chosen.node),
        module=chosen.module,
        node=chosen.node,
        decorators=decorators,
        steps=tuple(m for m in members if isinstance(m, StepDecl)),
        attributes=tuple(m for m in members if isinstance(m, AttributeDecl)),
        methods=tuple(m for m in members if isinstance(m, MethodDecl)),
        complete=not lineage.missing,
        overridden={name: tuple(several[-2::-1]) for name, several in defined.items() if len(several) > 1},
    )


def _report_bases(project: Project, chosen: ClassRef, lineage: Lineage, sink: Sink) -> None:
    for base in lineage.missing:
        package, _, name = (project.dotted(base.module, base.expr) or "").partition(".")
        if package in API_MODULES:
            if not isinstance(base.expr, ast.Name):  # a name is reported where it is imported
                report_unknown(name, package, base.module.span(base.expr), sink)
            continue
        unbound = project.origin(base.module, base.expr) is Origin.UNBOUND
        why = (
            "it is never imported or defined"
            if unbound
            else "what it defines is unknown to the compiler: steps, parameters, artifacts"
        )
        sink.report(
            catalog.BASE_NOT_FOUND,
            base.module.span(base.expr),
            f"the base class `{base.module.span(base.expr).text}` of `{chosen.node.name}` is not found in the project",
            notes=[why],
            helps=["keep the base class in a module of the project, such as one beside the flow file"],
            severity=Severity.ERROR if unbound else None,  # Python raises `NameError`
        )
