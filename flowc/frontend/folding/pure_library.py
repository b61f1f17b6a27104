"""What may be evaluated of the standard library, and what of it gives values that cannot be stored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from flowc.frontend.folding.limits import MAX_ITEMS, MAX_WIDTH, Refused, bounded, items_of

if TYPE_CHECKING:
    from flowc.frontend.folding.pure_calls import Pure
    from flowc.ir.values import Constant


def _json_loads(text: Constant) -> Constant:
    import json

    if not isinstance(text, (str, bytes)):
        raise TypeError
    return cast("Constant", json.loads(text))


def _json_dumps(value: Constant, **keywords: Constant) -> Constant:
    import json

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
