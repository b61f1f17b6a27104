"""Every session is made for the region that the environment names, in either of its two words."""

from __future__ import annotations

import pytest

from flowc.runtime.region import aws_region
from flowc.runtime.store.s3client import client


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, None),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-east-2"}, "us-east-2"),
        ({"AWS_DEFAULT_REGION": "us-east-2", "AWS_REGION": "eu-west-1"}, "us-east-2"),
        ({"AWS_DEFAULT_REGION": "", "AWS_REGION": "eu-west-1"}, "eu-west-1"),
    ],
)
def test_region(environment: dict[str, str], region: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert aws_region() == region


def test_the_datastore_is_asked_for_in_that_region(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    # A client is kept for an endpoint; one of its own is made anew.
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    assert client().meta.region_name == "eu-west-1"
