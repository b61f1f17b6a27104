"""What goes wrong around a run, done on purpose to the engines of `engines/`, and put back.

    FLOWC_ENGINES_STATE    what those engines keep; without it the tests that disturb them are skipped

Invariant: who takes something away from others is alone. Every test holds a lock shared, and whoever
stops a server that others use holds it exclusively, so that it happens to no test that does not expect it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tests.conformance.observed import ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = os.environ.get("FLOWC_ENGINES_STATE", "")
SCRIPTS = Path(__file__).parent / "engines"


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep disturbances away; one that waits for its turn goes first. Without engines of ours there are none."""
    if not STATE:
        yield
        return
    with _opened("disturbed") as lock:
        with _opened("turn") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with _opened("turn") as turn, _opened("disturbed") as lock:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _opened(name: str) -> IO[str]:
    """A file to lock: closing it gives the lock back."""
    return open(f"{STATE}/{name}.lock", "a")


def take_s3_away(seconds: int) -> None:
    """End the S3 server and start it again, with all it holds, after so many seconds."""
    with _alone():
        _run("s3.sh", "away", ENDPOINT.removeprefix("http://"), str(seconds))


def restart_controller() -> None:
    """Kill Argo's workflow controller and start it again. No run is to notice, so that nobody need be alone."""
    _run("cluster.sh", "restart-controller")


def kill_container(container: str) -> None:
    """Kill a container of the cluster by its id, as the kernel would."""
    _run("cluster.sh", "kill-container", container)


def _run(script: str, *words: str) -> None:
    subprocess.run(["bash", str(SCRIPTS / script), *words], check=True)
