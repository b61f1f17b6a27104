"""The same operations in a folder, by address: `file:///folder/key`.

`S3(run=self)` works with a datastore on disk, too, so that a flow that uses it runs on one machine.
An object is a file by its key, written elsewhere and renamed, so that it appears whole; its content
type and metadata lie in a file of the same name below another folder.
"""

from __future__ import annotations

import errno
import json
import os
import shutil

from flowc.runtime.api.s3.objects import (
    ATTRIBUTES,
    Facts,
    MetaflowS3Exception,
    MetaflowS3InsufficientDiskSpace,
    MetaflowS3InvalidRange,
    MetaflowS3NotFound,
    RangeInfo,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SCHEME = "file://"
FACTS, NEW = ".s3-facts", ".s3-new"  # beside the objects of a folder; no key's part begins so on disk


class Folder:
    """The operations of `S3` on addresses in the folder `root`. All raise the errors of `objects`."""

    def __init__(self, root: str) -> None:
        self._root = root

    def head(self, url: str) -> Facts:
        """What is known of an object."""
        return self._facts(url, None)

    def fetch(self, url: str, span: str | None, path: str) -> Facts:
        """Copy an object, or its bytes of an HTTP range, to the file `path`."""
        place = self._place(url)
        facts = self._facts(url, span)
        _, start, length = facts.range_info
        try:
            with open(place, "rb") as source, open(path, "wb") as target:
                source.seek(start)
                if span is None:
                    shutil.copyfileobj(source, target, 1 << 20)
                else:
                    target.write(source.read(length))
        except OSError as error:
            raise _fault(url, error) from error
        return facts

    def store(self, url: str, stream: Any, headers: dict[str, Any]) -> None:
        """Write what a file holds from its beginning."""
        place = self._place(url)
        new = os.path.join(self._root, NEW, f"{os.getpid()}-{os.urandom(8).hex()}")
        known = {
            "content_type": headers.get("ContentType"),
            "metadata": headers.get("Metadata", {}).get(ATTRIBUTES),
        }
        stream.seek(0)
        try:
            os.makedirs(os.path.dirname(new), exist_ok=True)
            with open(new, "wb") as target:
                shutil.copyfileobj(stream, target, 1 << 20)
            self._note(url, known)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.replace(new, place)
        except OSError as error:
            if os.path.exists(new):
                os.unlink(new)
            raise _fault(url, error) from error

    def walk(self, url: str, recursive: bool) -> Iterator[tuple[str, Facts | None]]:
        """(address, facts) of all objects whose address begins with `url`; without `recursive` prefixes, too."""
        base = self._place(url.rpartition("/")[0])
        for place in self._files(base, recursive):
            address = self._address(place)
            if not address.startswith(url):
                continue
            yield (address + "/", None) if os.path.isdir(place) else (address, Facts(os.stat(place).st_size))

    def _files(self, folder: str, recursive: bool) -> Iterator[str]:
        try:
            names = sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            place = os.path.join(folder, name)
            if folder.rstrip("/") == self._root and name in (FACTS, NEW):
                continue
            if recursive and os.path.isdir(place):
                yield from self._files(place, recursive)
            else:
                yield place

    def _facts(self, url: str, span: str | None) -> Facts:
        place = self._place(url)
        if not os.path.isfile(place):
            raise MetaflowS3NotFound(url)
        state = os.stat(place)
        known = self._noted(url)
        metadata = known.get("metadata")
        return Facts(
            state.st_size,
            content_type=known.get("content_type") or "binary/octet-stream",
            metadata=None if metadata is None else json.loads(metadata),
            last_modified=int(state.st_mtime),
            range_info=_range(url, span, state.st_size),
        )

    def _note(self, url: str, known: dict[str, Any]) -> None:
        place = self._place(url, FACTS)
        if not any(known.values()):
            if os.path.exists(place):
                os.unlink(place)
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as stream:
            json.dump(known, stream)

    def _noted(self, url: str) -> dict[str, Any]:
        try:
            with open(self._place(url, FACTS), encoding="utf-8") as stream:
                return json.load(stream)  # type: ignore[no-any-return]  # an object, as written
        except OSError:
            return {}

    def _place(self, url: str, *below: str) -> str:
        """The file of an address: parts that mean something to a file system are spelled otherwise."""
        key = url[len(SCHEME) + len(self._root) + 1 :]
        parts = [_spelled(part) for part in key.split("/")] if key else []
        return os.path.join(self._root, *below, *parts)

    def _address(self, place: str) -> str:
        parts = os.path.relpath(place, self._root).split("/")
        return "/".join([SCHEME + self._root, *(part.removeprefix("%") for part in parts)])


def _spelled(part: str) -> str:
    """A part of a key as a file's name; `%` before it where it would mean something else."""
    return "%" + part if part in ("", ".", "..") or part.startswith((".s3-", "%")) else part


def _range(url: str, span: str | None, size: int) -> Any:
    """RangeInfo of an HTTP range (`bytes=0-99`, `bytes=5-`, `bytes=-5`) of so many bytes."""
    if span is None:
        return RangeInfo(size, 0, size)
    first, _, last = span.partition("=")[2].partition("-")
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1 if first and last else size)
    if start >= end:
        raise MetaflowS3InvalidRange(f"{url} has {size} bytes; asked for {span}")
    return RangeInfo(size, start, end - start)


def _fault(url: str, error: OSError) -> Exception:
    if error.errno == errno.ENOSPC:
        return MetaflowS3InsufficientDiskSpace(f"no room for {url}")
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        return MetaflowS3Exception(
            f"{url}: a folder on disk cannot hold one key below another; only S3 itself can"
        )
    return MetaflowS3Exception(f"{url}: {error.strerror or error}")
