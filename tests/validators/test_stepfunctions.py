"""Step Functions bundles before other judges: the state-language validators and cfn-lint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.compiling import compile_example, example_paths
from tests.validators.tools import HERE, node_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.validators


def files(path: str, ending: str) -> list[bytes]:
    compiled = compile_example(path, "stepfunctions")
    assert compiled.bundle is not None, compiled.errors
    return [file.content for file in compiled.bundle.files if file.path.endswith(ending)]


def written(folder: Path, ending: str) -> list[str]:
    """The files of all examples with this ending, as paths."""
    paths = []
    for path in example_paths():
        for content in files(path, ending):
            place = folder / f"{path.replace('/', '-')}{ending}"
            place.write_bytes(content)
            paths.append(str(place))
    assert paths
    return paths


def test_state_language(tmp_path: Path) -> None:
    folder, missing = node_folder()
    if missing:
        pytest.skip(missing)
    ran = subprocess.run(
        ["node", os.path.join(HERE, "asl.mjs"), folder, *written(tmp_path, ".asl.json")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert {os.path.basename(p): found for p, found in json.loads(ran.stdout).items() if found} == {}


@pytest.mark.slow
def test_cfn_lint(tmp_path: Path) -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "cfnlint",
            "--regions",
            "eu-west-1",
            "--format",
            "json",
            *written(tmp_path, "template.json"),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    found = json.loads(ran.stdout or "[]")
    assert [f"{os.path.basename(f['Filename'])}: {f['Rule']['Id']} {f['Message']}" for f in found] == [], (
        ran.stderr
    )
