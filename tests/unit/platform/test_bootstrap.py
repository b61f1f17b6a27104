"""What a container says that cannot begin its step."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from flowc.platform import bootstrap

if TYPE_CHECKING:
    from pathlib import Path

ADVICE = "build one with `flowc image`, or compile with `--code embed`"

# The modules of the image, and why flowc cannot be imported.
IMAGES = [
    ({}, "No module named 'flowc'"),
    ({"flowc/__init__.py": "", "flowc/runtime/__init__.py": ""}, "No module named 'flowc.runtime.main'"),
    (
        {"flowc/__init__.py": "", "flowc/runtime/__init__.py": "", "flowc/runtime/main.py": "import nowhere"},
        "No module named 'nowhere'",
    ),
]


@pytest.mark.parametrize(("modules", "why"), IMAGES)
def test_an_image_without_flowc_is_told(tmp_path: Path, modules: dict[str, str], why: str) -> None:
    for name, text in modules.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    python, option, text = bootstrap.command("image", sys.executable)
    # Without site-packages, where the tests have flowc itself.
    words = [python, "-S", option, text]
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, env=surroundings)
    assert ended.returncode == 70
    assert ended.stderr == f"flowc: the image has no flowc that can be imported ({why}): {ADVICE}\n"


# What the server answers to each request for the code, the exit code, and how often it was asked.
ANSWERS = [([200], 7, 1), ([503, 500, 200], 7, 3), ([403], 70, 1), ([404], 70, 1)]


@pytest.mark.parametrize(("statuses", "code", "asked"), ANSWERS)
def test_a_server_that_is_away_is_waited_for(statuses: list[int], code: int, asked: int) -> None:
    program = zipped("import sys; sys.exit(7 if sys.argv[1:] == ['step', 'work'] else 1)")
    requests: list[str] = []

    class Storage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses[len(requests)])
            requests.append(self.path)
            self.send_header("Content-Length", str(len(program)))
            self.end_headers()
            self.wfile.write(program)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Storage)
    Thread(target=server.serve_forever, daemon=True).start()
    ended = begun(f"http://127.0.0.1:{server.server_port}", sha256(program).hexdigest())
    server.shutdown()
    server.server_close()
    assert (ended.returncode, requests) == (code, ["/b/code.zip"] * asked)
    assert ended.stderr.count("s3://b/code.zip cannot be reached") == asked - 1


def zipped(main: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("__main__.py", main)
    return stream.getvalue()


def begun(address: str, digest: str) -> subprocess.CompletedProcess[str]:
    """The end of a container of the step `work`, whose code is at an S3 server; it does not pause."""
    python, option, text = bootstrap.command("embed", sys.executable)
    surroundings = {
        **os.environ,
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "FLOWC_CODE": "s3://b/code.zip",
        "FLOWC_CODE_SHA256": digest,
        "FLOWC_STEP": "work",
    }
    words = [python, option, text.replace("sleep(5)", "sleep(0)")]
    return subprocess.run(words, check=False, capture_output=True, text=True, env=surroundings)
