"""Same source and options, same bytes: on any Python, seed, locale and folder, at any time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.compiling import EXAMPLES, ROOT, TARGETS, example_paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "driver.py")
_FLAT = [path for path in example_paths() if "/" not in path]


def digests(
    folder: str,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    cwd: str | None = None,
) -> object:
    """What `driver.py` prints for all examples in `folder`."""
    paths = [os.path.join(folder, path) for path in _FLAT]
    ran = subprocess.run(
        [python, DRIVER, *TARGETS, "--", *paths],
        env={"PYTHONPATH": ROOT, "PATH": os.environ["PATH"], **(environment or {})},
        cwd=cwd or ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def reference() -> object:
    return digests(EXAMPLES)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4294967295", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8", "FLOWC_IMAGE": "other:1", "USER": "someone", "METAFLOW_USER": "else"},
        {"PYTHONOPTIMIZE": "2", "SOURCE_DATE_EPOCH": "1"},
    ],
    ids=["seed 0", "last seed", "C locale", "Turkish", "optimised"],
)
def test_environment_changes_nothing(reference: object, environment: dict[str, str]) -> None:
    assert digests(EXAMPLES, environment) == reference


def test_folder_changes_nothing(reference: object, tmp_path: Path) -> None:
    copy = tmp_path / "élan vital" / "project"
    shutil.copytree(EXAMPLES, copy)
    (copy / "unrelated.py").write_text("x = 1\n")
    assert digests(str(copy), cwd=str(tmp_path)) == reference


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_python_changes_nothing(reference: object, version: str) -> None:
    python = _find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    assert digests(EXAMPLES, python=python) == reference


def _find_python(version: str) -> str | None:
    """An interpreter of this version on the path or among pyenv's."""
    candidates = [f"python{version}"]
    versions = os.path.join(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv")), "versions")
    if os.path.isdir(versions):
        candidates += [
            os.path.join(versions, name, "bin", "python")
            for name in sorted(os.listdir(versions))
            if name.startswith(f"{version}.")
        ]
    for candidate in candidates:
        found = shutil.which(candidate)
        if found and _runs(found, version):
            return found
    return None


def _runs(python: str, version: str) -> bool:
    """Whether the interpreter starts and is what it says (a shim of pyenv may not)."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return ran.returncode == 0 and ran.stdout.strip() == version
