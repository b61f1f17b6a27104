"""The same flow under Metaflow and under flowc: the same exit code, failed step, tasks and artifacts.

A flow in `same/` that needs options says so in a line `# run: …`; where flowc differs on purpose, a line
`# differs: STEP.ARTIFACT …` names exactly what does, and docs/metaflow.md says why.
"""

from __future__ import annotations

import os
import re
import shlex
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import pytest

from tests.differential.worlds import copied, differences, printed, under_flowc, under_metaflow

if TYPE_CHECKING:
    from pathlib import Path


pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = pytest.mark.metaflow

_SAME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "same")
_QUICK = ("classes.py", "values.py")
_FLOWS = sorted(name for name in os.listdir(_SAME) if name.endswith(".py"))


@pytest.mark.parametrize(
    "name", [n if n in _QUICK else pytest.param(n, marks=pytest.mark.slow) for n in _FLOWS]
)
def test_same(name: str, tmp_path: Path) -> None:
    flow = copied(os.path.join(_SAME, name), tmp_path)
    arguments = _words(flow, "run")
    theirs, ours = under_metaflow(flow, *arguments), under_flowc(flow, *arguments)
    assert (ours.code, ours.failed) == (theirs.code, theirs.failed), f"{theirs.output}\n{ours.output}"
    found = differences(ours.left, theirs.left)
    excused = _words(flow, "differs")
    if name == "output.py":
        assert printed(ours) == printed(theirs)
    unexpected = [line for line in found if not any(fnmatch(line.partition(":")[0], e) for e in excused)]
    assert unexpected == []
    assert [e for e in excused if not any(fnmatch(line.partition(":")[0], e) for line in found)] == []


def _words(flow: Path, key: str) -> list[str]:
    lines = re.findall(rf"^# {key}: (.*)$", flow.read_text(encoding="utf-8"), re.MULTILINE)
    return [word for line in lines for word in shlex.split(line)]
