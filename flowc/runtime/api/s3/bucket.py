"""Objects in S3, by address: `s3://bucket/key`.

boto3's client is made when it is first used, and anew in a forked process, since two processes
cannot share its connections.
"""

from __future__ import annotations

import contextlib
import errno
import os

from flowc.runtime.api.s3.objects import (
    ATTRIBUTES,
    Facts,
    MetaflowS3AccessDenied,
    MetaflowS3Exception,
    MetaflowS3InsufficientDiskSpace,
    MetaflowS3InvalidRange,
    MetaflowS3NotFound,
    MetaflowS3URLException,
    RangeInfo,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from flowc.dsl import MetaflowException

WORKERS = 32  # requests at once
SMALL = 8 << 20  # bytes up to which an upload is one request
LARGE = 64 << 20  # bytes from which a download is made of parallel parts
CHUNK = 1 << 20
TRIES = 4  # of a download whose connection breaks; boto3 repeats everything else

_FAULTS: dict[str, type[MetaflowException]] = {
    "404": MetaflowS3NotFound,
    "NoSuchKey": MetaflowS3NotFound,
    "NotFound": MetaflowS3NotFound,
    "403": MetaflowS3AccessDenied,
    "AccessDenied": MetaflowS3AccessDenied,
    "416": MetaflowS3InvalidRange,
    "InvalidRange": MetaflowS3InvalidRange,
    "NoSuchBucket": MetaflowS3URLException,
}


class Bucket:
    """The operations of `S3` on addresses. All raise the errors of `objects`."""

    def __init__(
        self,
        role: str | None = None,
        session_vars: dict[str, Any] | None = None,
        client_params: dict[str, Any] | None = None,
        client: Any = None,
    ) -> None:
        self._options = (role, session_vars or {}, client_params or {})
        self._client = client
        self._process = os.getpid() if client is not None else 0

    @property
    def client(self) -> Any:
        """boto3's client of this process."""
        if self._process != os.getpid():
            self._client = _new_client(*self._options)
            self._process = os.getpid()
        return self._client

    def head(self, url: str) -> Facts:
        """What is known of an object."""
        answer = self._call(url, "head_object")
        return _facts(answer, int(answer["ContentLength"]))

    def fetch(self, url: str, span: str | None, path: str) -> Facts:
        """Write an object, or its bytes of an HTTP range, to the file `path`."""
        for tried in range(1, TRIES + 1):
            answer = self._call(url, "get_object", **({"Range": span} if span else {}))
            try:
                self._receive(url, span, answer, path)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise MetaflowS3InsufficientDiskSpace(f"no room for {url} at {path}") from error
                raise
            except Exception as error:
                if not _is_of_boto(error) or tried == TRIES:
                    raise _fault(url, error) from error
                continue
            break
        return _facts(answer, int(answer["ContentLength"]))

    def _receive(self, url: str, span: str | None, answer: Any, path: str) -> None:
        if span is None and answer["ContentLength"] > LARGE:
            answer["Body"].close()
            self.client.download_file(*split(url), path)
            return
        with open(path, "wb") as stream:
            stream.writelines(answer["Body"].iter_chunks(CHUNK))

    def store(self, url: str, stream: Any, headers: dict[str, Any]) -> None:
        """Upload what a file holds from its beginning; in parts where it is large."""
        bucket, key = split(url)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if size <= SMALL:
            self._call(url, "put_object", Body=stream.read(), **headers)
            return
        with _told(url):
            self.client.upload_fileobj(stream, bucket, key, ExtraArgs=headers or None)

    def walk(self, url: str, recursive: bool) -> Iterator[tuple[str, Facts | None]]:
        """(address, facts) of all objects whose address begins with `url`; without `recursive` prefixes, too."""
        bucket, key = split(url)
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=key, Delimiter="" if recursive else "/"
        )
        with _told(url):
            for page in pages:
                for item in page.get("Contents", ()):
                    yield f"s3://{bucket}/{item['Key']}", Facts(int(item["Size"]))
                for item in page.get("CommonPrefixes", ()):
                    yield f"s3://{bucket}/{item['Prefix']}", None

    def _call(self, url: str, operation: str, **arguments: Any) -> Any:
        bucket, key = split(url)
        with _told(url):
            return getattr(self.client, operation)(Bucket=bucket, Key=key, **arguments)


def split(url: str) -> tuple[str, str]:
    """(bucket, key) of an address."""
    bucket, _, key = url[len("s3://") :].partition("/")
    return bucket, key


def _new_client(role: str | None, session_vars: dict[str, Any], client_params: dict[str, Any]) -> Any:
    from flowc.runtime.roles import credentials_of
    from flowc.runtime.store.s3client import config

    try:
        import boto3
    except ImportError as error:
        raise MetaflowS3Exception(
            "S3 needs boto3, which this Python lacks: add it to the image (pip install boto3)"
        ) from error
    if role:
        session_vars = {**credentials_of(boto3, role), **session_vars}
    options = {"config": config(WORKERS), **client_params}
    return boto3.session.Session(**session_vars).client("s3", **options)


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """A block in which what boto3 raises becomes an error of `objects`."""
    try:
        yield
    except Exception as error:
        if not _is_of_boto(error):
            raise
        raise _fault(url, error) from error


def _is_of_boto(error: Exception) -> bool:
    """Whether boto3 raised it, and not a bug or the flow."""
    return type(error).__module__.partition(".")[0] in ("botocore", "boto3", "s3transfer", "urllib3")


def _fault(url: str, error: Exception) -> MetaflowException:
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    kind = _FAULTS.get(code, MetaflowS3Exception)
    said = f"{url}: {error}" if kind is not MetaflowS3NotFound else url
    return kind(said)


def _facts(answer: Any, size: int) -> Facts:
    import json

    text = answer.get("Metadata", {}).get(ATTRIBUTES)
    return Facts(
        size,
        content_type=answer.get("ContentType"),
        metadata=None if text is None else json.loads(text),
        encryption=answer.get("ServerSideEncryption"),
        last_modified=int(answer["LastModified"].timestamp()),
        range_info=_range(answer.get("ContentRange"), size),
    )


def _range(text: str | None, size: int) -> Any:
    """RangeInfo of a `Content-Range` header (`bytes 0-99/500`), or of the whole object."""
    if text is None:
        return RangeInfo(size, 0, size)
    span, _, total = text.rpartition(" ")[2].partition("/")
    first, _, last = span.partition("-")
    return RangeInfo(int(total), int(first), int(last) - int(first) + 1)
