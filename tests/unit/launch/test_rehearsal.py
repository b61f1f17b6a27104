"""What a rehearsal leaves behind: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# In a process of its own, as in the server: afterwards `metaflow` is flowc's there.
REHEARSES = """
import sys
from flowc import dsl
from flowc.launch.rehearsal import rehearse
before = sys.path.copy(), sys.stdout, sys.stderr
print(rehearse())
print((sys.path, sys.stdout, sys.stderr) == before)
print(dsl.current.is_running_flow, "rehearsed_flow" in sys.modules)
"""


def rehearsed(folder: Path) -> tuple[str, str]:
    """What the process printed, on either stream."""
    given = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", REHEARSES], env=given, capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


def test_a_rehearsal_succeeds_and_leaves_nothing(tmp_path: Path) -> None:
    assert rehearsed(tmp_path) == ("True\nTrue\nFalse False\n", "")
    assert not os.listdir(tmp_path)


def test_a_folder_that_cannot_be_written_fails_nothing(tmp_path: Path) -> None:
    assert rehearsed(tmp_path / "missing") == ("False\nTrue\nFalse False\n", "")
