"""Where runs of this machine are kept, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowc.cli.options import configure
from flowc.cli.running.start import datastore_of, new_run_id

if TYPE_CHECKING:
    from pathlib import Path

# What is there, where the command runs, what is asked and configured: where the runs of `top/a/flow.py` go.
PLACES = [
    ("", "top/a", None, None, "top/a/.flowc/store"),
    ("", "top", None, None, "top/.flowc/store"),
    ("", "elsewhere", None, None, "top/a/.flowc/store"),
    ("top/.flowc/store/x", "top/a", None, None, "top/.flowc/store"),
    ("top/.flowc/store/x top/a/pyproject.toml", "top", None, None, "top/a/.flowc/store"),
    ("", "top", "file:///asked", None, "/asked"),
    ("", "top", "s3://asked/x", None, "s3://asked/x"),
    ("", "top", None, "file:///configured", "/configured"),
    ("", "top", None, "s3://configured/x", "top/a/.flowc/store"),
    ("", "top", "s3://asked/x", "s3://configured/x", "s3://asked/x"),
]


@pytest.mark.parametrize(("present", "here", "asked", "configured", "wanted"), PLACES)
def test_where_runs_are_kept(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    present: str,
    here: str,
    asked: str | None,
    configured: str | None,
    wanted: str,
) -> None:
    monkeypatch.delenv("FLOWC_DATASTORE", raising=False)
    for name in ("top/a/flow.py", "elsewhere/x", *present.split()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    if configured:
        (tmp_path / "top/a/flowc.toml").write_text(f'datastore = "{configured}"\n')
    monkeypatch.chdir(tmp_path / here)
    configuration = configure(str(tmp_path / "top/a"), {"datastore": asked})
    found = datastore_of(configuration, asked).removeprefix("file://")
    assert found.removeprefix(f"{tmp_path}/") == wanted


NAMES = [("Train", "train-"), ("É", "xe9-"), ("A" * 300, "a" * 40 + "-")]


@pytest.mark.parametrize(("flow", "prefix"), NAMES)
def test_ids_are_plain_and_short(flow: str, prefix: str) -> None:
    first, second = new_run_id(flow, None), new_run_id(flow, None)
    assert first != second
    assert first.isascii()
    assert first.startswith(prefix)
    assert len(first) == len(prefix) + 6
