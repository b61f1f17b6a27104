"""Lists, tuples, sets, dicts and comprehensions.

Where the items are not known, how many there are often still is: that is what bounds are made of.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from flowc.frontend.folding.limits import ConfigDict, Refused, TooManyItems, bounded, items_of, truth
from flowc.frontend.folding.scope import Stuck
from flowc.ir.values import Const, Shape, length_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.ir.values import Constant, Value

    Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_KINDS: dict[type[ast.expr], str] = {
    ast.List: "list",
    ast.Tuple: "tuple",
    ast.Set: "set",
    ast.Dict: "dict",
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
_ORDERED = ("list", "tuple")


def display(folder: Folder, expr: ast.List | ast.Tuple | ast.Set | ast.Dict, scope: Scope) -> Value:
    """`[a, *b]`, `(a, b)`, `{a, b}`, `{k: v, **d}`."""
    if isinstance(expr, ast.Dict):
        return _dict(folder, expr, scope)
    kind = _KINDS[type(expr)]
    items: list[Constant] = []
    count: int | None = 0
    known = True
    for element in expr.elts:
        value, added = _element(folder, element, scope)
        count = None if count is None or added is None else count + added
        known = known and value is not None
        items.extend(value or ())
    if not known:
        return Shape(kind, count if kind in _ORDERED else None)
    return Const(bounded(_build(kind, items)))


def _element(folder: Folder, element: ast.expr, scope: Scope) -> tuple[list[Constant] | None, int | None]:
    """The constants that one element of a display adds, None where unknown, and their number."""
    starred = isinstance(element, ast.Starred)
    value = folder.value(element.value if isinstance(element, ast.Starred) else element, scope)
    if not isinstance(value, Const):
        return None, length_of(value) if starred else 1
    if not starred:
        return [value.value], 1
    try:
        return items_of(value.value), length_of(value)
    except TooManyItems as refusal:
        return None, refusal.length


def _build(kind: str, items: list[Constant]) -> Constant:
    try:
        match kind:
            case "list":
                return items
            case "tuple":
                return tuple(items)
            case _:
                return set(items)
    except TypeError:
        raise Refused("it raises `TypeError`") from None


def _dict(folder: Folder, expr: ast.Dict, scope: Scope) -> Value:
    entries: dict[Constant, Constant] = {}
    known = True
    for key, value in zip(expr.keys, expr.values, strict=True):
        found = folder.value(value, scope)
        if key is None:
            known = _merge(entries, found) and known
            continue
        named = folder.value(key, scope)
        if not (isinstance(found, Const) and isinstance(named, Const)):
            known = False
            continue
        try:
            entries[named.value] = found.value
        except TypeError:
            raise Refused("it raises `TypeError`") from None
    # With constant keys the number of entries would be known, but keys may repeat.
    return Const(bounded(entries)) if known else Shape("dict")


def _merge(entries: dict[Constant, Constant], added: Value) -> bool:
    if isinstance(added, Const) and isinstance(added.value, dict):
        entries.update(added.value)
        return True
    return False


def combined_shape(op: ast.operator, left: Value, right: Value) -> Value | None:
    """`[unknown] + [1]`, `[unknown] * 3`: the items are unknown, their number is not. None for all else."""
    kinds = {_kind(left), _kind(right)} - {""}
    if len(kinds) != 1 or not kinds & set(_ORDERED):
        return None
    kind = kinds.pop()
    if isinstance(op, ast.Add) and _kind(left) == _kind(right):
        first, second = length_of(left), length_of(right)
        return Shape(kind, first + second if first is not None and second is not None else None)
    if isinstance(op, ast.Mult):
        times = [v.value for v in (left, right) if isinstance(v, Const) and isinstance(v.value, int)]
        length = next((length_of(v) for v in (left, right) if _kind(v)), None)
        return Shape(kind, max(times[0], 0) * length if times and length is not None else None)
    return None


def _kind(value: Value) -> str:
    match value:
        case Shape(kind=kind):
            return kind
        case Const(value=list() | tuple() as items):
            return type(items).__name__
        case _:
            return ""


# --------------------------------------------------------------------------- comprehensions
class _Partly(Exception):  # noqa: N818 - ends the loop, no error
    """An item, condition or iterable inside a comprehension is not known."""


def comprehension(folder: Folder, expr: Comprehension, scope: Scope) -> Value:
    """A comprehension over constants; otherwise its kind, with its length where each item makes one."""
    kind = _KINDS[type(expr)]
    names = dict(scope.names)
    inner = scope.inner(names)
    first = folder.value(expr.generators[0].iter, scope)
    if any(g.is_async for g in expr.generators):
        return Shape(kind)
    try:
        made = list(_loop(folder, expr, inner, names, first, 0))
        return Const(bounded(_collected(expr, made)))
    except TooManyItems:
        return Shape(kind, _length(expr, first))
    except (_Partly, Refused, Stuck):
        return Shape(kind, _length(expr, first))


def _length(expr: Comprehension, first: Value) -> int | None:
    """One generator without conditions makes an item for each one; sets and dicts may drop some."""
    plain = len(expr.generators) == 1 and not expr.generators[0].ifs
    if not plain or isinstance(expr, (ast.SetComp, ast.DictComp)):
        return None
    return length_of(first)


def _loop(
    folder: Folder, expr: Comprehension, inner: Scope, names: dict[str, Value], first: Value, level: int
) -> Iterator[tuple[Constant, ...]]:
    """The constants that each pass gives: (item,) or (key, value). `names` holds the loop variables."""
    generator = expr.generators[level]
    source = first if level == 0 else folder.value(generator.iter, inner)
    for item in _items(source, isinstance(expr, ast.SetComp)):
        folder.spend()
        assign(generator.target, item, names)
        if not all(truth(folder.constant(test, inner)) for test in generator.ifs):
            continue
        if level + 1 < len(expr.generators):
            yield from _loop(folder, expr, inner, names, first, level + 1)
            continue
        parts = (expr.key, expr.value) if isinstance(expr, ast.DictComp) else (expr.elt,)
        yield tuple(folder.constant(part, inner) for part in parts)


def _items(source: Value, unordered: bool) -> list[Constant]:
    if not isinstance(source, Const):
        raise _Partly
    if unordered and isinstance(source.value, (set, frozenset)):
        return list(source.value)
    return items_of(source.value)


def _collected(expr: Comprehension, made: list[tuple[Constant, ...]]) -> Constant:
    try:
        match expr:
            case ast.DictComp():
                return {pair[0]: pair[1] for pair in made}
            case ast.SetComp():
                return {only[0] for only in made}
            case _:
                return [only[0] for only in made]
    except TypeError:
        raise Refused("it raises `TypeError`") from None


def assign(target: ast.expr, item: Constant, names: dict[str, Value]) -> None:
    """Bind the names of an assignment's target; raises where they do not fit the item."""
    match target:
        case ast.Name(id=name):
            names[name] = Const(item)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            parts = items_of(item)
            if len(parts) != len(targets) or any(isinstance(t, ast.Starred) for t in targets):
                raise Refused("such an unpacking is not computed")
            for inner, part in zip(targets, parts, strict=True):
                assign(inner, part, names)
        case _:
            raise Refused("such an assignment is not computed")


def config_value(value: object) -> Constant:
    """A loaded configuration as constants: each mapping in it a `ConfigDict`."""
    match value:
        case dict():
            return ConfigDict({cast("Constant", key): config_value(inner) for key, inner in value.items()})
        case list():
            return [config_value(inner) for inner in value]
        case _:
            return cast("Constant", value)
