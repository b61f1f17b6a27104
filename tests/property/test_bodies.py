"""What a method does when it runs is a path of the graph that was read from it.

Random bodies run in plain Python on an object that records what is done to it; their decisions,
the lengths of their loops and the places where they raise come from a list of random numbers. The
record must be accepted by the graph, and a run that returns without `self.next` must be one that the
compiler warns of.
"""

from __future__ import annotations

import contextlib
import textwrap
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from flowc.frontend.body.flow_class import ClassContext
from flowc.frontend.body.method import read_body
from flowc.frontend.declare import declare
from flowc.frontend.folding.constants import Folder
from flowc.frontend.transitions.paths import called_twice, missing_path
from flowc.ir.body import Ending, Next, Read, Write
from tests.declaring import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.frontend.body.method import Reading
    from flowc.ir.body import Event, MethodBody

_SIMPLE = (
    "self.a = self.b",
    "self.b = 1",
    "boom()",
    "self.c = flip() and self.a",
    "self.a = self.b if flip() else self.c",
    "x = [self.a for _ in many() if flip()]",
    "self.a += 1",
    "boom(self.c)",
    "self.next(self.end)",
    "self.next(self.other)",
    "return",
    "raise ValueError",
    "assert flip()",
    "if flip(): return self.next(self.end)",
)
_IN_LOOP = ("break", "continue", "if flip(): break", "if flip(): continue")


def _suite(body: str) -> str:
    return textwrap.indent(body, "    ")


@st.composite
def bodies(draw: st.DrawFn, depth: int = 3, in_loop: bool = False) -> str:
    simple = st.sampled_from(_SIMPLE + (_IN_LOOP if in_loop else ()))
    count = draw(st.integers(1, 3))
    return "\n".join(
        draw(_compound(depth, in_loop) if depth and draw(st.booleans()) else simple) for _ in range(count)
    )


@st.composite
def _compound(draw: st.DrawFn, depth: int, in_loop: bool) -> str:
    def suite(loop: bool = in_loop) -> str:
        return _suite(draw(bodies(depth - 1, loop)))

    match draw(st.integers(0, 9)):
        case 0:
            return f"if flip():\n{suite()}"
        case 1:
            return (
                f"if flip() and self.a:\n{suite()}\nelif not flip() or self.b:\n{suite()}\nelse:\n{suite()}"
            )
        case 2:
            return f"while flip():\n{suite(True)}\nelse:\n{suite()}"
        case 3:
            return f"for x in many():\n{suite(True)}\nelse:\n{suite()}"
        case 4:
            return f"for x in (1, 2):\n{suite(True)}"
        case 5:
            return f"try:\n{suite()}\nexcept ValueError:\n{suite()}\nelse:\n{suite()}"
        case 6:
            return f"try:\n{suite()}\nfinally:\n{suite(False)}"
        case 7:
            return (
                f"try:\n{suite()}\nexcept (KeyError, ValueError) as e:\n{suite()}\nfinally:\n{suite(False)}"
            )
        case 8:
            return f"with suppress(ValueError):\n{suite()}"
        case _:
            return f"match pick():\n    case 0:\n{_suite(suite())}\n    case 1 if flip():\n{_suite(suite())}\n    case _:\n{_suite(suite())}"


class Recorder:
    """Stands for the flow: records reads and writes of `a`, `b`, `c`, and the calls of `self.next`."""

    trace: list[tuple[str, str]]

    def __init__(self) -> None:
        object.__setattr__(self, "trace", [])

    def __getattr__(self, name: str) -> object:
        if name in ("end", "other"):
            return name
        self.trace.append(("read", name))
        return 1

    def __setattr__(self, name: str, value: object) -> None:
        self.trace.append(("write", name))

    def next(self, target: str) -> None:
        self.trace.append(("next", target))


class Stop(BaseException):
    """A run that takes too long."""


def run(body: str, choices: list[int]) -> tuple[list[tuple[str, str]], bool]:
    """The record of one run, and whether it returned."""
    numbers: Iterator[int] = iter(choices)

    def draw(limit: int) -> int:
        number = next(numbers, None)
        if number is None:
            raise Stop
        return number % limit

    def boom(*_: object) -> None:
        if draw(3) == 0:
            raise ValueError

    names: dict[str, Any] = {
        "flip": lambda: bool(draw(2)),
        "many": lambda: list(range(draw(3))),
        "pick": lambda: draw(3),
        "boom": boom,
        "suppress": contextlib.suppress,
    }
    exec(f"def method(self):\n{_suite(body)}", names)  # noqa: S102 - the test's own text
    flow = Recorder()
    try:
        names["method"](flow)
    except (ValueError, AssertionError, Stop):
        return flow.trace, False
    return flow.trace, True


def read(body: str) -> Reading:
    source = "from contextlib import suppress\nfrom flowc import *\nclass F(FlowSpec):\n    @step\n    def start(self):\n"
    steps = "".join(f"    @step\n    def {name}(self): pass\n" for name in ("other", "end"))
    project = written(source + textwrap.indent(body, "        ") + "\n" + steps)
    decl = declare(project, None, project.sink)
    assert decl is not None
    return read_body(ClassContext(decl, Folder(project)), decl.steps[0])


def frozen(reading: Reading) -> MethodBody:
    keys = {call: tuple(str(a.attribute) for a in call.arguments) for call in reading.draft.next_calls()}
    return reading.draft.freeze("start", None, keys)  # type: ignore[arg-type]


def _letter(event: Event) -> tuple[str, str] | None:
    match event:
        case Read(name=name):
            return "read", name
        case Write(name=name):
            return "write", name
        case Next(key=key):
            return "next", key
        case _:
            return None


def accepts(body: MethodBody, trace: list[tuple[str, str]], *, returned: bool) -> bool:
    """Whether the graph has a path with these events, to a return if the run returned."""
    states = _spread(body, {(0, 0)})
    for letter in trace:
        moved = {
            (b, i + 1) for b, i in states if i < len(body.blocks[b].events) and _at(body, b, i) == letter
        }
        states = _spread(body, moved)
    if not returned:
        return bool(states)
    return any(body.blocks[b].ending is Ending.RETURN and i == len(body.blocks[b].events) for b, i in states)


def _at(body: MethodBody, block: int, index: int) -> tuple[str, str] | None:
    return _letter(body.blocks[block].events[index])


def _spread(body: MethodBody, states: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """All places reached without a recorded event."""
    found = set(states)
    waiting = list(states)
    while waiting:
        number, index = waiting.pop()
        block = body.blocks[number]
        if index < len(block.events):
            following = [(number, index + 1)] if _at(body, number, index) is None else []
        else:
            following = [(target, 0) for target in block.successors]
        for place in following:
            if place not in found:
                found.add(place)
                waiting.append(place)
    return found


@given(bodies(), st.lists(st.integers(0, 5), max_size=40))
def test_run_is_path(body: str, choices: list[int]) -> None:
    reading = read(body)
    trace, returned = run(body, choices)
    assert accepts(frozen(reading), trace, returned=returned), f"{body}\n{trace} {returned}"


@given(bodies(), st.lists(st.integers(0, 5), max_size=40))
def test_missing_next_is_found(body: str, choices: list[int]) -> None:
    reading = read(body)
    trace, returned = run(body, choices)
    if returned and not any(kind == "next" for kind, _ in trace):
        assert missing_path(reading.draft) is not None, body


@given(bodies(), st.lists(st.integers(0, 5), max_size=40))
def test_second_next_is_found(body: str, choices: list[int]) -> None:
    if "except" in body or "suppress" in body:
        return  # what is caught after `self.next` is left alone
    reading = read(body)
    trace, returned = run(body, choices)
    if returned and sum(kind == "next" for kind, _ in trace) > 1:
        assert called_twice(reading.draft), body
