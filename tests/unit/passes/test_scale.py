"""Large flows: no recursion limit anywhere, and work that grows as the flow does.

Work is counted in executed lines, which depend on neither the machine nor its load. A flow ten
times as large may take at most twelve times the lines.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from flowc.diagnostics.model import Sink
from flowc.ir.print import print_program
from flowc.ir.verify import verify_program
from flowc.passes.reachability import check_reachability
from flowc.passes.structure.regions import structure
from flowc.passes.wiring import wire
from tests.graphs import flow, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from _typeshed import TraceFunction

    from flowc.ir.graph import FlowGraph


def chain(n: int) -> str:
    return "\n".join(["start -> s0", *(f"s{i} -> s{i + 1}" for i in range(n)), f"s{n} -> end"])


def forks(n: int) -> str:
    rows = [f"s{i} -> a{i}, b{i}\na{i} -> s{i + 1}\nb{i} -> s{i + 1}\njoin " for i in range(n)]
    return f"start -> a, b\na -> s0\nb -> s0\njoin {''.join(rows)}s{n} -> end"


def choices(n: int) -> str:
    rows = [f"s{i} -> a{i} | b{i}\na{i} -> s{i + 1}\nb{i} -> s{i + 1}" for i in range(n)]
    return "\n".join(["start -> s0", *rows, f"s{n} -> end"])


def nested(n: int, split: str, join: str) -> str:
    down = [f"s{i} -> {split.format(i=i, next=i + 1)}" for i in range(n)]
    up = [f"{join}j{i} -> {f'j{i - 1}' if i else 'end'}" for i in range(n)]
    other = [f"b{i} -> j{i}" for i in range(n)] if "b{i}" in split else []
    return "\n".join(["start -> s0", *down, f"s{n} -> j{n - 1}", *other, *up])


def nested_foreaches(n: int) -> str:
    return nested(n, "foreach s{next}", "join ")


def nested_forks(n: int) -> str:
    return nested(n, "s{next}, b{i}", "join ")


def nested_choices(n: int) -> str:
    return nested(n, "s{next} | b{i}", "")


def nested_loops(n: int) -> str:
    down = [f"s{i} -> s{i + 1}" for i in range(n)]
    up = [f"t{i} -> s{i} | {f't{i - 1}' if i else 'end'}" for i in range(n)]
    return "\n".join(["start -> s0", *down, f"s{n} -> t{n - 1}", *up])


def exits_to_one_step(n: int) -> str:
    return "\n".join(
        ["start -> s0", *(f"s{i} -> s{i + 1} | fail" for i in range(n)), f"s{n} -> fail\nfail -> end"]
    )


def exits_of_one_loop(n: int) -> str:
    return "\n".join(
        ["start -> s0", *(f"s{i} -> s{i + 1} | s0 | end" for i in range(n)), f"s{n} -> s0 | end"]
    )


def shared_arms(n: int) -> str:
    rows = [f"a{i} -> a{i + 1} | b{i + 1}\nb{i} -> a{i + 1} | b{i + 1}" for i in range(n)]
    return "\n".join(["start -> a0 | b0", *rows, f"a{n} -> end\nb{n} -> end"])


def loops_in_a_row(n: int) -> str:
    return "\n".join(["start -> s0", *(f"s{i} -> s{i} | s{i + 1}" for i in range(n)), f"s{n} -> end"])


SHAPES = [
    chain, forks, choices, nested_foreaches, nested_forks, nested_choices, nested_loops,
    exits_to_one_step, exits_of_one_loop, shared_arms, loops_in_a_row,
]  # fmt: skip


def compile_graph(graph: FlowGraph) -> None:
    sink = Sink()
    body = structure(check_reachability(graph, sink), sink)
    assert body is not None
    assert not sink.has_errors
    wire(graph, body)


def lines_of(action: Callable[[], None]) -> int:
    """How many lines of Python an action executes."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_work_is_near_linear(shape: Callable[[int], str]) -> None:
    small, large = (flow(shape(n)) for n in (40, 400))
    assert lines_of(lambda: compile_graph(large)) < 12 * lines_of(lambda: compile_graph(small))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_depth_is_no_limit(shape: Callable[[int], str]) -> None:
    made = program(shape(2000))
    verify_program(made)
    assert print_program(made).count("\n") > 2000


@pytest.mark.slow
@pytest.mark.parametrize("shape", [chain, exits_to_one_step], ids=lambda shape: shape.__name__)
def test_ten_thousand_steps(shape: Callable[[int], str]) -> None:
    compile_graph(flow(shape(10_000)))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [forks, choices], ids=lambda shape: shape.__name__)
def test_five_thousand_diamonds(shape: Callable[[int], str]) -> None:
    compile_graph(flow(shape(5_000)))


def test_many_faults_are_found_as_fast() -> None:
    def explain(n: int) -> Callable[[], None]:
        rows = [f"s{i} -> a{i}, b{i}\na{i} -> s{i + 1}\nb{i} -> s{i + 1}" for i in range(n)]
        graph = flow("\n".join(["start -> s0", *rows, f"s{n} -> end"]))
        sink = Sink()

        def run() -> None:
            assert structure(graph, sink) is None

        return run

    assert lines_of(explain(300)) < 12 * lines_of(explain(30))
