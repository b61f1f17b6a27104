"""Functions and methods that may be evaluated: pure, quick, and the same on every machine.

Tables, keyed by the name in the flow. What is not in a table is never called.
"""

from __future__ import annotations

import math
import posixpath
from typing import TYPE_CHECKING, Any, cast

from flowc.frontend.operators import (
    MAX_ITEMS,
    MAX_TEXT,
    MAX_WIDTH,
    RAISES,
    ConfigDict,
    Iterated,
    Refused,
    bounded,
    items_of,
    raised,
    require_narrow,
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


# --------------------------------------------------------------------------- methods
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


_STR_METHODS: dict[str, Pure] = {
    **{
        name: getattr(str, name)
        for name in """
        capitalize casefold count encode endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier
        islower isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind
        rindex rpartition rsplit rstrip split splitlines startswith strip swapcase title upper
        """.split()
    },
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

_SET_METHODS = ("difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union")

METHODS: dict[type, dict[str, Pure]] = {
    str: _STR_METHODS,
    bytes: {"decode": bytes.decode, "hex": bytes.hex, "startswith": bytes.startswith, "endswith": bytes.endswith},
    list: {"copy": list, "count": list.count, "index": list.index},
    tuple: {"count": tuple.count, "index": tuple.index},
    dict: _DICT_METHODS,
    ConfigDict: _DICT_METHODS,
    set: {"copy": set, **{name: getattr(set, name) for name in _SET_METHODS}},
    frozenset: {"copy": frozenset, **{name: getattr(frozenset, name) for name in _SET_METHODS}},
    int: {"bit_length": int.bit_length},
    float: {"is_integer": float.is_integer},
}


# --------------------------------------------------------------------------- the standard library
def _json_loads(text: Constant) -> Constant:
    import json  # noqa: PLC0415 - rarely used

    if not isinstance(text, (str, bytes)):
        raise TypeError
    return cast("Constant", json.loads(text))


def _json_dumps(value: Constant, **keywords: Constant) -> Constant:
    import json  # noqa: PLC0415 - rarely used

    if not keywords.keys() <= {"indent", "sort_keys", "separators", "ensure_ascii"}:
        raise Refused("such a keyword of `json.dumps` is not computed")
    indent = keywords.get("indent")
    if isinstance(indent, int) and indent > MAX_WIDTH // MAX_ITEMS * 2:
        raise Refused("the indent is too wide to be computed")
    return json.dumps(value, **cast("dict[str, Any]", keywords))


def _prod(items: Constant) -> Constant:
    product: Constant = 1
    for item in items_of(items):
        if not isinstance(item, int) or not isinstance(product, int):
            raise Refused("only products of whole numbers are computed")
        product = bounded(product * item)
    return product


def _fromkeys(keys: Constant, value: Constant = None) -> Constant:
    return dict.fromkeys(items_of(keys), value)


FUNCTIONS: dict[str, Pure] = {
    "json.loads": _json_loads,
    "json.dumps": _json_dumps,
    "math.ceil": math.ceil,
    "math.floor": math.floor,
    "math.gcd": math.gcd,
    "math.isqrt": math.isqrt,
    "math.prod": _prod,
    "math.sqrt": math.sqrt,
    "dict.fromkeys": _fromkeys,
}

CONSTANTS: dict[str, Constant] = {
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
    "string.ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "string.digits": "0123456789",
}

# Of the standard library, what gives a value that cannot be stored, by its kind.
HANDLES: dict[str, str] = {
    **{
        f"threading.{name}": "lock"
        for name in ("Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier")
    },
    **{f"threading.{name}": "thread" for name in ("Thread", "Timer")},
    **{f"multiprocessing.{name}": "lock" for name in ("Lock", "RLock", "Condition", "Event", "Semaphore")},
    "concurrent.futures.ThreadPoolExecutor": "executor",
    "concurrent.futures.ProcessPoolExecutor": "executor",
    "io.open": "open file",
    "gzip.open": "open file",
    "bz2.open": "open file",
    "multiprocessing.Pool": "process pool",
    "queue.Queue": "queue",
    "socket.socket": "socket",
    "sqlite3.connect": "database connection",
    "subprocess.Popen": "process",
    "tempfile.NamedTemporaryFile": "open file",
    "tempfile.TemporaryFile": "open file",
}


# --------------------------------------------------------------------------- paths
# Where a project's own place is meant, `__file__` stands for a path below this root, which no
# path of a user begins with.
ANCHOR = "/\0"


class PathText(str):
    """The text of a `pathlib.Path`."""

    __slots__ = ()


def _absolute(path: Constant) -> Constant:
    text = str(path)
    if not text.startswith(ANCHOR):
        raise Refused("it depends on the folder that the command is run in")
    return type(path)(posixpath.normpath(text)) if isinstance(path, PathText) else posixpath.normpath(text)


def path_of(*parts: Constant) -> Constant:
    """`pathlib.Path(a, b)` or `a / b`."""
    if not all(isinstance(part, str) for part in parts):
        raise TypeError
    return PathText(posixpath.normpath(posixpath.join(*cast("tuple[str, ...]", parts or (".",)))))


PATH_FUNCTIONS: dict[str, Pure] = {
    "os.path.join": posixpath.join,
    "os.path.dirname": posixpath.dirname,
    "os.path.basename": posixpath.basename,
    "os.path.normpath": posixpath.normpath,
    "os.path.abspath": _absolute,
    "os.path.realpath": _absolute,
    "os.fspath": str,
    "pathlib.Path": path_of,
    "pathlib.PurePath": path_of,
    "pathlib.PurePosixPath": path_of,
}

PATH_METHODS: dict[str, Pure] = {
    "joinpath": path_of,
    "resolve": _absolute,
    "absolute": _absolute,
    "as_posix": str,
    "with_name": lambda p, name: path_of(posixpath.dirname(p), name),
}

PATH_ATTRIBUTES: dict[str, Pure] = {
    "parent": lambda p: path_of(posixpath.dirname(p) or "."),
    "name": posixpath.basename,
    "stem": lambda p: posixpath.splitext(posixpath.basename(p))[0],
    "suffix": lambda p: posixpath.splitext(p)[1],
}
