"""A datastore in an S3 bucket, on AWS or any compatible endpoint (boto3 reads AWS_ENDPOINT_URL_S3).

`create` uses a conditional put (`If-None-Match: *`); an endpoint that ignores the condition is
found out by `run.json`'s pair of creates and refused.
"""

from __future__ import annotations

from flowc.runtime.store import MissingObject, StoreError
from flowc.runtime.store.digest import blob_key, digest

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from flowc.runtime.store import Piece

_MISSING = {"NoSuchKey", "404", "NotFound"}
_EXISTS = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}


class S3Store:
    """Objects below `prefix` of `bucket`."""

    maps = False

    def __init__(self, bucket: str, prefix: str) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise StoreError(
                f"the datastore s3://{bucket} needs boto3, which this Python lacks: "
                "add it to the image (pip install boto3)"
            ) from error
        retries: Any = {"max_attempts": 8, "mode": "standard"}
        self.client: Any = boto3.client("s3", config=Config(retries=retries))
        self.bucket = bucket
        self.prefix = prefix

    def put(self, key: str, chunks: Iterable[Piece]) -> None:
        self._call("put_object", key, Body=b"".join(chunks))

    def put_blob(self, folder: str, pieces: Sequence[Piece]) -> str:
        name = digest(pieces)
        self.put(blob_key(folder, name), pieces)
        return name

    def load(self, key: str, start: int, length: int) -> bytearray:
        return bytearray(self.get_range(key, start, length))

    def place(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._key(key)}"

    def create(self, key: str, content: bytes) -> bool:
        from botocore.exceptions import ClientError

        try:
            self._call("put_object", key, Body=content, IfNoneMatch="*")
        except StoreError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and _code(cause) in _EXISTS:
                return False
            raise
        return True

    def link(self, source: str, target: str) -> bool:
        return self.create(target, self._read(source))

    def get(self, key: str) -> bytes | None:
        try:
            return self._read(key)
        except MissingObject:
            return None

    def get_range(self, key: str, start: int, length: int) -> bytes:
        if length == 0:
            return b""
        content = self._read(key, Range=f"bytes={start}-{start + length - 1}")
        if len(content) != length:
            raise StoreError(f"{key} ends early: {length} bytes from {start} asked for")
        return content

    def names(self, prefix: str) -> list[str]:
        base = self._key(prefix).rstrip("/") + "/"
        found: set[str] = set()
        token: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", None, Prefix=base, Delimiter="/", **token)
            found.update(item["Key"][len(base) :] for item in page.get("Contents", ()))
            found.update(item["Prefix"][len(base) :].rstrip("/") for item in page.get("CommonPrefixes", ()))
            if not page.get("IsTruncated"):
                return sorted(found)
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def _read(self, key: str, **arguments: str) -> bytes:
        from botocore.exceptions import BotoCoreError

        answer = self._call("get_object", key, **arguments)
        try:
            content: bytes = answer["Body"].read()
        except BotoCoreError as error:
            raise StoreError(f"cannot read s3://{self.bucket}/{key}: {error}") from error
        return content

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _call(self, operation: str, key: str | None, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        if key is not None:
            arguments["Key"] = self._key(key)
        try:
            return getattr(self.client, operation)(Bucket=self.bucket, **arguments)
        except (BotoCoreError, ClientError) as error:
            kind = (
                MissingObject if isinstance(error, ClientError) and _code(error) in _MISSING else StoreError
            )
            place = "s3://{}/{}".format(self.bucket, arguments.get("Key", arguments.get("Prefix", "")))
            raise kind(f"{operation} of {place} failed: {error}") from error


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
