"""A datastore in a folder.

An object is a draft (see `draft`) that is linked or renamed to its name, so that a reader sees all
of it or nothing. `create` links, which fails where the name exists. Folders are made when the
first object in them is written. Nothing is flushed to the disk: an object outlives its process,
however that ends, but not the machine's power.
"""

from __future__ import annotations

import os

from flowc.runtime.store import MAPPED, CorruptObject
from flowc.runtime.store.draft import (
    MOST_AT_ONCE,
    TEMPORARY,
    WITHOUT_LINKS,
    WITHOUT_UNNAMED,
    Draft,
    can_be_unnamed,
    make_folder,
)
from flowc.runtime.store.oserrors import failure, missing, no_links, unreadable

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from mmap import mmap

    from flowc.runtime.store import Piece, StoreError

SHORT = 64 << 10  # one read fetches a record or a marker

_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class FileStore:
    """Objects as files below `root`."""

    maps = True

    def __init__(self, root: str) -> None:
        # Made absolute, since a step may change its folder.
        self.root = os.path.abspath(root)
        self._unnamed = can_be_unnamed()

    def put(self, key: str, chunks: Iterable[Piece]) -> None:
        target = self._target(key)
        content = b"".join(chunks)
        try:
            with self._draft(target) as draft:
                draft.write(content)
                draft.replace(target)
        except OSError as error:
            raise failure("write", target, error) from error

    def claim(self, prefix: str) -> bool:
        try:
            os.mkdir(self._target(prefix))
        except OSError:  # there is one, or something is wrong, which the first write will say
            return False
        return True

    def put_blob(self, folder: str, pieces: Sequence[Piece]) -> str:
        from flowc.runtime.store.digest import blob_key, digest_beside, size_of

        home = self._target(folder)
        try:
            with self._draft(home + "/blob") as draft:
                name = digest_beside(pieces, lambda: draft.write_all(pieces))
                target = self._target(blob_key(folder, name))
                make_folder(target.rpartition("/")[0])
                if not draft.link(target) and os.path.getsize(target) != size_of(pieces):
                    draft.replace(target)
        except OSError as error:
            raise failure("write an object of", home, error) from error
        return name

    def create(self, key: str, content: bytes) -> bool:
        target = self._target(key)
        try:
            with self._draft(target) as draft:
                draft.write(content)
                return draft.link(target)
        except OSError as error:
            if error.errno in WITHOUT_LINKS:
                raise no_links(target, error) from error
            raise failure("create", target, error) from error

    def link(self, source: str, target: str) -> bool:
        origin, name = self._target(source), self._target(target)
        try:
            return _link(origin, name)
        except FileNotFoundError as error:
            raise missing(origin) from error
        except OSError as error:
            if error.errno not in WITHOUT_LINKS:
                raise failure("create", name, error) from error
        content = self.get(source)
        if content is None:
            raise missing(origin)
        return self.create(target, content)

    def get(self, key: str) -> bytes | None:
        path = self._target(key)
        try:
            fd = os.open(path, os.O_RDONLY)
            try:
                return _read_all(fd)
            finally:
                os.close(fd)
        except _ABSENT:
            return None
        except OSError as error:
            raise unreadable("read", path, error) from error

    def get_range(self, key: str, start: int, length: int) -> bytes:
        return bytes(self._read(key, start, length))

    def load(self, key: str, start: int, length: int) -> bytearray | mmap:
        if start or length < MAPPED:
            return self._read(key, start, length)
        from flowc.runtime.store.mapping import map_file

        path = self._target(key)
        with _Opened(path) as fd:
            found = os.fstat(fd).st_size
            if found == length:
                mapping = map_file(fd, length)
                return self._read(key, start, length) if mapping is None else mapping
        raise CorruptObject(f"{path} is corrupt: it is {found:,} bytes long, the record says {length:,}")

    def place(self, key: str) -> str:
        return self._target(key)

    def names(self, prefix: str) -> list[str]:
        path = self._target(prefix)
        try:
            found = os.listdir(path)
        except _ABSENT:
            return []
        except OSError as error:
            raise unreadable("list", path, error) from error
        return sorted(name for name in found if not name.startswith(TEMPORARY))

    def _read(self, key: str, start: int, length: int) -> bytearray:
        content = bytearray(length)
        left = memoryview(content)
        path = self._target(key)
        with _Opened(path) as fd:
            os.lseek(fd, start, os.SEEK_SET)
            while left and (count := os.readv(fd, [left[:MOST_AT_ONCE]])):
                left = left[count:]
        if left:
            raise CorruptObject(
                f"{path} ends early: {length:,} bytes from {start:,} asked for, {left.nbytes:,} are missing"
            )
        return content

    def _target(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _draft(self, target: str) -> Draft:
        folder = target.rpartition("/")[0]
        if self._unnamed:
            try:
                return Draft(folder, unnamed=True)
            except OSError as error:
                if error.errno not in WITHOUT_UNNAMED:
                    raise
                self._unnamed = False
        return Draft(folder, unnamed=False)


def _link(origin: str, name: str) -> bool:
    """Give a file another name, in a folder that may have to be made; False where it is taken."""
    try:
        try:
            os.link(origin, name)
        except FileNotFoundError:
            make_folder(name.rpartition("/")[0])
            os.link(origin, name)
    except FileExistsError:
        return False
    return True


class _Opened:
    """An object open for reading; what the system says against it becomes a StoreError."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    def __enter__(self) -> int:
        try:
            self._fd = os.open(self._path, os.O_RDONLY)
        except OSError as error:
            raise self._failure(error) from error
        return self._fd

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        os.close(self._fd)
        if isinstance(error, OSError):
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> StoreError:
        if isinstance(error, _ABSENT):
            return missing(self._path)
        return unreadable("read", self._path, error)


def _read_all(fd: int) -> bytes:
    content = os.read(fd, SHORT)
    if len(content) < SHORT:
        return content
    pieces = [content]
    while pieces[-1]:
        pieces.append(os.read(fd, MOST_AT_ONCE))
    return b"".join(pieces)
