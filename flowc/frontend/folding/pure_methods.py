"""Methods of constants that may be evaluated, by the type of the constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flowc.frontend.folding.limits import (
    MAX_TEXT,
    MAX_WIDTH,
    ConfigDict,
    Iterated,
    Refused,
    items_of,
    require_narrow,
    require_ordered,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.frontend.folding.pure_calls import Pure
    from flowc.ir.values import Constant


def _join(separator: str, parts: Constant) -> Constant:
    words = items_of(parts)
    size = sum(len(w) for w in words if isinstance(w, (str, bytes))) + len(separator) * len(words)
    if size > MAX_TEXT:
        raise Refused("the text is too long to be computed")
    return separator.join(cast("list[str]", words))


def _replace(text: str, old: Constant, new: Constant, count: Constant = -1) -> Constant:
    if not (isinstance(old, str) and isinstance(new, str) and isinstance(count, int)):
        raise TypeError
    if (len(text) + 1) * max(len(new), 1) > MAX_TEXT:
        raise Refused("the text is too long to be computed")
    return text.replace(old, new, count)


def _expandtabs(text: str, tabsize: Constant = 8) -> Constant:
    if not isinstance(tabsize, int) or len(text) * max(tabsize, 1) > MAX_TEXT:
        raise Refused("the text is too long to be computed")
    return text.expandtabs(tabsize)


def _format(pattern: str, *args: Constant, **keywords: Constant) -> Constant:
    require_narrow(pattern)
    for field in pattern.replace("{{", "").split("{")[1:]:
        name = field.split("}")[0].split(":")[0].split("!")[0]
        if "." in name or "[" in name or "{" in field:
            raise Refused("such a field of `format` is not computed")
    for value in (*args, *keywords.values()):
        require_ordered(value)
    return pattern.format(*args, **keywords)


def _padded(method: Callable[..., str]) -> Pure:
    def padded(text: str, width: Constant, *fill: Constant) -> Constant:
        if isinstance(width, int) and width > MAX_WIDTH:
            raise Refused("the field is too wide to be computed")
        return method(text, width, *fill)

    return padded


# Those of text whose results are no larger than the text.
_PURE_NAMES = """
    capitalize casefold count encode endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier
    islower isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind
    rindex rpartition rsplit rstrip split splitlines startswith strip swapcase title upper
    """.split()

_STR_METHODS: dict[str, Pure] = {
    **{name: getattr(str, name) for name in _PURE_NAMES},
    "center": _padded(str.center),
    "expandtabs": _expandtabs,
    "format": _format,
    "join": _join,
    "ljust": _padded(str.ljust),
    "replace": _replace,
    "rjust": _padded(str.rjust),
    "zfill": _padded(str.zfill),
}


def _get(entries: dict[Constant, Constant], key: Constant, default: Constant = None) -> Constant:
    return entries.get(key, default)


_DICT_METHODS: dict[str, Pure] = {
    "copy": lambda d: type(d)(d),
    "get": _get,
    "items": lambda d: Iterated("dict items view", list(d.items())),
    "keys": lambda d: Iterated("dict keys view", list(d)),
    "values": lambda d: Iterated("dict values view", list(d.values())),
    "to_dict": dict,  # of a Config's value
}


_SET_METHODS = (
    "difference",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
)


METHODS: dict[type, dict[str, Pure]] = {
    str: _STR_METHODS,
    bytes: {
        "decode": bytes.decode,
        "hex": bytes.hex,
        "startswith": bytes.startswith,
        "endswith": bytes.endswith,
    },
    list: {"copy": list, "count": list.count, "index": list.index},
    tuple: {"count": tuple.count, "index": tuple.index},
    dict: _DICT_METHODS,
    ConfigDict: _DICT_METHODS,
    set: {"copy": set, **{name: getattr(set, name) for name in _SET_METHODS}},
    frozenset: {"copy": frozenset, **{name: getattr(frozenset, name) for name in _SET_METHODS}},
    int: {"bit_length": int.bit_length},
    float: {"is_integer": float.is_integer},
}
