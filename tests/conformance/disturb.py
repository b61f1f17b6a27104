"""What goes wrong around a run, done on purpose to the engines of `engines/`, and put back.

    FLOWC_ENGINES_STATE    what those engines keep; without it the tests that disturb them are skipped

Invariant: who disturbs is alone. Every test holds a lock shared, a disturbance holds it exclusively, so
that none happens to a test that does not expect it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.observed import ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = os.environ.get("FLOWC_ENGINES_STATE", "")
SCRIPTS = Path(__file__).parent / "engines"


@contextlib.contextmanager
def lock(*, alone: bool) -> Iterator[None]:
    """Hold the lock of the engines that were started here; without any there is nothing to hold."""
    if not STATE:
        yield
        return
    with open(f"{STATE}/disturbed.lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def take_s3_away(seconds: int) -> None:
    """End the S3 server and start it again, with all it holds, after so many seconds."""
    _run("s3.sh", "away", ENDPOINT.removeprefix("http://"), str(seconds))


def restart_controller() -> None:
    """Kill Argo's workflow controller and start it again."""
    _run("cluster.sh", "restart-controller")


def kill_container(container: str) -> None:
    """Kill a container of the cluster by its id, as the kernel would."""
    subprocess.run(["bash", str(SCRIPTS / "cluster.sh"), "kill-container", container], check=True)


def _run(script: str, *words: str) -> None:
    with lock(alone=True):
        subprocess.run(["bash", str(SCRIPTS / script), *words], check=True)
