"""The variables of `@environment`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.frontend.decorators.attribute_values import shown
from flowc.source import Located

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorators.attributes import Values
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.values import Constant
    from flowc.source import Span


def variables_of(
    decorator: DecoratorDecl, values: Values, folder: Folder, sink: Sink
) -> dict[str, Located[str]]:
    """The variables that can be set, as text; the others are reported."""
    variables = values.get("vars")
    if variables is None or not isinstance(variables.value, dict):
        return {}
    spans = _entry_spans(decorator, folder)
    result: dict[str, Located[str]] = {}
    for name, value in variables.value.items():
        key_span, value_span = spans.get(str(name), (variables.span, variables.span))
        problem = _variable_problem(name, value)
        if problem:
            sink.report(catalog.INVALID_ENVIRONMENT, key_span, problem[0], helps=[problem[1]])
        else:
            result[str(name)] = Located(str(value), value_span)
    return result


def _entry_spans(decorator: DecoratorDecl, folder: Folder) -> dict[str, tuple[Span, Span]]:
    """The places of each key and value, where the dict is written out."""
    for keyword in decorator.keywords:
        if keyword.arg == "vars" and isinstance(keyword.value, ast.Dict):
            module = decorator.module
            return {
                str(getattr(folder.fold(key, module, decorator.owner), "value", "")): (
                    module.span(key),
                    module.span(value),
                )
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True)
                if key is not None
            }
    return {}


def _variable_problem(name: Constant, value: Constant) -> tuple[str, str] | None:
    """Why a variable cannot be set, and what to do; None when it can."""
    if not isinstance(name, str):
        return f"the variable {shown(name)} of `@environment` is no string", "write its name as a string"
    if not name or "=" in name or "\0" in name or not name.isprintable():
        return f"{shown(name)} cannot be the name of a variable", "use letters, digits and `_`"
    if name.startswith("FLOWC_"):
        return (
            f"`{name}` of `@environment` would change a setting of flowc's own",
            "choose a name without `FLOWC_`",
        )
    if isinstance(value, (dict, list, set, tuple, bytes)):
        return (
            f"`{name}` of `@environment` is {shown(value)}, which is no text",
            "write a string, for example with `json.dumps`",
        )
    if "\0" in str(value):
        return f"the value of `{name}` contains a null byte, which no variable can hold", "encode the value"
    return None
