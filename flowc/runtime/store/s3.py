"""A datastore in an S3 bucket, on AWS or any compatible endpoint (boto3 reads AWS_ENDPOINT_URL_S3).

`create` uses a conditional put (`If-None-Match: *`); an endpoint that ignores the condition is
found out by `run.json`'s pair of creates and refused. Requests are repeated by the client, and by us
while the server is away (`patience`); reads that are cut go on where they were cut. An answer that was lost may make `create` say False
for this process's own object: the object, not the answer, tells who won.
"""

from __future__ import annotations

import time

from flowc.runtime.store import CorruptObject, MissingObject, StoreError
from flowc.runtime.store.digest import CHUNK, blob_key, chunks_of, digest_beside, size_of
from flowc.runtime.store.patience import asks_again
from flowc.runtime.store.s3client import CONNECTIONS, client
from flowc.runtime.store.s3errors import code_of, explain, is_outage

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from flowc.runtime.store import Piece

MOST_PARTS = 9_000  # of one upload; S3 takes 10,000
PAUSES = (0.2, 1.0, 3.0, 8.0)  # seconds before a cut read goes on, or a conflicting write is repeated

_EXISTS = {"PreconditionFailed", "412"}
_CONFLICT = {"ConditionalRequestConflict", "OperationAborted", "409"}
_UNKNOWN = {"404", "NoSuchKey", "NotFound", "403", "AccessDenied", "Forbidden"}


class S3Store:
    """Objects below `prefix` of `bucket`."""

    maps = False

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = prefix

    def put(self, key: str, chunks: Iterable[Piece]) -> None:
        self._call("put_object", key, Body=b"".join(chunks))

    def claim(self, prefix: str) -> bool:  # noqa: ARG002 - a bucket has no folders, and could only be asked
        return False

    def put_blob(self, folder: str, pieces: Sequence[Piece]) -> str:
        name = digest_beside(pieces, _nothing)
        key, size = blob_key(folder, name), size_of(pieces)
        if self._size(key) != size:
            if size <= CHUNK:
                self.put(key, pieces)
            else:
                self._upload(key, pieces, size)
        return name

    def create(self, key: str, content: bytes) -> bool:
        for pause in PAUSES:
            created = self._create_once(key, content, may_conflict=True)
            if created is not None:
                return created
            time.sleep(pause)
        return bool(self._create_once(key, content, may_conflict=False))

    def link(self, source: str, target: str) -> bool:
        return self.create(target, self._read(source))

    def get(self, key: str) -> bytes | None:
        try:
            return self._read(key)
        except MissingObject:
            return None

    def get_range(self, key: str, start: int, length: int) -> bytes:
        return bytes(self.load(key, start, length))

    def load(self, key: str, start: int, length: int) -> bytearray:
        content = bytearray(length)
        view = memoryview(content)
        if length <= CHUNK:
            self._fill(key, start, view)
        else:
            parts = [(start + at, view[at : at + CHUNK]) for at in range(0, length, CHUNK)]
            _side_by_side(lambda part: self._fill(key, *part), parts)
        return content

    def place(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._key(key)}"

    def names(self, prefix: str) -> list[str]:
        place = self._key(prefix).rstrip("/")
        base = f"{place}/" if place else ""  # nothing is before the names of a bucket's own root
        found: set[str] = set()
        token: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", None, Prefix=base, Delimiter="/", **token)
            found.update(item["Key"][len(base) :] for item in page.get("Contents", ()))
            found.update(item["Prefix"][len(base) :].rstrip("/") for item in page.get("CommonPrefixes", ()))
            if not page.get("IsTruncated"):
                return sorted(found - {""})
            token = {"ContinuationToken": page["NextContinuationToken"]}

    # ------------------------------------------------------------------ reading
    def _read(self, key: str) -> bytes:
        for pause in (*PAUSES, None):
            answer = self._call("get_object", key)
            try:
                return bytes(answer["Body"].read())
            except _cut() as error:
                self._rest_after_cut(key, pause, error)
        raise AssertionError("the last pause is None")

    def _fill(self, key: str, start: int, view: memoryview) -> None:
        """Read the bytes from `start` on until `view` is full. Raises MissingObject, CorruptObject."""
        done = 0
        for pause in (*PAUSES, None):
            if done == view.nbytes:
                return
            wanted = f"bytes={start + done}-{start + view.nbytes - 1}"
            answer = self._call("get_object", key, Range=wanted)
            if answer["ContentLength"] != view.nbytes - done:
                raise CorruptObject(
                    f"{self.place(key)} ends early: {view.nbytes:,} bytes from {start:,} asked for, "
                    f"{done + answer['ContentLength']:,} given"
                )
            try:
                for content in answer["Body"].iter_chunks(1 << 20):
                    view[done : done + len(content)] = content
                    done += len(content)
            except _cut() as error:
                self._rest_after_cut(key, pause, error)

    def _rest_after_cut(self, key: str, pause: float | None, error: Exception) -> None:
        if pause is None:
            raise explain("get_object", self.place(key), error) from error
        time.sleep(pause)

    # ------------------------------------------------------------------ writing
    def _create_once(self, key: str, content: bytes, *, may_conflict: bool) -> bool | None:
        """Whether this call wrote the object; None if it met another write that may yet fail."""
        try:
            self._call("put_object", key, Body=content, IfNoneMatch="*")
        except StoreError as error:
            code = code_of(error.__cause__ or error)
            if code in _EXISTS:
                return False
            if may_conflict and code in _CONFLICT:
                return None
            raise
        return True

    def _size(self, key: str) -> int | None:
        """How long an object is; None where that cannot be known."""
        try:
            return int(self._call("head_object", key)["ContentLength"])
        except StoreError as error:
            # Without the right to list a bucket a missing object is a forbidden one.
            if code_of(error.__cause__ or error) in _UNKNOWN:
                return None
            raise

    def _upload(self, key: str, pieces: Sequence[Piece], size: int) -> None:
        """Write a large object in parts, of which CONNECTIONS at a time are copied."""
        upload = self._call("create_multipart_upload", key)["UploadId"]
        length = CHUNK * -(-size // (CHUNK * MOST_PARTS))

        def send(part: tuple[int, list[memoryview]]) -> dict[str, Any]:
            number, content = part
            answer = self._call(
                "upload_part", key, UploadId=upload, PartNumber=number, Body=b"".join(content)
            )
            return {"PartNumber": number, "ETag": answer["ETag"]}

        try:
            parts = _side_by_side(send, list(enumerate(chunks_of(pieces, length), 1)))
            self._call("complete_multipart_upload", key, UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:
            self._abort(key, upload)
            raise

    def _abort(self, key: str, upload: str) -> None:
        try:
            self._call("abort_multipart_upload", key, UploadId=upload)
        except StoreError:
            # The failure before is the one to tell; a bucket's lifecycle rule removes old uploads.
            return

    # ------------------------------------------------------------------ the client
    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _call(self, operation: str, key: str | None, **arguments: Any) -> Any:
        call = getattr(client(), operation)
        from botocore.exceptions import BotoCoreError, ClientError

        if key is not None:
            arguments["Key"] = self._key(key)
        place = "s3://{}/{}".format(self.bucket, arguments.get("Key", arguments.get("Prefix", "")))
        began = time.monotonic()
        while True:
            try:
                return call(Bucket=self.bucket, **arguments)
            except (BotoCoreError, ClientError) as error:  # noqa: PERF203 - a request takes much longer
                if not (is_outage(error) and asks_again(began, place, code_of(error))):
                    raise explain(operation, place, error) from error


def _nothing() -> None:
    """An object is hashed before it is sent, since its name is the digest."""


def _cut() -> tuple[type[Exception], ...]:
    """What a body's reader raises when its connection ends or stands still."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError
    from urllib3.exceptions import HTTPError

    return (HTTPClientError, IncompleteReadError, HTTPError, OSError)


def _side_by_side(work: Any, parts: list[Any]) -> list[Any]:
    """The results of `work` on each part, CONNECTIONS at a time; after an error no further part begins."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        futures = [pool.submit(work, part) for part in parts]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise
