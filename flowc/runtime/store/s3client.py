"""The client of S3, one for each process.

It is made when it is first used, and made anew in a forked child, whose connections would else be
its parent's; the child's costs a tenth, since it inherits what boto3 read from its own files. boto3
reads credentials and profiles where it always does.
"""

from __future__ import annotations

import functools
import os

from flowc.runtime.region import aws_region
from flowc.runtime.store import StoreError

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

ATTEMPTS = 8  # of one request, with pauses that double up to 20 s
CONNECT_SECONDS = 10
READ_SECONDS = 60  # without a byte
CONNECTIONS = 4  # at once for one large object
_HEADER = "flowc_if_none_match"


def client() -> Any:
    """The process's client. Raises StoreError without boto3, and for an endpoint that is no address."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return _client(endpoint)


@functools.lru_cache(maxsize=1)
def _client(endpoint: str | None) -> Any:
    try:
        from botocore.exceptions import BotoCoreError

        session = _session(tuple(sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))))
    except ImportError as error:
        raise StoreError(
            "a datastore at s3:// needs boto3, which this Python lacks: add it to the image (pip install boto3)"
        ) from error
    try:
        made = session.client("s3", endpoint_url=endpoint, config=config())
    except (BotoCoreError, ValueError) as error:
        raise StoreError(
            f"the S3 client cannot be made: {error}; look at the AWS_… variables and ~/.aws/config"
        ) from error
    _teach_conditions(made)
    return made


@functools.lru_cache(maxsize=1)
def _session(_variables: tuple[tuple[str, str], ...]) -> Any:
    """What clients are made by, for as long as the variables that it reads stay the same."""
    import boto3

    return boto3.session.Session(region_name=aws_region())


os.register_at_fork(after_in_child=_client.cache_clear)


def config(connections: int = 2 * CONNECTIONS) -> Any:
    """How a client is to behave that holds so many connections at once."""
    from botocore.config import Config

    options: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "max_pool_connections": connections,
        "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
    }
    try:
        # An object's bytes have our own digest; servers other than AWS know few other checksums.
        return Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            **options,
        )
    except TypeError:
        return Config(**options)


def _teach_conditions(made: Any) -> None:
    """Let `put_object` take IfNoneMatch, which botocore knows since 1.35 alone."""
    if "IfNoneMatch" in made.meta.service_model.operation_model("PutObject").input_shape.members:
        return

    def set_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_HEADER] = params.pop("IfNoneMatch", None)

    def send(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if context.get(_HEADER):
            params["headers"]["If-None-Match"] = context[_HEADER]

    made.meta.events.register("before-parameter-build.s3.PutObject", set_aside)
    made.meta.events.register("before-call.s3.PutObject", send)
