"""The wheel holds all it needs: built through the sdist, unpacked elsewhere, and used from there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from flowc.diagnostics.catalog import RULES
from tests.compiling import EXAMPLES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EXPLAIN = """
import sys
import contextlib
import io
import flowc
from flowc.cli import main
print(flowc.__file__)
for code in sys.argv[1:]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        sys.argv = ["flowc", "explain", code]
        main()
    assert said.getvalue().startswith(f"# {code}: ") and len(said.getvalue()) > 200, (code, said.getvalue())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was made from it."""
    pytest.importorskip("build", reason="build is not installed")
    folder = tmp_path_factory.mktemp("dist")
    ran = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), ROOT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it stands in site-packages."""
    folder = tmp_path_factory.mktemp("site")
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - our own wheel
    return folder


def _run(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(site), "PATH": os.environ["PATH"], "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_sdist_holds_what_the_wheel_is_made_from(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "flowc/compiler.py",
        "docs/diagnostics/FC104.md",
    } <= names


def test_the_wheel_holds_pages_and_schemas_and_no_metaflow(unpacked: Path) -> None:
    assert (unpacked / "flowc" / "_share" / "diagnostics" / "FC104.md").is_file()
    assert list((unpacked / "flowc" / "_share" / "schemas").glob("*.json"))
    assert sorted(p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")) == ["flowc"]


def test_every_code_is_explained_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    ran = _run(unpacked, "-c", EXPLAIN, *sorted(RULES), cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith(str(unpacked))


@pytest.mark.parametrize("target", ["argo", "stepfunctions"])
def test_the_wheel_compiles_as_the_checkout_does(unpacked: Path, tmp_path: Path, target: str) -> None:
    command = ("-m", "flowc", "compile", os.path.join(EXAMPLES, "branch.py"), "--target", target)
    installed = _run(unpacked, *command, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    assert installed.stdout == _run(ROOT, *command, cwd=tmp_path).stdout  # type: ignore[arg-type]
