"""Flows that others wrote: Metaflow's tutorials, and the programs of its page on remote tasks."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.compiling import TARGETS, compile_file, compile_text
from tests.differential.worlds import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from flowc.diagnostics.model import Edit

TUTORIALS = (
    "00-helloworld/helloworld.py",
    "01-playlist/playlist.py",
    "02-statistics/stats.py",
    "03-playlist-redux/playlist.py",
    "04-playlist-plus/playlist.py",
    "05-hello-cloud/hello-cloud.py",
)


@pytest.mark.metaflow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", TUTORIALS)
def test_tutorial(path: str, target: str) -> None:
    metaflow = importlib.util.find_spec("metaflow")
    if metaflow is None or metaflow.origin is None:
        pytest.skip("metaflow is not installed")
    compiled = compile_file(os.path.join(os.path.dirname(metaflow.origin), "tutorials", path), target)
    assert compiled.errors == []
    assert compiled.bundle is not None


BIG_SUM = """\
from metaflow import FlowSpec, step, resources

class BigSum(FlowSpec):

    @resources(memory=60000, cpu=1)
    @step
    def start(self):
        import numpy
        import time
        big_matrix = numpy.random.ranf((80000, 80000))
        t = time.time()
        self.sum = numpy.sum(big_matrix)
        self.took = time.time() - t
        self.next(self.end)

    @step
    def end(self):
        print("The sum is %f." % self.sum)
        print("Computing it took %dms." % (self.took * 1000))

if __name__ == '__main__':
    BigSum()
"""

PARALLEL_SUM = """\
from metaflow import FlowSpec, step, batch, parallel_map

class BigSum(FlowSpec):

    @resources(memory=60000, cpu=8)
    @step
    def start(self):
        import numpy
        import time
        big_matrix = numpy.random.ranf((80000, 80000))
        t = time.time()
        parts = parallel_map(lambda i: big_matrix[i:i+10000].sum(),
                             range(0, 80000, 10000))
        self.sum = sum(parts)
        self.took = time.time() - t
        self.next(self.end)

    @step
    def end(self):
        print("The sum is %f." % self.sum)
        print("Computing it took %dms." % (self.took * 1000))

if __name__ == '__main__':
    BigSum()
"""

FANNED_OUT = """\
from metaflow import FlowSpec, step

class Fan(FlowSpec):
    @step
    def start(self):
        self.params = range(1000)
        self.next(self.fanned_out, foreach='params')

    @step
    def fanned_out(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize("target", TARGETS)
def test_big_sum(target: str) -> None:
    compiled = compile_text(BIG_SUM, target)
    assert compiled.found == []
    assert compiled.bundle is not None
    assert b"60000" in compiled.bundle.stream or target == "stepfunctions"


@pytest.mark.parametrize("target", TARGETS)
def test_parallel_sum_lacks_an_import_and_the_fix_adds_it(target: str) -> None:
    compiled = compile_text(PARALLEL_SUM, target)
    assert [line.split()[:2] for line in compiled.errors] == [["flow.py:5", "FC104"]]
    (found,) = [d for d in compiled.found if d.rule.code == "FC104"]
    assert found.fix is not None
    repaired = compile_text(_apply(PARALLEL_SUM, found.fix.edits), target)
    assert repaired.errors == []
    assert repaired.bundle is not None


@pytest.mark.parametrize("target", TARGETS)
def test_a_thousand_splits_are_stopped_at_compile_time(target: str) -> None:
    compiled = compile_text(FANNED_OUT, target)
    assert [line.split()[:2] for line in compiled.errors] == [["flow.py:7", "FC451"]]
    (found,) = [d for d in compiled.found if d.rule.code == "FC451"]
    assert "1,000" in found.message
    assert [label.span.line for label in found.secondary] == [6]
    assert any("--max-num-splits" in text for text in (*found.helps, *found.notes))


@pytest.mark.slow
@pytest.mark.parametrize("api", ["metaflow", "flowc"])
def test_big_sum_ends_as_its_page_shows(api: str, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    flow = tmp_path / "BigSum.py"
    flow.write_text(BIG_SUM.replace("from metaflow", f"from {api}"))
    words = "-m flowc run BigSum.py" if api == "metaflow" else "BigSum.py run"
    command = f"ulimit -v 4000000; exec {sys.executable} {words}"
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    said = [
        re.sub(r"^\S+ \S+ \[bigsum-\w+/start/r \(pid \d+\)\] ", "", line) for line in ran.stdout.splitlines()
    ]
    assert [line for line in said if re.search("in start|ranf\\(|MemoryError|[Ff]ailed|failure:", line)] == [
        f'  File "{flow}", line 10, in start',
        "    big_matrix = numpy.random.ranf((80000, 80000))",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 47.7 GiB for an array with shape (80000, 80000) and data type float64",
        "Task failed (exit code 1).",
        "Workflow failed.",
        "    Step failure:",
        "    Step start (task-id r) failed.",
        "Task start/r failed (attempt 1 of 1, exit code 1). 0 of 2 tasks are kept.",
    ]


def _apply(text: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
