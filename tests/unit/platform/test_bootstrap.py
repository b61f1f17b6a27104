"""What a container says that cannot begin its step."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flowc.platform import bootstrap

if TYPE_CHECKING:
    from pathlib import Path

ADVICE = "build one with `flowc image`, or compile with `--code embed`"

# The modules of the image, and why flowc cannot be imported.
IMAGES = [
    ({}, "No module named 'flowc'"),
    ({"flowc/__init__.py": "", "flowc/runtime/__init__.py": ""}, "No module named 'flowc.runtime.main'"),
    (
        {"flowc/__init__.py": "", "flowc/runtime/__init__.py": "", "flowc/runtime/main.py": "import nowhere"},
        "No module named 'nowhere'",
    ),
]


@pytest.mark.parametrize(("modules", "why"), IMAGES)
def test_an_image_without_flowc_is_told(tmp_path: Path, modules: dict[str, str], why: str) -> None:
    for name, text in modules.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    python, option, text = bootstrap.command("image", sys.executable)
    # Without site-packages, where the tests have flowc itself.
    words = [python, "-S", option, text]
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, env=surroundings)
    assert ended.returncode == 70
    assert ended.stderr == f"flowc: the image has no flowc that can be imported ({why}): {ADVICE}\n"
