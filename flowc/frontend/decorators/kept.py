"""Decorators that flowc has no rule for: kept for the runtime, and said once each.

A name that nothing binds, or that neither flowc nor metaflow has, is a fault instead.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.frontend.decl import DecoratorDecl, Origin
from flowc.frontend.project.api_names import API_NAMES
from flowc.frontend.project.dotted import is_builtin
from flowc.ir.spec import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decorators.table import DecoratorRule
    from flowc.frontend.folding.constants import Folder

_MUTATORS = ("FlowMutator", "StepMutator")


def split_known(
    decorators: Sequence[DecoratorDecl],
    rules: Mapping[str, DecoratorRule],
    what: str,
    folder: Folder,
    sink: Sink,
) -> tuple[list[DecoratorDecl], tuple[Kept, ...]]:
    """The decorators with a rule, each once where it may stand once, and those kept for the runtime.

    A name of the API that nothing imports is reported, and judged as what it is surely meant to be.
    """
    known: list[DecoratorDecl] = []
    kept: list[Kept] = []
    first: dict[str, DecoratorDecl] = {}
    for written in decorators:
        decorator = meant(written, folder)
        rule = rules.get(decorator.name) if decorator.origin in (Origin.API, Origin.UNBOUND) else None
        if rule is None or decorator.origin is Origin.UNBOUND:
            kept.extend(_keep(decorator, folder, sink))
        if rule is None:
            continue
        before = first.setdefault(decorator.name, decorator)
        if before is decorator or rule.repeatable:
            known.append(decorator)
        else:
            _report_duplicate(decorator, before, what, sink)
    return known, tuple(kept)


def meant(decorator: DecoratorDecl, folder: Folder) -> DecoratorDecl:
    """The API's decorator behind a name of the project: `@large` after `large = resources(memory=64000)`."""
    if decorator.origin is not Origin.PROJECT or decorator.called:
        return decorator
    expr = _expression(decorator.name)
    binding = folder.project.resolve(decorator.module, expr) if expr else None
    value = binding.value if binding is not None else None
    if (
        binding is None
        or not isinstance(value, ast.Call)
        or len(binding.module.bindings.get(binding.name)) > 1
    ):
        return decorator
    name = folder.project.api_name(binding.module, value.func)
    if name is None:
        return decorator
    return DecoratorDecl(
        name=name,
        origin=Origin.API,
        span=decorator.span,
        whole=decorator.whole,
        called=True,
        args=tuple(value.args),
        keywords=tuple(value.keywords),
        module=binding.module,
        owner=None,
    )


def _report_duplicate(decorator: DecoratorDecl, before: DecoratorDecl, what: str, sink: Sink) -> None:
    sink.report(
        catalog.DUPLICATE_DECORATOR,
        decorator.span,
        f"`@{decorator.name}` stands twice on {what}",
        secondary=[Label(before.span, "the first one")],
        helps=["merge the two into one"],
    )


def _keep(decorator: DecoratorDecl, folder: Folder, sink: Sink) -> list[Kept]:
    name = decorator.name
    match decorator.origin:
        case Origin.UNBOUND:
            from flowc.frontend.project.imports import report_not_imported

            key = (catalog.DECORATOR_NOT_IMPORTED.code, f"{decorator.module.path}:{name}")
            if key not in folder.said:
                folder.said.add(key)
                root = name.partition(".")[0]
                report_not_imported(root, decorator.span, decorator.module, sink)
            return []
        case Origin.API:
            source, _, attribute = name.rpartition(".")
            if attribute not in API_NAMES:
                if source:
                    from flowc.frontend.project.unknown_imports import report_unknown

                    report_unknown(attribute, source, decorator.span, sink)
                return []
        case Origin.EXTERNAL if is_builtin(name):
            return []
    _say_kept(decorator, folder, sink)
    return [Kept(name, decorator.span)]


def _say_kept(decorator: DecoratorDecl, folder: Folder, sink: Sink) -> None:
    """FC103 or FC124, once for each name."""
    name = decorator.name
    mutator = _is_mutator(decorator, folder)
    rule = catalog.MUTATOR_KEPT if mutator else catalog.UNKNOWN_DECORATOR
    if (rule.code, name) in folder.said:
        return
    folder.said.add((rule.code, name))
    if mutator:
        sink.report(
            rule,
            decorator.span,
            f"`@{name}` is a mutator, which would change the flow when it is loaded; flowc's runtime refuses it",
            helps=["write what it does into the flow itself, as decorators and steps"],
        )
        return
    sink.report(
        rule,
        decorator.span,
        f"flowc does not know the decorator `@{name}`; it is kept and acts only when the step runs",
        helps=["make sure that it needs nothing of the manifest, or ignore this line"],
    )


def _is_mutator(decorator: DecoratorDecl, folder: Folder) -> bool:
    """Whether the decorator is a class that extends `FlowMutator` or `StepMutator`."""
    expr = _expression(decorator.name)
    binding = folder.project.resolve(decorator.module, expr) if expr else None
    if binding is None or not isinstance(binding.node, ast.ClassDef):
        return False
    from flowc.frontend.folding.classes import bases_outside

    return any(
        base.rpartition(".")[2] in _MUTATORS for base in bases_outside(folder, binding.module, binding.node)
    )


def _expression(name: str) -> ast.expr | None:
    try:
        return ast.parse(name, mode="eval").body
    except SyntaxError:
        return None
