"""Steps that fail in one way each, under Metaflow and under flowc: the same exit code, step and last words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.differential.worlds import differences, under_flowc, under_metaflow

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("metaflow", reason="metaflow is not installed")
pytestmark = [pytest.mark.metaflow, pytest.mark.slow]

_FLOW = """\
from metaflow import FlowSpec, current, retry, step


class Failing(FlowSpec):
    @step
    def start(self):
        self.done = 1
        self.items = [1, 2]
        self.next(self.middle)

    @step
    def middle(self):
{body}
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Failing()
"""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise KeyError('☃')", "KeyError: '☃'"),
        ("exec('self.never')", "never"),
        ("import os; os._exit(3)", ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ""),
        ("import sys; sys.exit(4)", ""),
        ("import sys; sys.exit('bye ☃')", "bye ☃"),
        ("raise KeyboardInterrupt", ""),
        ("self.lock = __import__('threading').Lock()", "lock"),
        ("exec('self.stream = open(1)')", "stream"),
        ("import not_a_module", "ModuleNotFoundError: No module named 'not_a_module'"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()", ""),
        ("def deep(): return deep()\ndeep()", "RecursionError"),
    ],
)  # fmt: skip
def test_failure(body: str, words: str, tmp_path: Path) -> None:
    flow = tmp_path / "failing.py"
    flow.write_text(_FLOW.format(body=textwrap.indent(body, " " * 8)), encoding="utf-8")
    theirs, ours = under_metaflow(flow), under_flowc(flow)
    assert (ours.code, ours.failed) == (theirs.code, theirs.failed), f"{theirs.output}\n{ours.output}"
    assert words in theirs.output
    assert words in ours.output
    assert differences(ours.left, theirs.left) == []
