"""Names of the API that are used without being imported; and what importing a flow file loads.

The fix of a missing import edits the import statement that the file has, however it is laid out,
or adds a line of its own.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Label
from flowc.diagnostics.suggest import nearest
from flowc.frontend.project.api_names import API_MODULES, API_NAMES
from flowc.frontend.project.bindings import nested_bodies
from flowc.frontend.project.unknown_imports import check_imports
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import FlowDecl
    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project


def report_not_imported(
    name: str, span: Span, module: Module, sink: Sink, *, use: str = "a decorator"
) -> None:
    """FC104: `name` is used as `use` at `span`, and nothing in `module` imports or defines it."""
    imports = list(_api_imports(module.tree.body))
    secondary = [Label(module.span(node), f"`{node.module}` is imported here") for node, _ in imports[:1]]
    fix: Fix | None = None
    if name in API_NAMES:
        fix = import_fix(name, module)
        helps = [f"{fix.title[0].lower()}{fix.title[1:]}"]
    elif name in API_MODULES:
        helps = [f"add `import {name}`"]
    else:
        meant = nearest(name, API_NAMES | module.bindings.names.keys())
        helps = [f"did you mean `{meant}`?"] if meant else ["import or define it above the class"]
        if meant and module.bindings.get(meant):
            fix = Fix(f"Replace `{name}` by `{meant}`", (Edit(span, meant),))
    sink.report(
        catalog.DECORATOR_NOT_IMPORTED,
        span,
        f"`{name}` is used as {use} but never imported or defined",
        secondary=secondary,
        notes=["Python raises `NameError` at this line, whatever the flow does"],
        helps=helps,
        fix=fix,
    )


def import_fix(name: str, module: Module) -> Fix:
    """Add `name` to the file's import from flowc or metaflow, or a line that imports it."""
    found = list(_api_imports(module.tree.body))
    certain = [node for node, conditional in found if not conditional]
    # Where the imports are alternatives (`try` … `except ImportError`), each of them must bring the name.
    chosen = certain[:1] or [node for node, _ in found]
    if chosen:
        edits = tuple(_added_alias(name, node, module) for node in chosen)
        line = chosen[0].lineno
        return Fix(f"Add `{name}` to the import from `{chosen[0].module}` in line {line}", edits)
    source = "metaflow" if "metaflow" in module.file.text else "flowc"
    at = _place_of_import(module)
    statement = f"from {source} import {name}"
    return Fix(f"Add `{statement}`", (Edit(Span(module.file, at, at), statement + "\n"),))


def _added_alias(name: str, node: ast.ImportFrom, module: Module) -> Edit:
    """`, name` after the last imported name; on a line of its own where the last one has one."""
    last = module.span(node.names[-1])
    file = module.file
    line_start = file.line_starts[file.place(last.start)[0] - 1]
    before = file.text[line_start : last.start]
    separator = f",\n{before}" if before and not before.strip() else ", "
    return Edit(Span(file, last.end, last.end), separator + name)


def _place_of_import(module: Module) -> int:
    """Where an import line may be added: before the first import, after the docstring and `__future__`."""
    body = module.tree.body
    for statement in body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not docstring and not future:
            decorators = getattr(statement, "decorator_list", [])
            line = min(node.lineno for node in (statement, *decorators))
            return int(module.file.line_starts[line - 1])
    return len(module.file.text)


def _api_imports(
    body: Sequence[ast.stmt], conditional: bool = False
) -> Iterator[tuple[ast.ImportFrom, bool]]:
    """`from flowc import …` and `from metaflow import …` of a module's top level, in source order."""
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            names = [alias.name for alias in statement.names]
            if statement.level == 0 and statement.module in API_MODULES and names != ["*"]:
                yield statement, conditional
        else:
            yield from _api_imports(nested_bodies(statement), True)


def check_flow_imports(flow: FlowDecl, project: Project, sink: Sink) -> None:
    """Check the imports of every module that a flow is made of."""
    load_imports(project)
    modules = [flow.module, *(step.module for step in flow.steps), *(a.module for a in flow.attributes)]
    for module in dict.fromkeys(modules):
        check_imports(module, sink)


def load_imports(project: Project) -> None:
    """Load what importing the flow file certainly imports of the project, and report what is no Python there."""
    waiting = [project.entry]
    seen = set(waiting)
    while waiting:
        module = waiting.pop()
        for loaded in _loaded(project, module) if module else ():
            if loaded not in seen:
                seen.add(loaded)
                waiting.append(loaded)


def _loaded(project: Project, module: Module) -> Iterator[Module | None]:
    for statement in module.tree.body:
        match statement:
            case ast.Import(names=names):
                yield from (project.load(alias.name, module) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                yield project.load(source or "", module, level)
                for alias in names:
                    inner = f"{source}.{alias.name}" if source else alias.name
                    yield project.load(inner, module, level)
