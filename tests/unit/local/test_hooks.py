"""Exit hooks of a local run, called by a process of their own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.local.events import Line
from flowc.local.hooks import call_hooks
from flowc.local.run import LocalRun
from flowc.source import Sources
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from flowc.local.events import Event

FLOW = """\
from flowc import FlowSpec, exit_hook, step


def tell():
    print("told")


@exit_hook(on_success=[tell])
class F(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def lines_of_hooks(folder: Path) -> list[str]:
    """What is shown of the hooks of a run that succeeded."""
    (folder / "flow.py").write_text(FLOW)
    program = analyze("flow.py", Sources(str(folder)), Settings(), Sink())
    assert program is not None
    told: list[Event] = []
    run = LocalRun(
        program=program,
        settings=Settings(),
        datastore=f"file://{folder}/store",
        run_id="f-1",
        root=str(folder),
    )
    call_hooks(run, None, told.append)
    return [event.text for event in told if isinstance(event, Line)]


def test_they_are_called(tmp_path: Path) -> None:
    assert lines_of_hooks(tmp_path) == ["flowc: exit hook `tell` (the run succeeded)", "told"]


def test_that_no_process_can_be_had_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_words: object, **_options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refused)
    assert lines_of_hooks(tmp_path) == [
        "flowc: the exit hooks are not called: no process can be started: Resource temporarily unavailable"
    ]
