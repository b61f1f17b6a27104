"""Arguments of `Parameter(…)`, `IncludeFile(…)` and `Config(…)` in the body of a flow."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.decorators.static_values import report_not_static
from flowc.ir.values import Const, Shape, Unknown
from flowc.records import dataclass
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import AttributeDecl
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.project.module import Module
    from flowc.ir.values import Constant, Value

# In the order of the constructors' own arguments.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "Parameter": ("name", "default", "type", "help", "required", "show_default"),
    "IncludeFile": ("name", "required", "is_text", "encoding", "help", "parser"),
    "Config": ("name", "default", "default_value", "help", "required", "parser", "plain"),
}
# Besides these, what Metaflow passes on to the command line's options.
_ALSO: dict[str, frozenset[str]] = {
    "Parameter": frozenset({"separator"}),
    "IncludeFile": frozenset({"default", "show_default"}),
    "Config": frozenset({"show_default"}),
}
_OPTION_ARGUMENTS = frozenset(
    """
    allow_from_autoenv callback confirmation_prompt count envvar expose_value flag_value hidden hide_input is_eager
    is_flag metavar multiple nargs prompt show_choices show_envvar
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A call of one of the three classes: `arguments` by name, as written; `unpacked` those of a `**dict`."""

    kind: str
    attribute: AttributeDecl
    node: ast.Call
    module: Module  # where the call is written: the attribute may only name it
    owner: ast.ClassDef | None
    arguments: Mapping[str, ast.expr]
    unpacked: Mapping[str, Constant]

    @property
    def span(self) -> Span:
        """The whole call."""
        return self.module.span(self.node)

    def span_of(self, name: str) -> Span:
        """The place of an argument; of the call, where it comes from a `**dict`."""
        return self.module.span(self.arguments[name]) if name in self.arguments else self.span

    def given(self, name: str) -> bool:
        """Whether an argument is there and not None."""
        expr = self.arguments.get(name)
        if expr is not None:
            return not (isinstance(expr, ast.Constant) and expr.value is None)
        return self.unpacked.get(name) is not None

    def value(self, name: str, folder: Folder) -> Value:
        """What is known of an argument; None where it is absent."""
        if name in self.arguments:
            return folder.fold(self.arguments[name], self.module, self.owner)
        return Const(self.unpacked.get(name))

    def constant(self, name: str, folder: Folder) -> Constant:
        """An argument that no manifest needs: its value where it is known, else None."""
        value = self.value(name, folder)
        return value.value if isinstance(value, Const) else None

    def report_unknown_value(self, name: str, value: Value, label: str, folder: Folder, sink: Sink) -> None:
        """FC108 for an argument that a manifest needs."""
        expr = self.arguments.get(name, self.node)
        report_not_static(f"`{name}` of {label}", expr, value, self, folder, sink)


def api_call(attribute: AttributeDecl, folder: Folder, sink: Sink) -> ApiCall | None:
    """The `Parameter`, `IncludeFile` or `Config` that an attribute of the flow is; None for any other."""
    located = _call(attribute, folder)
    if located is None:
        return None
    node, module, owner = located
    kind = folder.project.api_name(module, node.func)
    if kind not in ARGUMENTS:
        return None
    arguments: dict[str, ast.expr] = {}
    for name, expr in zip(ARGUMENTS[kind], node.args, strict=False):
        if isinstance(expr, ast.Starred):
            break
        arguments[name] = expr
    unpacked: dict[str, Constant] = {}
    call = ApiCall(
        kind=kind,
        attribute=attribute,
        node=node,
        module=module,
        owner=owner,
        arguments=arguments,
        unpacked=unpacked,
    )
    _check_count(call, sink)
    for keyword in node.keywords:
        if keyword.arg is None:
            _unpack(call, keyword.value, unpacked, folder, sink)
        elif _known(call, keyword.arg, Span(call.span.file, *_name_range(call, keyword)), sink):
            arguments[keyword.arg] = keyword.value
    return call


def _call(attribute: AttributeDecl, folder: Folder) -> tuple[ast.Call, Module, ast.ClassDef | None] | None:
    """The call that is assigned, or that the name assigned stands for."""
    value = attribute.value
    if isinstance(value, ast.Call):
        return value, attribute.module, attribute.owner
    if not isinstance(value, (ast.Name, ast.Attribute)):
        return None
    binding = folder.project.resolve(attribute.module, value)
    if binding is not None and isinstance(binding.value, ast.Call):
        return binding.value, binding.module, None
    return None


def _name_range(call: ApiCall, keyword: ast.keyword) -> tuple[int, int]:
    start = call.module.span(keyword).start
    return start, start + len(keyword.arg or "")


def _check_count(call: ApiCall, sink: Sink) -> None:
    names = ARGUMENTS[call.kind]
    if len(call.node.args) > len(names):
        sink.report(
            catalog.POSITIONAL_ARGUMENT,
            call.module.span(call.node.args[len(names)]),
            f"`{call.kind}` takes {len(names)} arguments without a name, and {len(call.node.args)} are given",
            helps=[f"its arguments: {', '.join(f'`{name}`' for name in names)}"],
        )


def _unpack(call: ApiCall, expr: ast.expr, unpacked: dict[str, Constant], folder: Folder, sink: Sink) -> None:
    value = folder.fold(expr, call.module, call.owner)
    if isinstance(value, Const) and isinstance(value.value, dict):
        for name, entry in value.value.items():
            if _known(call, str(name), call.module.span(expr), sink):
                unpacked[str(name)] = entry
        return
    report_not_static(f"`**` of `{call.kind}`", expr, value, call, folder, sink)


def _known(call: ApiCall, name: str, span: Span, sink: Sink) -> bool:
    known = _ALSO[call.kind].union(ARGUMENTS[call.kind])
    if name in known or name in _OPTION_ARGUMENTS:
        return True
    meant = nearest(name, known)
    fix = Fix(f"Replace `{name}` by `{meant}`", (Edit(span, meant),)) if meant and span.text == name else None
    sink.report(
        catalog.UNKNOWN_ATTRIBUTE,
        span,
        f"`{call.kind}` has no argument `{name}`",
        notes=[f"its arguments: {', '.join(f'`{word}`' for word in sorted(known))}"],
        helps=did_you_mean(name, known) or [f"remove `{name}`"],
        fix=fix,
    )
    return False


def call_name(call: ApiCall, folder: Folder, sink: Sink) -> str | None:
    """The name given to a parameter or config, checked as an option of a command; None after a report."""
    if not call.given("name"):
        sink.report(
            catalog.PARAMETER_NAME,
            call.span,
            f"this `{call.kind}` has no name",
            helps=[f'write `{call.kind}("{call.attribute.name}")`'],
        )
        return None
    value = call.value("name", folder)
    if not isinstance(value, Const):
        call.report_unknown_value("name", value, f"`{call.kind}`", folder, sink)
        return None
    name = value.value
    if isinstance(name, str) and name.replace("-", "_").isidentifier():
        return name
    sink.report(
        catalog.PARAMETER_NAME,
        call.span_of("name"),
        f"{shown(name)} cannot be the name of an option, as which a run is given it",
        helps=["use letters, digits, `_` and `-`, with a letter first"],
    )
    return None


def is_callable(call: ApiCall, name: str, folder: Folder) -> bool:
    """Whether an argument is certainly a function: a lambda, a name of one, or a `partial` of one."""
    expr = call.arguments.get(name)
    if isinstance(expr, ast.Lambda):
        return True
    if isinstance(expr, ast.Call):
        return folder.project.dotted(call.module, expr.func) == "functools.partial"
    if not isinstance(expr, (ast.Name, ast.Attribute)):
        return False
    if isinstance(expr, ast.Name) and call.owner is not None:
        own = call.module.class_bindings(call.owner).get(expr.id)
        own = [b for b in own if (b.node.end_lineno or b.node.lineno) < expr.lineno]
        if own:  # what the class body binds later is not there yet
            return isinstance(own[-1].node, (ast.FunctionDef, ast.AsyncFunctionDef))
    binding = folder.project.resolve(call.module, expr)
    if binding is None or binding.is_import:
        return False
    if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    match folder.fold(expr, call.module, call.owner):
        case Shape(kind="lambda"):
            return True
        case Unknown() | _:
            return False
