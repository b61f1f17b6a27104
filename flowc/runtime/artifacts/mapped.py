"""Whether a value that was loaded from a mapped object is still what that object says.

A step's artifacts are stored when it ends, also those it only read. Hashing and writing a large
one again would cost as much as making it, so the bytes it would be stored as are compared with
the mapping it came from. A buffer that lies in the mapping itself is not even read: the kernel
says whether any page of the mapping was written to, since only such pages have a copy of their
own. Invariant: what cannot be proved unchanged counts as changed.
"""

from __future__ import annotations

import weakref

from flowc.runtime.store import StoreError

TYPE_CHECKING = False  # `typing` would cost a step a third of its start

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any

    from flowc.runtime.store import Piece, Store

    Entry = dict[str, Any]

# The live mappings of this process, each with its object's place and the record's entry.
_live: MutableMapping[Any, tuple[str, Entry]] = weakref.WeakKeyDictionary()

STRETCH = 1 << 20  # bytes compared at once
SMAPS = "/proc/self/smaps"


def remember(mapping: Any, store: Store, entry: Entry) -> None:
    """Note which artifact a mapping holds."""
    _live[mapping] = store.place(entry["object"]), entry


def origin_of(pieces: Sequence[Piece], size: int, store: Store, origin: Entry | None) -> Entry | None:
    """The entry of the mapped artifact in `store` that the pieces are, unchanged; None if none is known to be.

    `origin` is looked at too if no value has its mapping any more, as none keeps that of a text.
    """
    candidates = [
        (mapping, entry)
        for mapping, (place, entry) in list(_live.items())
        if entry["size"] == size and place == store.place(entry["object"])
    ]
    try:
        if not candidates and store.maps and origin is not None and origin["size"] == size:
            candidates.append((store.load(origin["object"], origin["offset"], size), origin))
        for mapping, entry in candidates:
            if _is_unchanged(mapping, pieces):
                store.load(entry["object"], 0, 0)  # a mapping outlives its object
                return entry
    except StoreError:
        # The object was removed, or cut short, since it was loaded.
        return None
    return None


def _is_unchanged(mapping: Any, pieces: Sequence[Piece]) -> bool:
    try:
        base = _address(mapping)
        if base is None:
            return False
        with memoryview(mapping) as content:
            position = 0
            for piece in pieces:
                end = position + memoryview(piece).nbytes
                if _address(piece) != base + position and not _equal(piece, content[position:end]):
                    return False
                position = end
        return _was_never_written(base, base + len(mapping))
    except (ImportError, OSError, ValueError):
        # No ctypes or no /proc, or one that says something else.
        return False


def _address(buffer: Any) -> int | None:
    """Where a buffer lies in memory; None for one that is empty or read-only."""
    from ctypes import addressof, c_char

    try:
        return addressof(c_char.from_buffer(buffer))
    except (TypeError, ValueError):
        return None


def _equal(piece: Piece, content: memoryview) -> bool:
    view = memoryview(piece)
    for start in range(0, view.nbytes, STRETCH):
        # A bytearray compares itself with any buffer at once, a memoryview byte by byte.
        if bytearray(view[start : start + STRETCH]) != content[start : start + STRETCH]:
            return False
    return True


def _was_never_written(start: int, end: int) -> bool:
    """Whether no page of a private mapping has a copy of its own, in memory or swapped out.

    Not `Private_Dirty`, which also counts pages of a file that its writer has not flushed.
    """
    covered, unproved, inside = 0, 0, False
    with open(SMAPS, "rb") as lines:
        for line in lines:
            word, _, rest = line.partition(b" ")
            if not word.endswith(b":"):
                low, high = (int(number, 16) for number in word.split(b"-"))
                inside = low < end and high > start
                unproved += inside
                covered += max(0, min(high, end) - max(low, start))
            elif inside and word in (b"Anonymous:", b"Swap:"):
                if rest.split()[0] != b"0":
                    return False
                unproved -= word == b"Anonymous:"
    return covered == end - start and unproved == 0
