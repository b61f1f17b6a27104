"""Stored values, read back.

Bytes that cross a network or are read whole are verified by their digest. A large object of a
folder is mapped: its bytes come as they are touched, so it is checked by its length alone, and
`verify` reads it whole.

What reads and writes is imported when it is used: a step without artifacts starts a third sooner.
"""

from __future__ import annotations

from flowc.dsl import MetaflowException
from flowc.runtime.store import CorruptObject

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.store import Store


class UnreadableArtifact(MetaflowException):
    """A stored value whose bytes are whole and that cannot be made again here."""


def load_artifact(store: Store, entry: dict[str, Any], name: str | None = None) -> Any:
    """The value that a record's entry names; the value may be changed, the object never is.

    Raises MissingObject, CorruptObject and StoreError, and UnreadableArtifact for a value that
    this Python cannot make again.
    """
    from flowc.runtime.artifacts.frame import unframe

    try:
        content = store.load(entry["object"], entry["offset"], entry["size"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        what = "an artifact" if name is None else f"`{name}`"
        raise CorruptObject(f"what a record says of {what} is broken ({error!r})") from error
    if isinstance(content, bytearray):
        _check(store, entry, content)
    else:
        from flowc.runtime.artifacts.mapped import remember

        remember(content, store, entry)
    try:
        return unframe(content)
    except Exception as error:
        # Any class may raise anything when it is made again; or a mapping's bytes are not what was written.
        _check(store, entry, content)
        raise UnreadableArtifact(_explain(entry, name, error)) from error


def load_item(store: Store, items: dict[str, Any], index: int) -> Any:
    """Item `index` of a split; no other item is read. Raises what `load_artifact` raises."""
    from flowc.runtime.artifacts.frame import ITEM_ROW

    place = items["object"]
    row = store.load(place, ITEM_ROW.size * index, ITEM_ROW.size)
    start, length, known = ITEM_ROW.unpack(row)
    entry = {"object": place, "offset": start, "size": length, "digest": known.hex(), "type": "an item"}
    return load_artifact(store, entry, f"item {index}")


def verify(store: Store, entry: dict[str, Any]) -> None:
    """Read an artifact's bytes whole. Raises MissingObject and CorruptObject."""
    _check(store, entry, store.load(entry["object"], entry["offset"], entry["size"]))


def _check(store: Store, entry: dict[str, Any], content: Any) -> None:
    from flowc.runtime.store.digest import digest

    found = digest([memoryview(content)])
    if found != entry["digest"]:
        place = store.place(entry["object"])
        raise CorruptObject(
            f"{place} is corrupt: its digest is {found[:12]}…, the record says {entry['digest'][:12]}…"
        )


def stored_by(entry: dict[str, Any]) -> str:
    """The task that stored an artifact, `run/step/path`; "" where the record does not say."""
    if "task" in entry:
        return str(entry["task"])
    place = entry["object"].split("/attempts/")[0]
    return "/".join(place.split("/")[1:]) if "/attempts/" in entry["object"] else ""


def _explain(entry: dict[str, Any], name: str | None, error: Exception) -> str:
    what = "an artifact" if name is None else f"`{name}`"
    task = stored_by(entry)
    by = f" stored by {task}" if task else ""
    return f"{what}, a value of type `{entry['type']}`{by}, cannot be loaded: {_reason(error)}"


def _reason(error: Exception) -> str:
    """Why a value cannot be made again, and what mends it."""
    if isinstance(error, ModuleNotFoundError):
        return f"module `{error.name}` is missing here; it must be installed, or lie beside the flow, where the value is read"
    if isinstance(error, AttributeError):
        return f"{error}; its class or function was renamed, moved or removed since"
    if isinstance(error, ValueError) and "pickle protocol" in str(error):
        return f"{error}; it was stored by a newer Python than this one"
    return f"{type(error).__name__}: {error}"
