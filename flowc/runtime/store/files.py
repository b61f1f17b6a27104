"""A datastore in a folder.

An object is a draft (see `draft`) that is linked or renamed to its name, so that a reader sees all
of it or nothing. `create` links, which fails where the name exists. Folders are made when the
first object in them is written. Nothing is flushed to the disk: an object outlives its process,
however that ends, but not the machine's power.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowc.runtime.store import MissingObject, StoreError
from flowc.runtime.store.draft import TEMPORARY, WITHOUT_LINKS, WITHOUT_UNNAMED, Draft, can_be_unnamed
from flowc.runtime.store.oserrors import failure, no_links

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.runtime.store import Piece

_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class FileStore:
    """Objects as files below `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._unnamed = can_be_unnamed()

    def put(self, key: str, chunks: Iterable[Piece]) -> None:
        target = self._target(key)
        content = b"".join(chunks)
        try:
            try:
                self._put(target, content)
            except OSError as error:
                # A file without a name gets one by a hard link, which not every file system has.
                if not self._unnamed or error.errno not in WITHOUT_LINKS:
                    raise
                self._unnamed = False
                self._put(target, content)
        except OSError as error:
            raise failure("write", target, error) from error

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
        except FileNotFoundError:
            return self._link_in_new_folder(source, target)
        except OSError as error:
            if error.errno not in WITHOUT_LINKS:
                raise failure("create", name, error) from error
        return self.create(target, self.get_range(source, 0, os.path.getsize(origin)))

    def get(self, key: str) -> bytes | None:
        path = self._target(key)
        try:
            fd = os.open(path, os.O_RDONLY)
            try:
                return _read(fd)
            finally:
                os.close(fd)
        except _ABSENT:
            return None
        except OSError as error:
            raise failure("read", path, error) from error

    def get_range(self, key: str, start: int, length: int) -> bytes:
        path = self._target(key)
        try:
            fd = os.open(path, os.O_RDONLY)
            try:
                content = os.pread(fd, length, start)
            finally:
                os.close(fd)
        except _ABSENT as error:
            raise MissingObject(f"there is no object {path}") from error
        except OSError as error:
            raise failure("read", path, error) from error
        if len(content) != length:
            raise StoreError(f"{path} ends early: {length} bytes from {start} asked for")
        return content

    def names(self, prefix: str) -> list[str]:
        path = self._target(prefix)
        try:
            found = os.listdir(path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise failure("list", path, error) from error
        return sorted(name for name in found if not name.startswith(TEMPORARY))

    def _target(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _put(self, target: str, content: bytes) -> None:
        with self._draft(target) as draft:
            draft.write(content)
            draft.replace(target)

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

    def _link_in_new_folder(self, source: str, target: str) -> bool:
        origin, name = self._target(source), self._target(target)
        try:
            os.makedirs(name.rpartition("/")[0], exist_ok=True)
            return _link(origin, name)
        except FileNotFoundError as error:
            raise MissingObject(f"there is no object {origin}") from error
        except OSError as error:
            raise failure("create", name, error) from error


def _link(origin: str, name: str) -> bool:
    try:
        os.link(origin, name)
    except FileExistsError:
        return False
    return True


def _read(fd: int) -> bytes:
    content = os.read(fd, 1 << 16)
    if len(content) < 1 << 16:
        return content
    pieces = [content]
    while pieces[-1]:
        pieces.append(os.read(fd, 16 << 20))
    return b"".join(pieces)
