"""The pipeline as a whole: everything wrong is reported at once, and nothing follows from it."""

from __future__ import annotations

import pytest

from flowc.backends.table import backend
from flowc.compiler import analyze, compile_flow
from flowc.diagnostics.model import Sink
from flowc.source import Sources
from flowc.target.settings import Settings
from tests.compiling import TARGETS

FAULTY = """\
from flowc import FlowSpec, resources, retry, step


class Faulty(FlowSpec):
    @resources(memroy=1000)
    @step
    def start(self):
        self.items = range(1000)
        self.next(self.work, foreach="items")

    @retry(times="often")
    @step
    def work(self):
        self.done = self.nothing
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        print(self.done)
"""


def check(text: str, settings: Settings | None = None) -> list[str]:
    sink = Sink()
    analyze("flow.py", Sources(None, {"flow.py": text}), settings or Settings(), sink)
    return [f"{d.primary.span.line} {d.rule.code}" for d in sink]


def test_every_stage_reports_what_it_can() -> None:
    assert check(FAULTY) == ["5 FC105", "9 FC451", "11 FC106", "14 FC401", "23 FC402"]


def test_a_fault_of_a_transition_leaves_the_declarations_to_be_judged() -> None:
    found = check(FAULTY.replace("self.next(self.collect)", "self.next(self.colect)"))
    assert "15 FC203" in found
    assert "5 FC105" in found


def test_nothing_comes_of_a_flow_with_an_error() -> None:
    sources = Sources(None, {"flow.py": FAULTY})
    for target in TARGETS:
        assert compile_flow("flow.py", sources, Settings(), backend(target), Sink()) is None


def test_a_comment_lets_an_analysis_pass() -> None:
    text = (
        FAULTY.replace("memroy=1000", "memory=1000")
        .replace('times="often"', "times=2")
        .replace("range(1000)", "range(10)")
    )
    text = text.replace("self.nothing", "self.nothing  # flowc: ignore[FC401]").replace(
        "print(self.done)", "print(self.done)  # flowc: ignore[FC402]"
    )
    for target in TARGETS:
        assert compile_flow("flow.py", Sources(None, {"flow.py": text}), Settings(), backend(target), Sink())


def test_a_missing_file_is_a_diagnostic() -> None:
    sink = Sink()
    assert analyze("gone.py", Sources(None, {}), Settings(), sink) is None
    assert [d.rule.code for d in sink] == ["FC002"]


def test_a_file_to_include_that_is_missing() -> None:
    good = "from flowc import FlowSpec, step\nclass F(FlowSpec):\n    @step(start=True, end=True)\n    def a(self): ...\n"
    assert check(good, Settings(include=("none.csv",))) == ["2 FC511"]


SOUND = """\
from flowc import FlowSpec, step


class Sound(FlowSpec):
    @step
    def start(self):
        self.items = range(10)
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.done = self.input
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.merge_artifacts(inputs, exclude=["done"])
        self.next(self.end)

    @step
    def end(self):
        print(self.items)
"""
SLIPS = [
    ("def work(self):", "def work(self, item, rate):", "FC111"),
    ("def collect(self, inputs):", "def collect(self, inputs, rate):", "FC111"),
    ("self.next(self.collect)", "self.nxt(self.collect)", "FC201"),
    ("self.next(self.collect)", "self.collect()", "FC220"),
    ("self.next(self.collect)", "self.next(self.collect())", "FC204"),
    ("self.next(self.collect)", "self.next(self.colect)", "FC203"),
    ('foreach="items"', "num_parallel=2", "FC312"),
]


@pytest.mark.parametrize(("before", "after", "code"), SLIPS)
def test_one_slip_is_reported_once(before: str, after: str, code: str) -> None:
    assert check(SOUND) == []
    assert [found.split()[1] for found in check(SOUND.replace(before, after))] == [code]
