"""`metaflow.S3`: objects of S3 by key."""

from __future__ import annotations


class S3:
    """The client."""

    TYPE = "s3"
