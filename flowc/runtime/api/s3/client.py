"""`S3` itself: Metaflow's operations, with a bounded number of requests at once.

Downloads lie in a temporary folder, which goes with `close` or the end of the `with` block. Results
come in the order they were asked for.
"""

from __future__ import annotations

import itertools
import os

from flowc.runtime.api.s3.bucket import WORKERS, Bucket
from flowc.runtime.api.s3.folder import SCHEME
from flowc.runtime.api.s3.objects import (
    ATTRIBUTES,
    MetaflowS3InvalidObject,
    MetaflowS3NotFound,
    MetaflowS3URLException,
    S3Object,
    S3PutObject,
)
from flowc.runtime.api.s3.places import folder_of, root_of, whole_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar, Union

    from flowc.runtime.api.s3.objects import S3GetObject
    from flowc.runtime.api.s3.places import Place

    A = TypeVar("A")
    B = TypeVar("B")
    Key = Union[str, S3GetObject, None]


class S3:
    """Objects by key; a context manager. `tmproot` is where the temporary folder is made."""

    TYPE = "s3"

    def __init__(
        self,
        tmproot: str = ".",
        bucket: str | None = None,
        prefix: str | None = None,
        run: Any = None,
        s3root: str | None = None,
        encryption: str | None = None,
        **client: Any,
    ) -> None:
        self._root = root_of(run, s3root, bucket, prefix)
        self._tmproot = tmproot
        self._tmpdir: str | None = None
        self._serials = itertools.count(1)
        self._encryption = encryption
        external = client.get("external_client")
        self._bucket = Bucket(
            client.get("role"),
            client.get("session_vars"),
            client.get("client_params"),
            getattr(external, "client", external),
        )

    def __enter__(self) -> S3:  # noqa: PYI034 - `Self` is newer than Python 3.9
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was downloaded."""
        folder, self._tmpdir = self.__dict__.get("_tmpdir"), None
        if folder is not None:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------------ lists
    def list_paths(self, keys: Iterable[str] | None = None) -> list[S3Object]:
        """What is directly below each key: objects, and prefixes (`exists` is False)."""
        return [found for url in self._prefixes(keys) for found in self._walk(url.rstrip("/") + "/", False)]

    def list_recursive(self, keys: Iterable[str] | None = None) -> list[S3Object]:
        """All objects whose address begins with one of the keys'."""
        return [found for url in self._prefixes(keys) for found in self._walk(url, True)]

    def _prefixes(self, keys: Iterable[str] | None) -> list[str]:
        return [whole_address(self._root, key) for key in ([None] if keys is None else keys)]

    def _walk(self, url: str, recursive: bool) -> Iterator[S3Object]:
        for address, facts in self._place(url).walk(url, recursive):
            yield S3Object(url, address, facts=facts)

    # ------------------------------------------------------------------ questions
    def info(self, key: str | None = None, return_missing: bool = False) -> S3Object:
        """What is known of an object. Raises MetaflowS3NotFound unless `return_missing`."""
        url = whole_address(self._root, key)
        try:
            return S3Object(self._root, url, facts=self._place(url).head(url))
        except MetaflowS3NotFound:
            if return_missing:
                return S3Object(self._root, url)
            raise

    def info_many(self, keys: Iterable[str], return_missing: bool = False) -> list[S3Object]:
        """`info` of many."""
        return _each(lambda key: self.info(key, return_missing), keys)

    # ------------------------------------------------------------------ downloads
    def get(self, key: Key = None, return_missing: bool = False, return_info: bool = True) -> S3Object:  # noqa: ARG002 - see below
        """Download an object, or its bytes that an S3GetObject names. Raises MetaflowS3NotFound.

        `return_info` is Metaflow's: here it costs nothing, and what is known is always there.
        """
        url, span = self._address_and_range(key)
        return self._download(self._root, url, span, return_missing)

    def get_many(
        self, keys: Iterable[Key], return_missing: bool = False, return_info: bool = True
    ) -> list[S3Object]:
        """`get` of many."""
        return _each(lambda key: self.get(key, return_missing, return_info), keys)

    def get_recursive(self, keys: Iterable[str], return_info: bool = False) -> list[S3Object]:  # noqa: ARG002 - as in `get`
        """Download all objects whose address begins with one of the keys'."""
        found = self.list_recursive(keys)
        return _each(lambda each: self._download(each.prefix, each.url, None, False), found)

    def get_all(self, return_info: bool = False) -> list[S3Object]:
        """Download everything below the root. Raises MetaflowS3URLException without one."""
        if self._root is None:
            raise MetaflowS3URLException("get_all needs a root: S3(run=self) or S3(s3root=…)")
        return self.get_recursive([""], return_info)

    def _address_and_range(self, key: Key) -> tuple[str, str | None]:
        """An address, and an HTTP range: `bytes=first-last`, `bytes=first-` or `bytes=-last`."""
        url = whole_address(self._root, getattr(key, "key", key))
        start, length = getattr(key, "offset", None), getattr(key, "length", None)
        if start is None and length is None:
            return url, None
        if length is not None and length < 0:
            return url, f"bytes={length}"
        first = start or 0
        return url, f"bytes={first}-" if length is None else f"bytes={first}-{first + length - 1}"

    def _download(self, prefix: str | None, url: str, span: str | None, return_missing: bool) -> S3Object:
        path = self._new_path(url)
        try:
            facts = self._place(url).fetch(url, span, path)
        except MetaflowS3NotFound:
            if return_missing:
                return S3Object(prefix, url)
            raise
        return S3Object(prefix, url, path, facts)

    def _new_path(self, url: str) -> str:
        """A file for a download, whose name ends as the object's does."""
        if self._tmpdir is None:
            self._tmpdir = _new_folder(self._tmproot)
        return os.path.join(self._tmpdir, f"{next(self._serials)}-{url.rpartition('/')[2][-100:]}")

    # ------------------------------------------------------------------ uploads
    def put(
        self,
        key: Any,
        obj: Any,
        overwrite: bool = True,
        content_type: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> str:
        """Store text, bytes or an open file; its address. Without `overwrite` what is there stays."""
        thing = (
            key
            if isinstance(key, S3PutObject)
            else S3PutObject(key, None, None, content_type, None, metadata)
        )
        return self._upload(thing, _stream(thing.key, obj), overwrite)

    def put_many(self, key_objs: Iterable[Any], overwrite: bool = True) -> list[tuple[str, str]]:
        """`put` of many (key, object) pairs or S3PutObject; (key, address) of each."""

        def put(thing: S3PutObject) -> tuple[str, str]:
            return thing.key, self._upload(thing, _stream(thing.key, thing.value), overwrite)

        return _each(put, [_thing(each, "value") for each in key_objs])

    def put_files(self, key_paths: Iterable[Any], overwrite: bool = True) -> list[tuple[str, str]]:
        """`put` of many local files: (key, path) pairs or S3PutObject; (key, address) of each."""

        def put(thing: S3PutObject) -> tuple[str, str]:
            with open(thing.path, "rb") as stream:
                return thing.key, self._upload(thing, stream, overwrite)

        things = [_thing(each, "path") for each in key_paths]
        for thing in things:
            if not os.path.isfile(thing.path):
                raise MetaflowS3NotFound(f"there is no local file {thing.path}")
        return _each(put, things)

    def _upload(self, thing: S3PutObject, stream: Any, overwrite: bool) -> str:
        url = whole_address(self._root, thing.key)
        place = self._place(url)
        if overwrite or not self.info(thing.key, return_missing=True).exists:
            place.store(url, _Open(stream), self._headers(thing))
        return url

    def _headers(self, thing: S3PutObject) -> dict[str, Any]:
        import json

        metadata = {ATTRIBUTES: json.dumps(thing.metadata)} if thing.metadata else None
        encryption = thing.encryption or self._encryption
        known = {"ContentType": thing.content_type, "Metadata": metadata, "ServerSideEncryption": encryption}
        return {name: value for name, value in known.items() if value}

    def _place(self, url: str) -> Place:
        return folder_of(self._root, url) if url.startswith(SCHEME) else self._bucket


class _Open:
    """A file that the uploading library cannot close: it is the caller's."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read, self.seek, self.tell = stream.read, stream.seek, stream.tell

    def seekable(self) -> bool:
        """Files and bytes are."""
        return True

    def close(self) -> None:
        """Leave it open."""


def _thing(given: Any, field: str) -> S3PutObject:
    return given if isinstance(given, S3PutObject) else S3PutObject(given[0])._replace(**{field: given[1]})


def _stream(key: str, value: Any) -> Any:
    """What is put, as a file. Raises MetaflowS3InvalidObject."""
    import io

    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return io.BytesIO(value)
    if isinstance(value, (io.RawIOBase, io.BufferedIOBase)) and value.readable() and value.seekable():
        return value
    raise MetaflowS3InvalidObject(
        f"the object for `{key}` is {type(value).__name__}; it must be text, bytes or a file open for reading bytes"
    )


def _each(function: Callable[[A], B], things: Iterable[A]) -> list[B]:
    """The results in order, WORKERS at a time. The first failure is raised, and what has not begun is dropped."""
    waiting = list(things)
    # The first alone makes what the others share: the client, the temporary folder.
    done = [function(thing) for thing in waiting[:1]]
    if len(waiting) < 2:
        return done
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(min(WORKERS, len(waiting) - 1))
    try:
        return done + list(pool.map(function, waiting[1:]))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _new_folder(root: str) -> str:
    """A new folder in `root`, or in the system's own place where that cannot be written to."""
    import tempfile

    return tempfile.mkdtemp(prefix="metaflow.s3.", dir=root if os.access(root, os.W_OK) else None)
