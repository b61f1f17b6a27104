"""The sources of `@secrets`: plain names, and Metaflow's typed ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import nearest
from flowc.frontend.decorators.attribute_values import shown
from flowc.ir.spec import Secret

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorators.attributes import Values
    from flowc.ir.values import Constant
    from flowc.source import Span

# What the shim can fetch. Metaflow's stores of other clouds are known, to say so.
FETCHED = ("aws-secrets-manager", "inline", "file", "env")
_ELSEWHERE = ("gcp-secret-manager", "az-key-vault")
_KEYS = ("type", "id", "options", "role")


def secret_sources(decorator: DecoratorDecl, values: Values, sink: Sink) -> tuple[Secret, ...]:
    """The sources that are well formed, in order."""
    sources = values.get("sources")
    if sources is None or not isinstance(sources.value, list):
        return ()
    role = values["role"].value if "role" in values else None
    override = bool(values["allow_override"].value) if "allow_override" in values else False
    found: list[Secret] = []
    for item, span in zip(sources.value, _item_spans(decorator, sources.value, sources.span), strict=True):
        secret = _secret(item, span, role if isinstance(role, str) else None, override, sink)
        if secret is not None:
            found.append(secret)
    return tuple(found)


def _item_spans(decorator: DecoratorDecl, items: list[Constant], whole: Span) -> list[Span]:
    """The place of each item, where the list is written out."""
    for keyword in decorator.keywords:
        if keyword.arg == "sources" and isinstance(keyword.value, (ast.List, ast.Tuple)):
            elements = keyword.value.elts
            if len(elements) == len(items):
                return [decorator.module.span(e) for e in elements]
    return [whole] * len(items)


def _secret(item: Constant, span: Span, role: str | None, override: bool, sink: Sink) -> Secret | None:
    match item:
        case str():
            kind, dot, identifier = item.partition(".")
            if dot and kind in (*FETCHED, *_ELSEWHERE):
                return _typed({"type": kind, "id": identifier}, span, role, override, sink)
            if item.strip():
                return Secret(name=item, span=span, role=role, allow_override=override)
            _report("a source of `@secrets` is empty", "write the secret's name", span, sink)
            return None
        case dict():
            return _typed(item, span, role, override, sink)
        case _:
            message = f"a source of `@secrets` is a name or a dict, not {shown(item)}"
            _report(message, 'write `"NAME"` or `{"type": …, "id": …}`', span, sink)
            return None


def _typed(
    entries: dict[Constant, Constant], span: Span, role: str | None, override: bool, sink: Sink
) -> Secret | None:
    problem = _problem(entries)
    if problem:
        _report(*problem, span, sink)
        return None
    kind, identifier = entries.get("type"), entries.get("id")
    options, own_role = entries.get("options") or {}, entries.get("role")
    return Secret(
        name=str(identifier),
        span=span,
        type=str(kind) if kind is not None else None,
        options={str(k): v for k, v in options.items()} if isinstance(options, dict) else {},
        role=own_role if isinstance(own_role, str) else role,
        allow_override=override,
    )


def _problem(entries: dict[Constant, Constant]) -> tuple[str, str] | None:
    """What is wrong with a typed source, and what to do; None when nothing is."""
    kind, identifier, options = entries.get("type"), entries.get("id"), entries.get("options", {})
    for key in entries:
        if key not in _KEYS:
            meant = nearest(str(key), _KEYS)
            help_ = f"did you mean `{meant}`?" if meant else "its keys are `type`, `id`, `options` and `role`"
            return f"a source of `@secrets` has no key {shown(key)}", help_
    if not isinstance(identifier, str) or not identifier:
        return "a source of `@secrets` lacks `id`, the secret's name as a string", 'add `"id": "NAME"`'
    if kind in _ELSEWHERE:
        return (
            f"flowc cannot fetch secrets of type {shown(kind)}",
            "mount the secret by its plain name, or fetch it in the step",
        )
    if kind is not None and kind not in FETCHED:
        meant = nearest(kind, FETCHED) if isinstance(kind, str) else None
        listed = ", ".join(f"`{word}`" for word in FETCHED)
        return (
            f"{shown(kind)} is no type of secret",
            f"did you mean `{meant}`?" if meant else f"use one of {listed}",
        )
    if not isinstance(options, dict):
        return f"`options` of the secret `{identifier}` is a dict, not {shown(options)}", "write a dict"
    if entries.get("role") is not None and not isinstance(entries["role"], str):
        return f"`role` of the secret `{identifier}` is a string", "write the role's name or ARN"
    return _inline_problem(identifier, options) if kind == "inline" else None


def _inline_problem(identifier: str, options: dict[Constant, Constant]) -> tuple[str, str] | None:
    variables = options.get("env_vars", {})
    if not isinstance(variables, dict):
        return f"`env_vars` of the secret `{identifier}` is a dict", "write variables and their values"
    for name, value in variables.items():
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
            return f"the secret `{identifier}` names a variable {shown(name)}", "use letters, digits and `_`"
        if not isinstance(value, str):
            return f"`{name}` of the secret `{identifier}` is {shown(value)}, no string", "write a string"
    return None


def _report(message: str, help_: str, span: Span, sink: Sink) -> None:
    sink.report(catalog.SECRET_SOURCE, span, message, helps=[help_])
