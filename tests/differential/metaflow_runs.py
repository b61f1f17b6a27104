"""Run a flow under Metaflow in a folder of its own, and see which steps it executed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_STARTED = re.compile(r"\[\d+/(\w+)/\d+ \(pid \d+\)\] Task is starting")


class Ran(NamedTuple):
    """The exit code, the steps of which a task ran, and all that was printed."""

    code: int
    steps: frozenset[str]
    output: str


def run_metaflow(flow: Path, *arguments: str) -> Ran:
    """`python FLOW run`, with everything it keeps beside the flow."""
    home = flow.parent / "metaflow"
    environment = {
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        "HOME": str(home),
        "METAFLOW_HOME": str(home),
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(home),
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_USER": "tester",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ran = subprocess.run(
        [sys.executable, str(flow), "--no-pylint", "run", *arguments],
        cwd=flow.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(ran.returncode, frozenset(_STARTED.findall(ran.stdout)), ran.stdout)
