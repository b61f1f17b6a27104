"""S3 servers for tests, each of its own process or thread and with a bucket: moto's, and versitygw over a folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "flows"
_KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "tester-secret", "AWS_REGION": "us-east-1"}


@contextmanager
def moto() -> Iterator[dict[str, str]]:
    """The variables that lead boto3 to moto's server; the test is skipped where it is not installed."""
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        yield _with_bucket(f"http://{host}:{port}")
    finally:
        running.stop()


@contextmanager
def versitygw(folder: Path) -> Iterator[dict[str, str]]:
    """The same for the server that FLOWC_VERSITYGW names, or `versitygw` on the PATH, over a folder."""
    program = os.environ.get("FLOWC_VERSITYGW") or shutil.which("versitygw")
    if not program:
        pytest.skip("FLOWC_VERSITYGW names no versitygw, and none is on the PATH")
    address = f"127.0.0.1:{_free_port()}"
    environment = {
        **os.environ,
        "ROOT_ACCESS_KEY": _KEYS["AWS_ACCESS_KEY_ID"],
        "ROOT_SECRET_KEY": _KEYS["AWS_SECRET_ACCESS_KEY"],
    }
    running = subprocess.Popen(
        [program, "--port", address, "--quiet", "posix", str(folder)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _with_bucket(f"http://{address}")
    finally:
        running.terminate()
        running.wait(10)


def _with_bucket(endpoint: str) -> dict[str, str]:
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        **{name: _KEYS[key] for name, key in names.items()},
    )
    for attempt in range(100):
        try:
            client.create_bucket(Bucket=BUCKET)
            break
        except Exception:
            if attempt == 99:
                raise
            time.sleep(0.1)
    return {**_KEYS, "AWS_ENDPOINT_URL_S3": endpoint}


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
