r"""A value as bytes, and back.

A value is pickled with protocol 5, its large buffers out of band, and framed:

    b"FLOWC1\\n\\0" | count of buffers (8 bytes) | length of the pickle | length of each buffer
    | pickle | buffers, each at a multiple of 64 bytes

All numbers are 8 bytes, little-endian. Invariant: neither way makes a copy of a buffer, nor, on the
way out, of a long text or byte string inside the pickle.
"""

from __future__ import annotations

import struct

try:
    import _pickle as pickle  # without its stand-in in Python, which takes longer to load than most steps run
except ImportError:
    import pickle  # type: ignore[no-redef,unused-ignore]

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.store import Piece

MAGIC = b"FLOWC1\n\0"
ALIGNMENT = 64
# A split's items begin with a row for each: where it starts, its length, its digest.
ITEM_ROW = struct.Struct("<QQ32s")
_COUNT_AND_LENGTH = struct.Struct("<2Q")


class _Pieces(list):  # type: ignore[type-arg]  # of Piece
    """What a pickler writes; it writes long byte strings as they are."""

    write = list.append


def frame(value: Any) -> list[Piece]:
    """The pieces of a value's framed bytes. Raises whatever the value's own code raises."""
    body = _Pieces()
    buffers: list[pickle.PickleBuffer] = []
    pickle.Pickler(body, protocol=5, buffer_callback=buffers.append).dump(value)
    body_length = sum(map(len, body))
    if not buffers:
        return [MAGIC + _COUNT_AND_LENGTH.pack(0, body_length), *body]
    views = [buffer.raw() for buffer in buffers]
    head = MAGIC + struct.pack(
        f"<{2 + len(views)}Q", len(views), body_length, *(view.nbytes for view in views)
    )
    pieces: list[Piece] = [head, *body]
    position = len(head) + body_length
    for view in views:
        padding = -position % ALIGNMENT
        pieces += [bytes(padding), view]
        position += padding + view.nbytes
    return pieces


def unframe(content: Any) -> Any:
    """The value of framed bytes, an object with the buffer protocol. Its buffers are views of `content`.

    Raises ValueError for what is no frame, and whatever the value's own code raises.
    """
    view = memoryview(content)
    start = len(MAGIC)
    if view[:start] != MAGIC or len(view) < start + 16:
        raise ValueError("not an artifact")
    count, body_length = _COUNT_AND_LENGTH.unpack_from(view, start)
    if len(view) < start + 16 + 8 * count:
        raise ValueError("an artifact that ends early")
    lengths = struct.unpack_from(f"<{count}Q", view, start + 16)
    position = start + 16 + 8 * count
    body = view[position : position + body_length]
    position += body_length
    buffers = []
    for length in lengths:
        position += -position % ALIGNMENT
        buffers.append(view[position : position + length])
        position += length
    if len(view) < position:
        raise ValueError("an artifact that ends early")
    return pickle.loads(body, buffers=buffers)
