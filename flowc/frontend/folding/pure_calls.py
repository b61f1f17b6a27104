"""Functions and methods that may be evaluated: pure, quick, and the same on every machine.

Tables, keyed by the name in the flow. What is not in a table is never called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flowc.frontend.folding.limits import (
    MAX_WIDTH,
    RAISES,
    Iterated,
    Refused,
    bounded,
    items_of,
    raised,
    require_ordered,
    require_small,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowc.ir.values import Constant

    Pure = Callable[..., Any]


def call(function: Pure, args: Sequence[Constant], keywords: Mapping[str, Constant]) -> Constant:
    """Apply a function of these tables; raises `Refused` where Python would raise or the result is too large."""
    for value in (*args, *keywords.values()):
        if not isinstance(value, range):
            require_small(value)
    try:
        return bounded(cast("Constant", function(*args, **keywords)))
    except RAISES as error:
        raise raised(error) from None


# --------------------------------------------------------------------------- builtins
def _sum(items: Constant, start: Constant = 0) -> Constant:
    values = list(items) if isinstance(items, (set, frozenset)) else items_of(items)
    if any(isinstance(v, (float, complex)) for v in (*values, start)):
        raise Refused("sums of floats differ between versions of Python")
    if not all(isinstance(v, int) for v in (*values, start)):
        raise Refused("only sums of whole numbers are computed")
    return sum(cast("list[int]", values), cast("int", start))


def _extreme(function: Callable[..., Constant]) -> Pure:
    def extreme(*values: Constant, **keywords: Constant) -> Constant:
        if "key" in keywords:
            raise Refused("a `key` function is not called")
        if len(values) == 1 and isinstance(values[0], range):
            return function((values[0][0], values[0][-1]))
        return function(*values, **keywords)

    return extreme


def _sorted(items: Constant, *, reverse: Constant = False) -> Constant:
    values = list(items) if isinstance(items, (set, frozenset)) else items_of(items)
    return cast("Constant", sorted(cast("list[Any]", values), reverse=bool(reverse)))


def _list(items: Constant = ()) -> Constant:
    return items_of(items)


def _tuple(items: Constant = ()) -> Constant:
    return tuple(items_of(items))


def _set(items: Constant = ()) -> Constant:
    return set(items) if isinstance(items, (set, frozenset)) else set(items_of(items))


def _frozenset(items: Constant = ()) -> Constant:
    return frozenset(items) if isinstance(items, (set, frozenset)) else frozenset(items_of(items))


def _dict(entries: Constant = (), **keywords: Constant) -> Constant:
    if isinstance(entries, dict):
        return {**entries, **cast("dict[Constant, Constant]", keywords)}
    return dict(cast("Any", items_of(entries)), **keywords)


def _str(value: Constant = "") -> Constant:
    require_ordered(value)
    return str(value)


def _repr(value: Constant) -> Constant:
    require_ordered(value)
    return repr(value)


def _round(number: Constant, ndigits: Constant = None) -> Constant:
    if isinstance(ndigits, int) and abs(ndigits) > MAX_WIDTH // 100:
        raise Refused("it rounds to too many digits")
    return cast("Constant", round(cast("Any", number), cast("Any", ndigits)))


def _bool(value: Constant = False) -> Constant:
    return truth(value)


def _len(items: Constant) -> Constant:
    if isinstance(items, Iterated) and not items.kind.startswith("dict"):
        raise TypeError
    return len(cast("list[Constant]", items))


def _range(*bounds: Constant) -> Constant:
    made = range(*cast("tuple[int, ...]", bounds))
    len(made)  # raises where the length is no index
    return made


def _reversed(items: Constant) -> Constant:
    if isinstance(items, (set, frozenset)):
        raise TypeError
    return Iterated("reversed", items_of(items)[::-1])


def _enumerate(items: Constant, start: Constant = 0) -> Constant:
    return Iterated("enumerate", [(i + cast("int", start), item) for i, item in enumerate(items_of(items))])


def _zip(*columns: Constant, strict: Constant = False) -> Constant:
    return Iterated("zip", list(zip(*(items_of(c) for c in columns), strict=bool(strict))))


def _over_items(function: Callable[[list[Constant]], bool]) -> Pure:
    def over(items: Constant) -> Constant:
        return function(list(items) if isinstance(items, (set, frozenset)) else items_of(items))

    return over


BUILTINS: dict[str, Pure] = {
    "abs": abs,
    "all": _over_items(all),
    "any": _over_items(any),
    "bin": bin,
    "bool": _bool,
    "chr": chr,
    "complex": complex,
    "dict": _dict,
    "divmod": divmod,
    "enumerate": _enumerate,
    "float": float,
    "frozenset": _frozenset,
    "hex": hex,
    "int": int,
    "len": _len,
    "list": _list,
    "max": _extreme(max),
    "min": _extreme(min),
    "oct": oct,
    "ord": ord,
    "range": _range,
    "repr": _repr,
    "reversed": _reversed,
    "round": _round,
    "set": _set,
    "sorted": _sorted,
    "str": _str,
    "sum": _sum,
    "tuple": _tuple,
    "zip": _zip,
}

# What a builtin gives for arguments that are not known: a container of unknown items.
BUILTIN_SHAPES: dict[str, str] = {
    "dict": "dict", "enumerate": "enumerate", "filter": "filter", "frozenset": "frozenset", "iter": "iterator",
    "list": "list", "map": "map", "range": "range", "reversed": "reversed", "set": "set", "sorted": "list",
    "tuple": "tuple", "zip": "zip", "open": "open file", "memoryview": "memoryview",
}  # fmt: skip

# Of these, the ones that have as many items as their first argument.
SAME_LENGTH = frozenset({"enumerate", "list", "map", "reversed", "sorted", "tuple"})
