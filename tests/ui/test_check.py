"""What `flowc check` prints for whole flows, as a user sees it (flows/*.txt, snapshots beside them)."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flowc.cli.group import flowc
from tests.ui.test_text import snapshot

if TYPE_CHECKING:
    from pathlib import Path

FLOWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flows")


@pytest.mark.parametrize("name", sorted(name.removesuffix(".txt") for name in os.listdir(FLOWS)))
def test_check(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bless: bool) -> None:
    shutil.copyfile(os.path.join(FLOWS, f"{name}.txt"), tmp_path / f"{name}.py")
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(flowc, ["check", f"{name}.py", "--stats"], catch_exceptions=False).output
    snapshot(f"check_{name}", re.sub(r"in \d+\.\d s", "in 0.0 s", shown), bless=bless)
