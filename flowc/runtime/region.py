"""The AWS region that the environment names, for every session that flowc makes."""

from __future__ import annotations

import os


def aws_region() -> str | None:
    """What boto3 reads, else AWS_REGION, which it does not read and other tools of AWS do; None: the profile's."""
    return os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or None
