"""What an expression stands for: the flow, one of its attributes, an input of a join.

Only a few levels of an expression are looked at, so that a chain of a thousand calls costs no more
than one.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.body.names import ANY_INPUT, Kind, Ref, agree, element, item
from flowc.ir.values import Const, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.frontend.body.builder import Builder
    from flowc.ir.values import Constant, Value

_LEVELS = 6
_ALIASES = 5
_ITEMS = 200  # a loop over more constants is not followed name by name
_KEEPS_ALL = frozenset({"list", "tuple"})
_SOME = frozenset({"filter", "iter", "reversed", "set", "sorted"})
_ONE = frozenset({"max", "min", "next"})


def ref_of(builder: Builder, expr: ast.expr | None, levels: int = _LEVELS) -> Ref | None:
    """What `expr` stands for; None where it is an ordinary value."""
    if levels == 0:
        return None
    match expr:
        case ast.Name(id=name):
            return builder.lookup(name)
        case ast.Attribute(value=value, attr=attr):
            return attribute(ref_of(builder, value, levels - 1), attr)
        case ast.Subscript(value=value, slice=index):
            return _subscript(ref_of(builder, value, levels - 1), index)
        case ast.Call():
            return _call(builder, expr, levels - 1)
        case ast.NamedExpr(value=value):
            return ref_of(builder, value, levels - 1)
        case ast.IfExp(body=body, orelse=orelse):
            return agree(ref_of(builder, body, levels - 1), ref_of(builder, orelse, levels - 1))
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return _comprehension(builder, expr, levels - 1)
        case ast.Lambda():
            return Ref(Kind.FUNCTION, function=expr)
        case _:
            return None


def attribute(base: Ref | None, attr: str) -> Ref | None:
    """What attribute `attr` of `base` is."""
    match base:
        case Ref(Kind.SELF):
            return Ref(Kind.CLASS) if attr == "__class__" else Ref(Kind.ATTRIBUTE, (attr,))
        case Ref(Kind.SUPER):
            return Ref(Kind.OVERRIDDEN, (attr,))
        case Ref(Kind.INPUTS):
            if attr == "flows":
                return Ref(Kind.SEQUENCE)
            return None if attr.startswith("__") else Ref(Kind.INPUT, (attr,))
        case _:
            return None


def _subscript(base: Ref | None, index: ast.expr) -> Ref | None:
    match index:
        case ast.Constant(value=int(number)):
            return item(base, number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return item(base, -number)
        case ast.Slice():
            return (
                Ref(Kind.SEQUENCE) if base is not None and base.kind in (Kind.INPUTS, Kind.SEQUENCE) else None
            )
        case _:
            return element(base)


def _call(builder: Builder, call: ast.Call, levels: int) -> Ref | None:
    match call:
        case ast.Call(func=ast.Name(id=name), args=args) if not builder.is_local(name):
            return _builtin(builder, name, args, levels)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr="choice"), args=[arg]):
            return element(ref_of(builder, arg, levels))
        case _:
            return None


def _builtin(builder: Builder, name: str, args: list[ast.expr], levels: int) -> Ref | None:
    if name == "super":
        return Ref(Kind.SUPER)
    if not args:
        return None
    if name == "zip":
        return Ref(Kind.ROWS, parts=tuple(element(ref_of(builder, arg, levels)) for arg in args))
    if name == "getattr" and len(args) > 1:
        base = ref_of(builder, args[0], levels)
        attr = builder.fold(args[1]) if base is not None else None
        return (
            attribute(base, attr.value) if isinstance(attr, Const) and isinstance(attr.value, str) else None
        )
    first = ref_of(builder, args[-1] if name == "filter" else args[0], levels)
    if first is None:
        return None
    if name == "type":
        return Ref(Kind.CLASS) if first.kind is Kind.SELF else None
    if first.kind not in (Kind.INPUTS, Kind.SEQUENCE, Kind.ROWS):
        return None
    if name == "enumerate":
        return Ref(Kind.ROWS, parts=(None, element(first)))
    if name in _KEEPS_ALL or (name in _SOME and first.kind is Kind.ROWS):
        return first
    if name in _SOME:
        return Ref(Kind.SEQUENCE)
    return element(first) if name == "next" or (name in _ONE and len(args) == 1) else None


def _comprehension(
    builder: Builder, expr: ast.ListComp | ast.GeneratorExp | ast.SetComp, levels: int
) -> Ref | None:
    """`[i for i in inputs if …]` are some of the inputs."""
    if len(expr.generators) != 1:
        return None
    match expr.generators[0].target, expr.elt:
        case ast.Name(id=target), ast.Name(id=elt) if target == elt:
            found = element(ref_of(builder, expr.generators[0].iter, levels))
            return Ref(Kind.SEQUENCE) if found == ANY_INPUT else None
        case _:
            return None


def attributes_of(
    builder: Builder, expr: ast.expr, values: Mapping[str, Value] | None = None
) -> tuple[str, ...]:
    """The attributes of the flow that an expression may name; empty where it names something else."""
    match expr:
        case ast.Call(func=ast.Name(id="getattr"), args=[base, name]) if values is not None:
            found = ref_of(builder, base)
            folded = builder.fold(name, values)
            if found is not None and found.kind is Kind.SELF and isinstance(folded, Const):
                return (folded.value,) if isinstance(folded.value, str) else ()
            return ()
        case _:
            ref = ref_of(builder, expr)
    if ref is None or ref.kind not in (Kind.ATTRIBUTE, Kind.OVERRIDDEN):
        return ()
    return tuple(str(name) for name in ref.names)


def expression_of(builder: Builder, expr: ast.expr) -> tuple[ast.expr, bool]:
    """What a name bound once was assigned, here, in the class or in a module; else `expr` itself.

    The flag says whether the expression stands in the body of a class, where steps are plain names.
    """
    for _ in range(_ALIASES):
        match expr:
            case ast.Name(id=name) if builder.is_local(name):
                if name not in builder.exprs or name in builder.names.touched:
                    return expr, False
                expr = builder.exprs[name]
            case ast.Name():
                binding = builder.context.project.resolve(builder.module, expr)
                if binding is None or binding.value is None or binding.conditional:
                    return expr, False
                return binding.value, False
            case ast.Attribute(value=value, attr=attr):
                base = ref_of(builder, value)
                declared = builder.context.attributes.get(attr)
                if base is None or base.kind not in (Kind.SELF, Kind.CLASS) or declared is None:
                    return expr, False
                return declared.value or expr, True
            case _:
                break
    return expr, False


def items_of(builder: Builder, generator: ast.comprehension) -> Iterator[dict[str, Value]]:
    """The values of a comprehension's names in each round, where it goes over a constant."""
    listed = ast.Call(func=ast.Name(id="list", ctx=ast.Load()), args=[generator.iter], keywords=[])
    folded = builder.fold(ast.fix_missing_locations(ast.copy_location(listed, generator.iter)))
    if not isinstance(folded, Const):
        return
    for constant in constant_items(folded.value) or ():
        values = dict(_matched(generator.target, constant))
        if any(isinstance(value, Unknown) for value in values.values()):
            return
        yield values


def constant_items(value: Constant) -> list[Constant] | None:
    """The items of a constant that a loop goes over, in order; None where there are too many or no order."""
    match value:
        case str() | range() | tuple() | list() | dict():
            return list(value) if len(value) <= _ITEMS else None
        case _:
            return None


def _matched(target: ast.expr, constant: Constant) -> Iterator[tuple[str, Value]]:
    match target, constant:
        case ast.Name(id=name), _:
            yield name, Const(constant)
        case ast.Tuple(elts=elements), (tuple() | list()) as parts if len(elements) == len(parts):
            for element_, part in zip(elements, parts, strict=True):
                yield from _matched(element_, part)
        case _:
            return
