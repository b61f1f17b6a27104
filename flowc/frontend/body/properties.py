"""Properties of the flow's class: which ones a step cannot assign.

Imported only where a class has properties. Invariant: a property is read-only here only if assigning
it certainly raises `AttributeError`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.project.places import name_span

if TYPE_CHECKING:
    from flowc.frontend.body.flow_class import ClassContext
    from flowc.source import Span

_PLAIN = frozenset({"property", "abc.abstractproperty", "abstractproperty"})


def read_only(context: ClassContext) -> dict[str, Span]:
    """The properties without a setter, by name, and where they are defined."""
    if "__setattr__" in context.methods:  # the flow decides itself what can be assigned
        return {}
    found = {
        name: name_span(method.module, method.function)
        for name, method in context.methods.items()
        if _is_plain(method.function) and not context.half_of(name, "setter")
    }
    for name, attribute in context.attributes.items():
        if has_setter(attribute.value) is False:
            found[name] = attribute.span
    return found


def has_setter(value: ast.expr | None) -> bool | None:
    """Whether `name = property(…)` can be assigned; None where the value is no such call."""
    match value:
        case ast.Call(func=ast.Name(id="property"), args=args, keywords=keywords):
            given = len(args) > 1 or any(isinstance(a, ast.Starred) for a in args)
            return given or any(k.arg in (None, "fset") for k in keywords)
        case _:
            return None


def _is_plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether `@property` stands on it: what `cached_property` stands on can be assigned."""
    decorators = [d for d in function.decorator_list if isinstance(d, (ast.Name, ast.Attribute))]
    return any(ast.unparse(d) in _PLAIN for d in decorators)
