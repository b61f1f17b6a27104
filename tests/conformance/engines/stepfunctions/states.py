"""Step Functions on LocalStack, in host mode, with what it lacks put right: a second engine for state machines.

    python states.py --port 5056 --aws http://127.0.0.1:5055 --s3 http://127.0.0.1:7071 --folder DIR

Batch, IAM and all else but S3 is the server of `server.py` at `--aws`, which is told of this one by
`--states`. Nothing of LocalStack is used but the interpreter and the API of state machines.

This program runs in the environment of `requirements-localstack.txt`.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import types
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import language
import maps
import permissions
from interpreter import LOCALSTACK

if TYPE_CHECKING:
    from interpreter import Interpreter


def main() -> None:
    """Put LocalStack right, then serve until a signal ends the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws", required=True, help="the address of Batch, IAM and the rest")
    parser.add_argument("--s3", required=True, help="the S3 server's address")
    parser.add_argument("--folder", type=Path, required=True, help="what LocalStack keeps")
    options = parser.parse_args()
    settle(options.port, options.folder)
    mend(options.aws, options.s3)

    from localstack.runtime.main import main as serve

    serve()


def settle(port: int, folder: Path) -> None:
    """Set LocalStack up by its environment variables: one service, no look outside, all files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        GATEWAY_LISTEN=f"127.0.0.1:{port}",
        FILESYSTEM_ROOT=str(folder),
        OVERRIDE_IN_DOCKER="0",  # in a container it would keep its files in /var/lib and /etc
        SERVICES="stepfunctions",
        STRICT_SERVICE_LOADING="1",
        DISABLE_EVENTS="1",
        LS_LOG="warning",
        DNS_ADDRESS="0",
        SKIP_SSL_CERT_DOWNLOAD="1",
        USE_SSL="0",
    )


def mend(aws: str, s3: str) -> None:
    """Put LocalStack right; Batch and the rest are at `aws`, S3 at `s3`."""
    # The bridge to Java, which its own evaluator of expressions asks for.
    for name in ("jpype", "jpype.imports"):
        sys.modules[name] = types.ModuleType(name)
    listen_here_alone()
    language.mend(LOCALSTACK, s3, aws)
    maps.mend(LOCALSTACK)
    permissions.mend(LOCALSTACK, permissions.at(aws))
    send_histories(LOCALSTACK, aws)


def listen_here_alone() -> None:
    """It listens at all addresses of the machine, whichever it is told."""
    from twisted.internet import endpoints

    endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")


def send_histories(of: Interpreter, aws: str) -> None:
    """The histories and ends of executions are told to log groups and EventBridge by clients of another kind."""

    def connect(region_name: str, **_: object) -> Any:
        clients = {name: language.client_at(aws, name, region_name) for name in ("logs", "events")}
        return types.SimpleNamespace(**clients)

    for module in (
        of.module("eval.event.logging"),
        import_module("localstack.services.stepfunctions.backend.execution"),
    ):
        module.connect_to = connect


if __name__ == "__main__":
    main()
