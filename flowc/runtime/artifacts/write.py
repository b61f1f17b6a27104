"""The values of one attempt, stored.

A value of at least SMALL bytes is an object of its own under its digest, shared by all tasks of
the flow that make the same value; smaller ones lie one after another in one object of the
attempt. A value that is what an earlier task stored is not stored again.
"""

from __future__ import annotations

from flowc import contract
from flowc.runtime.store import MAPPED

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flowc.runtime.store import Piece, Store

    Entry = dict[str, Any]

SMALL = 64 << 10


class ArtifactWriter:
    """Stores values below `flow_prefix`; `close` writes the small ones and must come before the record."""

    def __init__(self, store: Store, flow_prefix: str, attempt_prefix: str) -> None:
        self._store = store
        self._blobs = f"{flow_prefix}/{contract.BLOBS_FOLDER}"
        self._pack_key = f"{attempt_prefix}/{contract.SMALL_OBJECT}"
        self._task = attempt_prefix[len(flow_prefix) + 1 :].partition("/attempts/")[0]
        self._pack: list[Piece] = []
        self._pack_size = 0

    def save(
        self, name: str, value: Any, origin: Entry | None = None, line: tuple[str, int] | None = None
    ) -> Entry:
        """Store a value; what the record says of it.

        `origin` is the entry of that name with which the task began, returned if the value is still
        the same; `line` the file and line that assigned the value. Raises UnpicklableArtifact.
        """
        from flowc.runtime.store.digest import size_of

        pieces = self._frame(name, value, line)
        size = size_of(pieces)
        kind = type(value)
        entry: Entry = {"size": size, "type": f"{kind.__module__}.{kind.__qualname__}"}
        if size < SMALL:
            return self._save_small(pieces, entry, origin)
        return self._save_large(pieces, entry, origin)

    def save_items(self, values: list[Any]) -> dict[str, Any]:
        """Store the items of a split once, so that task i reads item i alone. Raises UnpicklableArtifact."""
        from flowc.runtime.artifacts.frame import ITEM_ROW
        from flowc.runtime.store.digest import blob_key, digest, size_of

        framed = [self._frame(f"item {index}", value, None) for index, value in enumerate(values)]
        start = ITEM_ROW.size * len(framed)
        rows: list[Piece] = []
        for pieces in framed:
            length = size_of(pieces)
            rows.append(ITEM_ROW.pack(start, length, bytes.fromhex(digest(pieces))))
            start += length
        everything = rows + [piece for pieces in framed for piece in pieces]
        content = self._store.put_blob(self._blobs, everything)
        return {"object": blob_key(self._blobs, content), "count": len(values)}

    def close(self) -> None:
        """Write the object that holds the small values."""
        if self._pack:
            self._store.put(self._pack_key, self._pack)

    def _frame(self, name: str, value: Any, line: tuple[str, int] | None) -> list[Piece]:
        from flowc.runtime.artifacts.frame import frame

        try:
            return frame(value)
        except BaseException as error:
            # Any class may raise anything from its own `__reduce__`.
            from flowc.runtime.artifacts.unpicklable import UnpicklableArtifact

            raise UnpicklableArtifact(name, self._task, value, line, error) from error

    def _save_small(self, pieces: Sequence[Piece], entry: Entry, origin: Entry | None) -> Entry:
        from flowc.runtime.store.digest import digest

        # Copied, since the value may change before `close`.
        content = b"".join(pieces)
        name = digest([content])
        if origin is not None and origin["digest"] == name:
            return origin
        entry.update(digest=name, object=self._pack_key, offset=self._pack_size)
        self._pack.append(content)
        self._pack_size += entry["size"]
        return entry

    def _save_large(self, pieces: Sequence[Piece], entry: Entry, origin: Entry | None) -> Entry:
        from flowc.runtime.store.digest import blob_key

        known = self._known(pieces, entry["size"], origin)
        if known is not None:
            return known
        content = self._store.put_blob(self._blobs, pieces)
        if origin is not None and origin["digest"] == content:
            return origin
        place = {"object": blob_key(self._blobs, content), "offset": 0}
        return {**entry, **place, "digest": content, "task": self._task}

    def _known(self, pieces: Sequence[Piece], size: int, origin: Entry | None) -> Entry | None:
        """The entry of the flow's object that the pieces are, if that is found out sooner than they are written."""
        if size < MAPPED:
            from flowc.runtime.store.digest import digest

            same = origin is not None and origin["size"] == size and origin["digest"] == digest(pieces)
            return origin if same else None
        from flowc.runtime.artifacts.mapped import origin_of

        known = origin_of(pieces, size, self._store, origin)
        return known if known is not None and known["object"].startswith(self._blobs + "/") else None
