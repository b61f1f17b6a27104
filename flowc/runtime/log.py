"""A task's output as it is kept: the first and last bytes, one object of the attempt."""

from __future__ import annotations

import time

from flowc.runtime.say import say
from flowc.runtime.store import StoreError
from flowc.runtime.store.patience import in_a_hurry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.store import Store

HEAD = TAIL = 5 << 20  # bytes of a log that are kept
UPLOAD_SECONDS = 5.0


class Log:
    """The output of one attempt. Without any output there is no object."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self._uploaded = time.monotonic()
        self._dirty = False
        self._lost = False  # whether the last upload failed

    def write(self, chunk: bytes) -> None:
        """Take a piece of output."""
        room = HEAD - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        if len(self._tail) > 2 * TAIL:
            self._dropped += len(self._tail) - TAIL
            del self._tail[:-TAIL]
        self._dirty = True

    def is_due(self) -> bool:
        """Whether there is something new and the last upload is long ago."""
        return self._dirty and time.monotonic() - self._uploaded > UPLOAD_SECONDS

    def store(self) -> None:
        """Upload what there is. A log that cannot be stored must not fail the task."""
        if not self._dirty:
            return
        self._uploaded = time.monotonic()
        pieces = [bytes(self._head)]
        if self._dropped:
            pieces.append(f"\n[flowc: {self._dropped} bytes left out]\n".encode())
        pieces.append(bytes(self._tail))
        self._dirty = False
        try:
            in_a_hurry(lambda: self._store.put(self._key, pieces))
        except StoreError as error:
            if not self._lost:  # once for an outage, not every five seconds
                say(f"the log is not stored: {error}")
            self._dirty = self._lost = True
        else:
            self._lost = False
