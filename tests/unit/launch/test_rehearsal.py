"""What a rehearsal leaves behind: nothing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from flowc import dsl
from flowc.launch.rehearsal import rehearse

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_rehearsal_succeeds_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = sys.path.copy(), sys.stdout
    assert rehearse()
    assert (sys.path, sys.stdout) == before
    assert not os.listdir(tmp_path)
    assert not dsl.current.is_running_flow
    assert "rehearsed_flow" not in sys.modules


def test_a_folder_that_cannot_be_written_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    assert not rehearse()
    assert capfd.readouterr() == ("", "")
