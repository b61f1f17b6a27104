"""Where the keys of an `S3` lie: the address that they are below, and what answers for an address."""

from __future__ import annotations

import os

from flowc import contract
from flowc.runtime.api.s3.folder import SCHEME, Folder
from flowc.runtime.api.s3.objects import MetaflowS3URLException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    from flowc.runtime.api.s3.bucket import Bucket

    Place = Union[Bucket, Folder]

S3_SCHEME = "s3://"
RUN_FOLDER = "s3-data"  # in a run's folder; no identifier, so no step's


def root_of(run: Any, s3root: str | None, bucket: str | None, prefix: str | None) -> str | None:
    """The address that keys are below, without a slash at its end; None where keys are whole addresses."""
    if run is not None:
        return _root_of_run(run, bucket, prefix)
    if s3root is None:
        return None
    if not s3root.startswith((S3_SCHEME, SCHEME)):
        raise MetaflowS3URLException(f"s3root is {s3root!r}; it must begin with s3://")
    return s3root.rstrip("/")


def _root_of_run(run: Any, bucket: str | None, prefix: str | None) -> str:
    store, flow, run_id = _run_of(run)
    inside = f"{contract.run_prefix(flow, run_id)}/{RUN_FOLDER}"
    own_bucket = getattr(store, "bucket", None)
    if own_bucket is None and bucket is None:
        return f"{SCHEME}{os.path.abspath(store.root)}/{inside}"
    start = getattr(store, "prefix", "") if prefix is None else prefix
    parts = [bucket or own_bucket, start.strip("/"), inside]
    return S3_SCHEME + "/".join(part for part in parts if part)


def _run_of(run: Any) -> tuple[Any, str, str]:
    """(store, flow, run id) of a flow's instance inside a step, or of a `Run` of the client."""
    from flowc.dsl import FlowSpec, current

    if not isinstance(run, FlowSpec):
        flow, run_id = run.pathspec.split("/")[:2]
        return run._store, flow, run_id
    task = run._flowc_task
    if task is None or not current.is_running_flow:
        raise MetaflowS3URLException(
            "S3(run=…) with a flow is for running steps; pass a `Run` outside of one"
        )
    return task.store, current.flow_name, current.run_id


def whole_address(root: str | None, key: Any) -> str:
    """The address of a key. Raises MetaflowS3URLException."""
    if isinstance(key, bytes):
        key = key.decode()
    if root is None:
        if (
            isinstance(key, str)
            and key.startswith((S3_SCHEME, SCHEME))
            and key.partition("://")[2].find("/") > -1
        ):
            return key
        raise MetaflowS3URLException(
            f"{key!r} is no whole address: give `S3` a root, as in S3(run=self) inside a step or S3(s3root=…), "
            "or pass s3://bucket/key"
        )
    if not key:
        return root
    if key.startswith((S3_SCHEME, SCHEME)):
        raise MetaflowS3URLException(f"{key} is a whole address, but this `S3` has the root {root}")
    return f"{root}/{key.lstrip('/')}"


def folder_of(root: str | None, url: str) -> Folder:
    """What answers for a `file://` address, which is in `root` or, without one, in some run's folder."""
    if root is not None and root.startswith(SCHEME):
        return Folder(root[len(SCHEME) :])
    before, found, _ = url.partition(f"/{RUN_FOLDER}/")
    if not found:
        raise MetaflowS3URLException(f"{url} is not below the {RUN_FOLDER} of a run")
    return Folder(f"{before}/{RUN_FOLDER}"[len(SCHEME) :])
