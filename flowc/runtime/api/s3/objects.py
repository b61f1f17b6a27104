"""What `S3` takes and gives: objects, ranges, things to put; and its errors."""

from __future__ import annotations

import os
from collections import namedtuple

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ATTRIBUTES = (
    "metaflow-user-attributes"  # the header that holds an object's metadata as JSON, as Metaflow writes it
)

# Plain named tuples: `typing` takes longer to load than all of this.
S3GetObject = namedtuple("S3GetObject", ["key", "offset", "length"])  # noqa: PYI024 - as said
S3PutObject = namedtuple(  # noqa: PYI024 - as said
    "S3PutObject",
    ["key", "value", "path", "content_type", "encryption", "metadata"],
    defaults=(None, None, None, None, None),
)
RangeInfo = namedtuple(  # noqa: PYI024 - as said
    "RangeInfo", ["total_size", "request_offset", "request_length"], defaults=(0, -1)
)


class MetaflowS3InvalidObject(MetaflowException):
    """A value that is neither text nor bytes nor a file."""

    headline = "Not a string-like object"


class MetaflowS3URLException(MetaflowException):
    """A key or address that cannot be one."""

    headline = "Invalid address"


class MetaflowS3Exception(MetaflowException):
    """A request failed."""

    headline = "S3 access failed"


class MetaflowS3NotFound(MetaflowException):
    """There is no such object."""

    headline = "S3 object not found"


class MetaflowS3AccessDenied(MetaflowException):
    """The credentials do not allow it."""

    headline = "S3 access denied"


class MetaflowS3InvalidRange(MetaflowException):
    """The object has no such bytes."""

    headline = "S3 invalid range"


class MetaflowS3InsufficientDiskSpace(MetaflowException):
    """There is no room for what is downloaded."""

    headline = "Insufficient disk space"


class Facts:
    """What is known of an object besides its bytes; times are seconds since 1970."""

    def __init__(self, size: int, **known: Any) -> None:
        self.size = size
        self.content_type: str | None = known.get("content_type")
        self.metadata: dict[str, Any] | None = known.get("metadata")
        self.encryption: str | None = known.get("encryption")
        self.last_modified: int | None = known.get("last_modified")
        self.range_info: Any = known.get("range_info")


class S3Object:
    """An object or a prefix; `path`, `blob` and `text` are there once it has been downloaded."""

    def __init__(
        self, prefix: str | None, url: str, path: str | None = None, facts: Facts | None = None
    ) -> None:
        self._url = url
        self._path = path
        self._facts = facts
        self._prefix = None if prefix == url else prefix

    @property
    def exists(self) -> bool:
        """Whether there is such an object; False of a prefix."""
        return self._facts is not None

    @property
    def downloaded(self) -> bool:
        """Whether its bytes are in a local file."""
        return self._path is not None

    @property
    def url(self) -> str:
        """Its full address."""
        return self._url

    @property
    def prefix(self) -> str | None:
        """The address that it was asked for below."""
        return self._prefix

    @property
    def key(self) -> str:
        """The rest of its address below that; the whole address where it was asked for by it."""
        return (
            self._url if self._prefix is None else self._url[len(self._prefix.rstrip("/")) + 1 :].rstrip("/")
        )

    @property
    def path(self) -> str | None:
        """The local file, which goes when the `S3` is closed."""
        return self._path

    @property
    def blob(self) -> bytes | None:
        """Its bytes, if it has been downloaded."""
        if self._path is None:
            return None
        with open(self._path, "rb") as stream:
            return stream.read()

    @property
    def text(self) -> str | None:
        """Its bytes as UTF-8 text."""
        blob = self.blob
        return None if blob is None else blob.decode("utf-8", errors="replace")

    @property
    def size(self) -> int | None:
        """Its bytes, of the part that was downloaded; None where there is no object."""
        if self._path is not None:
            return os.stat(self._path).st_size
        return None if self._facts is None else self._facts.size

    @property
    def has_info(self) -> bool:
        """Whether anything below is known."""
        facts = self._facts
        return facts is not None and any(
            known is not None
            for known in (facts.content_type, facts.metadata, facts.range_info, facts.encryption)
        )

    @property
    def metadata(self) -> dict[str, Any] | None:
        """The metadata it was put with."""
        return None if self._facts is None else self._facts.metadata

    @property
    def content_type(self) -> str | None:
        """Its MIME type."""
        return None if self._facts is None else self._facts.content_type

    @property
    def encryption(self) -> str | None:
        """How the server encrypts it."""
        return None if self._facts is None else self._facts.encryption

    @property
    def range_info(self) -> Any:
        """Which part of the object was downloaded: RangeInfo."""
        return None if self._facts is None else self._facts.range_info

    @property
    def last_modified(self) -> int | None:
        """When it was put, in seconds since 1970."""
        return None if self._facts is None else self._facts.last_modified

    def __repr__(self) -> str:
        if self._facts is None:
            return f"<S3Object {self._url} (object does not exist)>"
        return f"<S3Object {self._url} ({self.size} bytes, {'local' if self._path else 'in S3'})>"

    __str__ = __repr__
