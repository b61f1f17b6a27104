r"""Artifacts as bytes, and back.

A value is pickled with protocol 5, its large buffers out of band, and framed:

    b"FLOWC1\\n\\0" | count of buffers (8 bytes) | length of the pickle | length of each buffer
    | pickle | buffers, each at a multiple of 64 bytes

All numbers are 8 bytes, little-endian. A value of at least SMALL bytes is an object of its own
under its digest, shared by all tasks of the flow that make the same value; smaller ones of a
task lie one after another in one object of the attempt.
"""

from __future__ import annotations

import hashlib
import pickle
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Union

    from flowc.runtime.store import Store

    Piece = Union[bytes, memoryview]

MAGIC = b"FLOWC1\n\0"
ALIGNMENT = 64
CHUNK = 16 << 20
SMALL = 64 << 10


class UnpicklableArtifact(Exception):
    """A value that cannot be stored: `name` is the artifact, the message the reason."""

    def __init__(self, name: str, value: Any, cause: BaseException) -> None:
        kind = type(value)
        super().__init__(
            f"artifact `{name}` cannot be stored: a value of type {kind.__module__}.{kind.__qualname__} cannot be pickled ({cause})"
        )
        self.name = name


def frame(name: str, value: Any) -> list[Piece]:
    """The pieces of a value's framed bytes, without a copy of its buffers."""
    buffers: list[pickle.PickleBuffer] = []
    try:
        body = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
    except Exception as error:
        # Any class may raise anything from its own `__reduce__`.
        raise UnpicklableArtifact(name, value, error) from error
    head = MAGIC + struct.pack(f"<{2 + len(views)}Q", len(views), len(body), *(view.nbytes for view in views))
    pieces: list[Piece] = [head, body]
    position = len(head) + len(body)
    for view in views:
        padding = -position % ALIGNMENT
        pieces += [bytes(padding), view]
        position += padding + view.nbytes
    return pieces


def unframe(content: bytes | bytearray | memoryview) -> Any:
    """The value of framed bytes. Its buffers are views of `content`. Raises ValueError if it is no frame."""
    view = memoryview(content)
    if bytes(view[: len(MAGIC)]) != MAGIC:
        raise ValueError("not an artifact")
    start = len(MAGIC)
    count, body_length = struct.unpack_from("<2Q", view, start)
    lengths = struct.unpack_from(f"<{count}Q", view, start + 16)
    position = start + 16 + 8 * count
    body = view[position : position + body_length]
    position += body_length
    buffers = []
    for length in lengths:
        position += -position % ALIGNMENT
        buffers.append(view[position : position + length])
        position += length
    return pickle.loads(body, buffers=buffers)


def digest(pieces: list[Piece]) -> str:
    """sha256, hex, over the sha256s of the CHUNK-sized parts of the pieces together."""
    outer = hashlib.sha256()
    inner = hashlib.sha256()
    room = CHUNK
    for piece in pieces:
        view = memoryview(piece)
        while view.nbytes >= room:
            inner.update(view[:room])
            outer.update(inner.digest())
            view = view[room:]
            inner = hashlib.sha256()
            room = CHUNK
        inner.update(view)
        room -= view.nbytes
    if room < CHUNK:
        outer.update(inner.digest())
    return outer.hexdigest()


def size_of(pieces: list[Piece]) -> int:
    """The number of bytes of the pieces together."""
    return sum(memoryview(piece).nbytes for piece in pieces)


class ArtifactWriter:
    """Stores the values of one attempt; `close` writes the small ones and must come before the record."""

    def __init__(self, store: Store, flow_prefix: str, attempt_prefix: str) -> None:
        self._store = store
        self._blobs = flow_prefix + "/data"
        self._pack_key = attempt_prefix + "/small"
        self._pack: list[bytes] = []
        self._pack_size = 0

    def save(self, name: str, value: Any) -> dict[str, Any]:
        """Store a value; what the record says of it. Raises UnpicklableArtifact."""
        pieces = frame(name, value)
        name_of_content = digest(pieces)
        size = size_of(pieces)
        kind = type(value)
        entry = {
            "digest": name_of_content,
            "size": size,
            "type": f"{kind.__module__}.{kind.__qualname__}",
        }
        if size < SMALL:
            entry.update(object=self._pack_key, offset=self._pack_size)
            self._pack += [bytes(piece) for piece in pieces]
            self._pack_size += size
        else:
            entry.update(object=self._store_blob(name_of_content, pieces), offset=0)
        return entry

    def save_items(self, values: list[Any]) -> dict[str, Any]:
        """Store the items of a split once, so that task i reads item i alone."""
        framed = [frame(f"item {index}", value) for index, value in enumerate(values)]
        offsets = [8 * (len(framed) + 1)]
        for pieces in framed:
            offsets.append(offsets[-1] + size_of(pieces))
        head = struct.pack(f"<{len(offsets)}Q", *offsets)
        everything: list[Piece] = [head]
        for pieces in framed:
            everything += pieces
        content = digest(everything)
        return {"object": self._store_blob(content, everything), "count": len(values)}

    def close(self) -> None:
        """Write the object that holds the small values."""
        if self._pack:
            self._store.put(self._pack_key, self._pack)

    def _store_blob(self, name: str, pieces: list[Piece]) -> str:
        key = f"{self._blobs}/{name[:2]}/{name}"
        self._store.put(key, pieces)  # type: ignore[arg-type]  # memoryviews are written as bytes are
        return key


def load_artifact(store: Store, entry: dict[str, Any]) -> Any:
    """The value a record's entry names, verified against its digest. Raises StoreError, ValueError."""
    content = bytearray(store.get_range(entry["object"], entry["offset"], entry["size"]))
    found = digest([memoryview(content)])
    if found != entry["digest"]:
        raise ValueError(
            "object {} is corrupt: its digest is {}, the record says {}".format(
                entry["object"], found[:12], entry["digest"][:12]
            )
        )
    return unframe(content)


def load_item(store: Store, items: dict[str, Any], index: int) -> Any:
    """Item `index` of a split."""
    start, end = struct.unpack("<2Q", store.get_range(items["object"], 8 * index, 16))
    return unframe(bytearray(store.get_range(items["object"], start, end - start)))
