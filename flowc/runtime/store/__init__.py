"""Where a run's objects live: a folder (`file://`) or a bucket (`s3://`).

Both offer the same few operations. Invariant: an object appears whole or not at all, and
`create` and `link` succeed for exactly one of any number of racing writers.
"""

from __future__ import annotations

import os

from flowc import contract

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from mmap import mmap
    from typing import Protocol, Union

    Piece = Union[bytes, bytearray, memoryview]

    class Store(Protocol):
        """Objects by key; a key is a POSIX path below the datastore's root."""

        maps: bool  # whether `load` maps large objects

        def put(self, key: str, chunks: Iterable[Piece]) -> None:
            """Write an object, replacing an earlier one."""

        def claim(self, prefix: str) -> bool:
            """Whether it is certain that nothing is below `prefix`, and that nobody else is told so.

            A store that would have to look says False.
            """

        def put_blob(self, folder: str, pieces: Sequence[Piece]) -> str:
            """Write the pieces as one object named by its digest (see `digest`), `folder/xx/DIGEST`; the digest.

            The pieces are not copied, and must not change meanwhile.
            """

        def create(self, key: str, content: bytes) -> bool:
            """Write an object unless there is one; whether this call wrote it."""

        def link(self, source: str, target: str) -> bool:
            """Make `target` the small object that `source` is, unless there is one; whether this call did.

            Raises MissingObject where `source` is missing.
            """

        def get(self, key: str) -> bytes | None:
            """The whole object, or None."""

        def get_range(self, key: str, start: int, length: int) -> bytes:
            """`length` bytes from `start`. Raises MissingObject."""

        def load(self, key: str, start: int, length: int) -> bytearray | mmap:
            """`length` bytes from `start`, to read and to write; writing never changes the object.

            A mapping where the store has one: its bytes come as they are touched, and must not be
            trusted to be what was written. Raises MissingObject, and CorruptObject where there are
            fewer bytes, or where a mapped object has more.
            """

        def place(self, key: str) -> str:
            """Where an object lies, for people: a file's path, or `s3://…`."""

        def names(self, prefix: str) -> list[str]:
            """The names directly below `prefix`, sorted."""


MAPPED = 1 << 20  # bytes from which on a folder's object is mapped


class StoreError(Exception):
    """The datastore cannot be used: what was tried and what it said."""


class MissingObject(StoreError):
    """An object that must be there is not."""


class UnreadableObject(StoreError):
    """An object, or a folder of them, is there, and the system refuses it; others may be well."""


class CorruptObject(StoreError):
    """An object is not what was written: the message says how that shows."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"{message}. `flowc verify` lists every damaged object of the run; remove this one, then `flowc resume` "
            "from the step that stored it"
        )


def open_store(url: str, role: str = "task") -> Store:
    """The store at `file:///…` or `s3://bucket/prefix`. Raises StoreError for any other address.

    `role` is the caller's, `task` or `scheduler`; tests give one of them bad luck (see `faults`).
    """
    store = _open(url)
    fault = os.environ.get(contract.ENV_FAULT)
    if fault:
        from flowc.runtime.store.faults import with_faults

        return with_faults(store, role, fault)
    return store


def _open(url: str) -> Store:
    if url in ("file://", "s3://"):
        raise StoreError(f"the datastore {url} names no {'folder' if url == 'file://' else 'bucket'}")
    if "\0" in url:
        raise StoreError(f"the datastore {url!r} holds a NUL character, which no folder or bucket can")
    if url.startswith("file://"):
        from flowc.runtime.store.files import FileStore

        return FileStore(url[len("file://") :])
    if url.startswith("s3://"):
        from flowc.runtime.store.s3 import S3Store

        bucket, _, prefix = url[len("s3://") :].partition("/")
        return S3Store(bucket, prefix.strip("/"))
    raise StoreError(f"the datastore must begin with file:// or s3://, not {url!r}")
