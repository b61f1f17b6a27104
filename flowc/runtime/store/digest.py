"""The digest of an object's bytes: sha256, hex, over the sha256s of its 16 MiB chunks.

The chunks are hashed apart so that threads share the work: hashlib lets other threads run
meanwhile. Invariant: the digest depends on the bytes alone, not on the pieces they come in.
"""

from __future__ import annotations

import contextlib
import os
import sys

from flowc.runtime.sha256 import sha256

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator, Sequence
    from typing import Callable

    from flowc.runtime.store import Piece

CHUNK = 16 << 20
ALONE = 1 << 20  # bytes that are hashed sooner than a thread starts
MOST_THREADS = 4
LITTLE = 256 << 10  # bytes that Python's own function hashes sooner than OpenSSL is loaded


def digest(pieces: Sequence[Piece]) -> str:
    """The digest of the pieces together."""
    if "_hashlib" not in sys.modules and size_of(pieces) < LITTLE:
        content = b"".join(pieces)
        found: str = sha256(sha256(content).digest() if content else b"").hexdigest()
        return found
    return _of_chunks([_hash(chunk) for chunk in chunks_of(pieces, CHUNK)])


def digest_beside(pieces: Sequence[Piece], work: Callable[[], object]) -> str:
    """The digest of the pieces, hashed in other threads while `work` runs in this one. Raises what it raises."""
    if size_of(pieces) < ALONE:
        work()
        return digest(pieces)
    import collections
    from threading import Thread

    chunks = list(chunks_of(pieces, CHUNK))
    left = collections.deque(range(len(chunks)))
    hashes: dict[int, bytes] = {}
    # One processor is `work`'s; a machine that has no other shares it.
    count = max(1, min(MOST_THREADS, len(chunks), (os.cpu_count() or 1) - 1))
    threads = [Thread(target=_hash_some, args=(chunks, left, hashes), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        work()
        _hash_some(chunks, left, hashes)
    finally:
        left.clear()
        for thread in threads:
            thread.join()
    # A thread that failed left its chunk out.
    return _of_chunks([hashes.get(index) or _hash(chunk) for index, chunk in enumerate(chunks)])


def _hash_some(chunks: list[list[memoryview]], left: deque[int], hashes: dict[int, bytes]) -> None:
    """Hash chunks until none is left; any number of threads may do so."""
    while left:
        with contextlib.suppress(IndexError):  # another thread took the last one
            index = left.popleft()
            hashes[index] = _hash(chunks[index])


def blob_key(folder: str, name: str) -> str:
    """Where below `folder` the object with a digest lies."""
    return f"{folder}/{name[:2]}/{name}"


def size_of(pieces: Sequence[Piece]) -> int:
    """The number of bytes of the pieces together."""
    size = 0
    for piece in pieces:
        size += piece.nbytes if isinstance(piece, memoryview) else len(piece)
    return size


def _hash(chunk: list[memoryview]) -> bytes:
    import hashlib

    inner = hashlib.sha256()
    for part in chunk:
        inner.update(part)
    return inner.digest()


def _of_chunks(hashes: list[bytes]) -> str:
    import hashlib

    return hashlib.sha256(b"".join(hashes)).hexdigest()


def chunks_of(pieces: Sequence[Piece], length: int) -> Iterator[list[memoryview]]:
    """The bytes of the pieces in parts of `length` bytes, none copied; the last part is what is left."""
    chunk: list[memoryview] = []
    room = length
    for piece in pieces:
        view = memoryview(piece).cast("B")
        while view.nbytes >= room:
            yield [*chunk, view[:room]]
            view = view[room:]
            chunk, room = [], length
        if view.nbytes:
            chunk.append(view)
            room -= view.nbytes
    if chunk:
        yield chunk
