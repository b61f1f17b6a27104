"""A datastore in a folder.

An object is written to a temporary name beside its own and then linked or renamed, so that a
reader sees all of it or nothing. `create` links, which fails where the name exists.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from flowc.runtime.store import MissingObject, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable


class FileStore:
    """Objects as files below `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._serial = 0

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        target = self._target(key)
        temporary = self._write(target, chunks)
        try:
            os.replace(temporary, target)
        except OSError as error:
            raise _failure("write", target, error) from error

    def create(self, key: str, content: bytes) -> bool:
        target = self._target(key)
        temporary = self._write(target, [content])
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        except OSError as error:
            raise _failure("create", target, error) from error
        finally:
            os.unlink(temporary)
        return True

    def get(self, key: str) -> bytes | None:
        try:
            with open(self._target(key), "rb") as stream:
                return stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _failure("read", key, error) from error

    def get_range(self, key: str, start: int, length: int) -> bytes:
        try:
            with open(self._target(key), "rb") as stream:
                stream.seek(start)
                content = stream.read(length)
        except FileNotFoundError as error:
            raise MissingObject(f"there is no object {key}") from error
        except OSError as error:
            raise _failure("read", key, error) from error
        if len(content) != length:
            raise StoreError(f"{key} ends early: {length} bytes from {start} asked for")
        return content

    def names(self, prefix: str) -> list[str]:
        try:
            found = os.listdir(self._target(prefix))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _failure("list", prefix, error) from error
        return sorted(name for name in found if not name.startswith(".tmp-"))

    def _target(self, key: str) -> str:
        return os.path.join(self.root, *key.split("/"))

    def _write(self, target: str, chunks: Iterable[bytes]) -> str:
        self._serial += 1
        folder, name = os.path.split(target)
        temporary = os.path.join(folder, f".tmp-{name[:100]}-{os.getpid()}-{self._serial}")
        try:
            os.makedirs(folder, exist_ok=True)
            with open(temporary, "wb") as stream:
                stream.writelines(chunks)
        except OSError as error:
            _remove(temporary)
            raise _failure("write", target, error) from error
        except BaseException:
            _remove(temporary)
            raise
        return temporary


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _failure(action: str, what: str, error: OSError) -> StoreError:
    return StoreError(f"cannot {action} {what}: {error.strerror or error}")
