"""A project's folder, and the commands run in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Ended


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / ".git").mkdir()
    return Project(tmp_path, monkeypatch)


@pytest.fixture
def run(project: Project, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    return lambda *arguments: project.run(*arguments, capsys=capsys)
