"""Short forms of values, for a glance: made without importing anything that a value asks for.

Only values of small size and of well-known types are unpickled here, by an unpickler that knows
those types alone; `flowc dump` loads the rest.
"""

from __future__ import annotations

import importlib
import io
import pickle
import struct
from typing import TYPE_CHECKING

from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.wording import shortened
from flowc.runtime.artifacts.frame import MAGIC

if TYPE_CHECKING:
    from flowc.runtime.client.facts import Record
    from flowc.runtime.store import Store

_LARGEST = 64 << 10
_KNOWN = {
    "builtins": "bytearray complex frozenset range set slice",
    "collections": "Counter OrderedDict defaultdict deque",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "flowc.runtime.caught": "CaughtException TaskKilled",
    "fractions": "Fraction",
}


def preview(store: Store, entry: Record, width: int) -> str:
    """The value's repr on one line, cut at `width`; "" for a value that only its own code can make."""
    count, start = entry.get("size"), entry.get("offset")
    if not isinstance(count, int) or not isinstance(start, int) or count > _LARGEST:
        return ""
    try:
        content = store.get_range(str(entry.get("object")), start, count)
        text = repr(_Plain(io.BytesIO(_body(content))).load())
    except Exception:  # noqa: BLE001 - bytes that are no pickle raise anything; `flowc verify` tells
        return ""
    return shortened(plain(text[: 2 * width]), width)


def _body(content: bytes) -> bytes:
    """The pickle inside a frame whose buffers are all in it."""
    buffers, length = struct.unpack_from("<2Q", content, len(MAGIC))
    if not content.startswith(MAGIC) or buffers:
        raise pickle.UnpicklingError
    return content[len(MAGIC) + 16 :][:length]


class _Plain(pickle.Unpickler):
    """Makes values of the types above alone."""

    def find_class(self, module: str, name: str) -> object:
        """The class of a well-known type. Raises UnpicklingError for any other."""
        if name not in _KNOWN.get(module, "").split():
            raise pickle.UnpicklingError(f"{module}.{name}")
        return getattr(importlib.import_module(module), name)
