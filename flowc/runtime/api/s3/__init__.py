"""`metaflow.S3`: objects by key, many at a time.

`S3(run=self)` puts keys below the run's own folder of the datastore, `<flow>/<run>/s3-data/`: in S3,
or in a folder where the datastore is one. `S3(s3root=…)` puts them below an address, `S3()` takes
whole addresses. Importing this needs no boto3.
"""

from flowc.runtime.api.s3.client import S3
from flowc.runtime.api.s3.objects import (
    MetaflowS3AccessDenied,
    MetaflowS3Exception,
    MetaflowS3InsufficientDiskSpace,
    MetaflowS3InvalidObject,
    MetaflowS3InvalidRange,
    MetaflowS3NotFound,
    MetaflowS3URLException,
    RangeInfo,
    S3GetObject,
    S3Object,
    S3PutObject,
)

__all__ = [
    "S3",
    "MetaflowS3AccessDenied",
    "MetaflowS3Exception",
    "MetaflowS3InsufficientDiskSpace",
    "MetaflowS3InvalidObject",
    "MetaflowS3InvalidRange",
    "MetaflowS3NotFound",
    "MetaflowS3URLException",
    "RangeInfo",
    "S3GetObject",
    "S3Object",
    "S3PutObject",
]
