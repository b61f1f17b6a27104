"""`--with`: what decorators of the command line do to every step, and what is said of wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.diagnostics.render import Look, render
from flowc.ir.print import print_program
from flowc.source import Sources
from flowc.target.settings import Settings
from tests.declaring import described

FLOW = """\
from metaflow import FlowSpec, resources, retry, step

class F(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2]
        self.next(self.work, foreach="xs")

    @retry(times=1)
    @resources(memory=100)
    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def attached(*specs: str, flow: str = FLOW) -> tuple[list[str], list[str]]:
    """The steps as `flowc ir` prints them, what all have alike left out, and the faults."""
    sink = Sink()
    program = analyze("flow.py", Sources(None, {"flow.py": flow}), Settings(decorators=specs), sink)
    assert program is not None
    lines = [line.strip().partition(" <- ")[0] for line in print_program(program).splitlines()[2:]]
    plain = (" cpu=1", " memory=4096")
    for word in plain:
        lines = [line.replace(word, "") for line in lines]
    return [line for line in lines if not line.startswith("foreach")], described(sink)


STEPS = [
    ((), ["start", "work memory=100 retry=1x120s", "join", "end"]),
    (
        ("retry:times=2,minutes_between_retries=0",),
        ["start retry=2x0s", "work memory=100 retry=1x120s", "join retry=2x0s", "end retry=2x0s"],
    ),
    (
        ("timeout:seconds=5", "resources:memory=64"),
        [
            "start memory=64 timeout=5s",
            "work memory=100 retry=1x120s timeout=5s",
            "join memory=64 timeout=5s",
            "end memory=64 timeout=5s",
        ],
    ),
    (
        ('environment:vars={"A": "b"}',),
        [
            "start environment=A",
            "work memory=100 retry=1x120s environment=A",
            "join environment=A",
            "end environment=A",
        ],
    ),
    (("fanout:max_workers=1",), ["start", "work memory=100 retry=1x120s", "join", "end"]),
    (("retry", "retry"), ["start retry=3x120s", "work memory=100 retry=1x120s", "join retry=3x120s", "end retry=3x120s"]),
]  # fmt: skip


@pytest.mark.parametrize(("specs", "wanted"), STEPS)
def test_every_step_that_lacks_it_gets_it(specs: tuple[str, ...], wanted: list[str]) -> None:
    assert attached(*specs) == (wanted, [])


def test_a_step_that_cannot_catch_is_left_out() -> None:
    steps, faults = attached("catch:var=x")
    assert steps == ["start", "work memory=100 retry=1x120s catch=x", "join catch=x", "end catch=x"]
    assert faults == [
        "1:1 FC125 `--with catch` leaves out the step `start`, which splits over a foreach",
    ]


FAULTS = [
    ("retri", "1:1 FC104 flowc has no step decorator `retri`"),
    ("schedule:daily=true", "1:1 FC114 `schedule` is a flow decorator, and `--with` attaches to steps"),
    ("retry:tims=2", "1:7 FC105 `@retry` has no attribute `tims`"),
    ("retry:times=9", "1:13 FC107 `times` of `@retry` is 9, and must be from 0 to 4"),
    ('é\n:a="b', "1:1 FC104 flowc has no step decorator `é\n`"),
    ('environment:vars={"é": [1]},ü=1', "1:29 FC105 `@environment` has no attribute `ü`"),
    ("resources:memory=4Gi", '1:18 FC106 `memory` of `@resources` is a number of megabytes, without a unit, not `"4Gi"`'),
    ("retry:times", "1:7 FC502 `times` is no `attribute=value`"),
    ("timeout", "1:1 FC115 `@timeout` needs a duration: `seconds`, `minutes` or `hours`, which are added up"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "wanted"), FAULTS)
def test_faults_point_at_the_command_line(spec: str, wanted: str) -> None:
    steps, faults = attached(spec)
    assert faults == [wanted]
    assert steps == attached()[0]


def test_a_place_is_that_of_its_own_option() -> None:
    assert attached("retry", "timeout:second=5")[1] == ["2:9 FC105 `@timeout` has no attribute `second`"]


CONFLICTS = [
    (("retry:times=1", "retry:times=2"), "2:1 FC109 `retry` is attached twice"),
    (("batch", "kubernetes"), "2:1 FC132 `kubernetes` and `batch` are both attached, and a step can run on one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("specs", "wanted"), CONFLICTS)
def test_two_that_do_not_agree(specs: tuple[str, ...], wanted: str) -> None:
    assert attached(*specs)[1] == [wanted]


def test_what_is_written_above_a_step_counts_under_any_name() -> None:
    own = FLOW.replace("class F", "twice = retry(times=2)\n\nclass F").replace("@retry(times=1)", "@twice")
    assert attached("retry:times=4", flow=own)[0][1] == "work memory=100 retry=2x120s"


_NAMES = st.sampled_from(["retry", "catch", "environment", "secrets", "kubernetes", "card", "fanout", "x"])
_VALUES = st.text(max_size=12) | st.sampled_from(
    ["1", "-1", "1e999", "{}", '{"A": {"b": [1, null]}}', "[" * 3000, "NaN"]
)
_SPECS = st.builds(
    lambda name, pairs: f"{name}:" + ",".join("=".join(pair) for pair in pairs),
    _NAMES,
    st.lists(
        st.tuples(st.sampled_from(["times", "var", "vars", "sources", "image", "é"]), _VALUES), max_size=3
    ),
)


@given(st.lists(_SPECS | st.text(max_size=20), max_size=3))
def test_every_text_is_attached_or_reported_in_its_own_line(specs: list[str]) -> None:
    sink = Sink()
    analyze("flow.py", Sources(None, {"flow.py": FLOW}), Settings(decorators=tuple(specs)), sink)
    render("text", list(sink), Look(lambda file: file.path))
    own = [d.primary.span for d in sink if d.primary.span.file.path == "--with"]
    assert all(0 <= span.start <= span.end <= len(span.file.text) for span in own)


def test_fixes_are_for_files() -> None:
    sink = Sink()
    analyze("flow.py", Sources(None, {"flow.py": FLOW}), Settings(decorators=("retry:tims=2",)), sink)
    assert [d.fix for d in sink] == [None]
