"""What a container runs: a fixed program that fetches the code, verifies it and hands over to the shim.

Nothing of a flow enters the text; it reads the address and the digest of the code from the
environment. It needs Python 3.9 and boto3 in the image, and says so where one is missing. For a server
that is away it waits as long as the shim does: attempts that end before they begin use up a step's retries.

Invariant: the text holds nothing that Batch or CloudFormation would substitute: no `Ref::`, `$(`,
`${` or `{{`.
"""

from __future__ import annotations

_FETCH = """\
import hashlib, os, sys, tempfile, time

def stop(message):
    sys.stderr.write("flowc: " + message + "\\n")
    sys.exit(70)

if sys.version_info < (3, 9):
    stop("the image's Python is %d.%d; flowc needs 3.9 or later" % sys.version_info[:2])
try:
    import boto3
    from botocore import exceptions
except ImportError:
    stop("the image has no boto3, which fetches the flow's code from S3: install it in the image")
address, digest = os.environ["FLOWC_CODE"], os.environ["FLOWC_CODE_SHA256"]
bucket, _, key = address[5:].partition("/")
away = exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError, exceptions.ConnectionClosedError
until = time.monotonic() + 240
while True:
    try:
        code = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        break
    except Exception as error:
        busy = isinstance(error, exceptions.ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
        if not (busy or isinstance(error, away)) or time.monotonic() > until:
            stop("the flow's code at %s cannot be read (%s); `flowc deploy` puts it there, and the job's role needs s3:GetObject on it" % (address, error))
        sys.stderr.write("flowc: %s cannot be reached (%s); tried again\\n" % (address, error))
        time.sleep(5)
if hashlib.sha256(code).hexdigest() != digest:
    stop("the flow's code at %s is not what the manifest was made with: its sha256 is not %s" % (address, digest))
handle, name = tempfile.mkstemp(prefix="flowc-", suffix=".pyz")
with os.fdopen(handle, "wb") as stream:
    stream.write(code)
os.execv(sys.executable, [sys.executable, name, "step", os.environ["FLOWC_STEP"]])
"""

_IN_IMAGE = """\
import os, sys
try:
    from flowc.runtime.main import main
except ImportError as error:
    sys.stderr.write("flowc: the image has no flowc that can be imported (%s): build one with `flowc image`, or compile with `--code embed`\\n" % error)
    sys.exit(70)
sys.exit(main(["step", os.environ["FLOWC_STEP"]]))
"""


def command(code: str, python: str = "python3") -> list[str]:
    """The container's command for `--code embed` or `--code image`; `python` is a program of the image."""
    return [python, "-c", _text(code)]


def one_line_command(code: str) -> list[str]:
    """The same inside a state machine, whose validators refuse texts of several lines."""
    from json import dumps

    return ["python3", "-c", f"exec({dumps(_text(code))})"]


def _text(code: str) -> str:
    return _FETCH if code == "embed" else _IN_IMAGE
