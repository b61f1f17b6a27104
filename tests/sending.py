"""Runs whose tasks go to the clusters of the tests: what was printed, and how it ended.

The containers are processes of this machine, so that the flow's folder and a file:// datastore serve them too.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc.cli.running.remote import remote_steps
from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.launch.base import LaunchFault
from flowc.local.early import Interrupted
from flowc.local.report import Plain
from flowc.local.run import LocalRun, TaskFailed
from flowc.local.session import run_locally
from flowc.records import replace
from flowc.source import Sources

if TYPE_CHECKING:
    from pathlib import Path

    from flowc.target.settings import Settings

_STAMP = r"^\S+ \S+ "
_DIGEST = r"-[0-9a-f]{8}\)"


class Sent(NamedTuple):
    """`lines` without their times and digests; `ended` is "done", or what the run raised."""

    lines: list[str]
    ended: str


def send(folder: Path, text: str, settings: Settings, run_id: str = "f-1", **fields: Any) -> Sent:  # noqa: ANN401 - as the record has them
    """Run the flow `text`, with `fields` of its LocalRun."""
    (folder / "flow.py").write_text(text)
    sink = Sink()
    program = analyze("flow.py", Sources(str(folder)), settings, sink)
    assert program is not None, [d.message for d in sink]
    run = LocalRun(
        program=program,
        settings=replace(settings, code="image", image=settings.image or "task:1"),
        datastore=f"file://{folder}/store",
        run_id=run_id,
        root=str(folder),
        remote=remote_steps(program),
    )
    os.makedirs(folder / "store", exist_ok=True)
    written: list[str] = []
    report = Plain(program, run_id, written.append)
    try:
        run_locally(replace(run, **fields), report)
    except (TaskFailed, LaunchFault, Interrupted) as error:
        ended = str(error)
    else:
        ended = "done"
    lines = "".join(written).splitlines()
    return Sent([re.sub(_DIGEST, ")", re.sub(_STAMP, "", line)) for line in lines], ended)
