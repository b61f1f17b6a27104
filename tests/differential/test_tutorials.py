"""Metaflow's tutorials, copied out of the installed package as they are, under `flowc run`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.differential.worlds import ROOT, differences, under_flowc, under_metaflow

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = [pytest.mark.metaflow, pytest.mark.slow]


@pytest.fixture
def tutorials(tmp_path: Path) -> Path:
    """The folder of the tutorials, each in its own folder below."""
    found = importlib.util.find_spec("metaflow")
    assert found is not None
    assert found.origin is not None
    place = tmp_path / "tutorials"
    shutil.copytree(os.path.join(os.path.dirname(found.origin), "tutorials"), place)
    return place


@pytest.mark.parametrize("path", ["00-helloworld/helloworld.py", "02-statistics/stats.py"])
def test_the_same_as_under_metaflow(path: str, tutorials: Path) -> None:
    theirs, ours = under_metaflow(tutorials / path), under_flowc(tutorials / path)
    assert (theirs.code, ours.code) == (0, 0), theirs.output + ours.output
    assert differences(ours.left, theirs.left) == []


@pytest.mark.parametrize(
    ("path", "arguments", "last"),
    [
        ("01-playlist/playlist.py", (), "Bonus Pick"),
        ("01-playlist/playlist.py", ("--genre", "Comedy", "--recommendations=2"), "Pick 2"),
    ],
)
def test_what_chance_decides(path: str, arguments: tuple[str, ...], last: str, tutorials: Path) -> None:
    assert last in _run(tutorials, path, *arguments)


def test_a_step_for_a_cluster_says_what_it_needs(tutorials: Path) -> None:
    """As under Metaflow, whose tutorial asks for a configured cluster first."""
    refused = _run(tutorials, "05-hello-cloud/hello-cloud.py", code=2)
    assert (
        "give an S3 bucket that this machine and they both reach, by `--datastore s3://bucket/prefix`"
        in refused
    )


def test_one_reads_what_another_left(tutorials: Path) -> None:
    """As the tutorials say: from the folder around them, the statistics first."""
    _run(tutorials, "02-statistics/stats.py")
    assert "Pick 5" in _run(tutorials, "03-playlist-redux/playlist.py")


def _run(folder: Path, *words: str, code: int = 0) -> str:
    """What was printed, to standard error if the command is to fail."""
    ran = subprocess.run(
        [sys.executable, "-m", "flowc", "run", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stderr if code else ran.stdout
