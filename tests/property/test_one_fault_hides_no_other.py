"""Everything wrong is reported at once: a fault of a transition hides no other one, and makes no other one.

Random flows, with artifacts that may be missing, lost or in conflict, are checked as they are and with
one transition broken. What is then said of structure, artifacts and bounds was said of the whole
flow too, in the same words about the same place; and a fault planted anywhere is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from flowc.ir.graph import Foreach, Fork, Gang, Goto, simple_transitions
from tests.analysed import analyse
from tests.graphs import flow
from tests.strategies import flows

if TYPE_CHECKING:
    from flowc.ir.graph import Simple, Step

_NAMES = st.sampled_from(["w", "x", "y", "z", "typo"])
_EVENTS = st.one_of(
    st.builds("self.{} = {}".format, st.sampled_from("wxyz"), st.sampled_from(["1", "2", "[]", "f()"])),
    st.builds("print(self.{})".format, _NAMES),
    st.builds("if f(): self.{} = 3".format, st.sampled_from("wxyz")),
    st.builds("del self.{}".format, st.sampled_from("wxyz")),
)
_IN_JOIN = st.one_of(
    _EVENTS,
    st.just("self.merge_artifacts(inputs)"),
    st.builds("print(inputs[{}].{})".format, st.integers(0, 2), _NAMES),
    st.builds("self.{0} = [i.{0} for i in inputs]".format, _NAMES),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str]:
    """A flow file, and the same with one transition broken."""
    graph = flow(draw(flows(units=6, depth=3)))
    lines = [
        "from flowc import *",
        "from elsewhere import f",
        "class F(FlowSpec):",
        "    p = Parameter('p', default=1)",
    ]
    calls: list[int] = []
    for step in graph.steps.values():
        lines += [f"    {'@parallel' if step.spec.parallel else ''}", "    @step"]
        lines.append(f"    def {step.name}(self{', inputs' if step.is_join else ''}):")
        events = draw(st.lists(_IN_JOIN if step.is_join else _EVENTS, max_size=3))
        lines += ["        pass", *(f"        {event}" for event in events)]
        lines += _calls(step, calls, len(lines))
    source = "\n".join(lines) + "\n"
    number = draw(st.sampled_from(calls))
    lines[number] = draw(st.sampled_from(_breaks(lines[number])))
    return source, "\n".join(lines) + "\n"


def _calls(step: Step, calls: list[int], line: int) -> list[str]:
    """The end of a step: its `self.next` calls, by an `if` where there are several."""
    found: list[str] = []
    ways = [simple for _, simple in simple_transitions(step.transition)]
    for number, simple in enumerate(ways):
        indent = "    " * (2 + (len(ways) > 1))
        if len(ways) > 1:
            found.append(
                "        " + ("if f():" if number == 0 else "elif f():" if ways[number + 1 :] else "else:")
            )
        calls.append(line + len(found))
        found.append(indent + f"self.next({_arguments(simple)})")
    return found


def _arguments(simple: Simple) -> str:
    match simple:
        case Goto(target=target):
            return f"self.{target.value}"
        case Fork(targets=several):
            return ", ".join(f"self.{target.value}" for target in several)
        case Foreach(target=target):
            return f"self.{target.value}, foreach='{'wxyz'[len(target.value) % 4]}'"
        case Gang(target=target):
            return f"self.{target.value}, num_parallel=2"


def _breaks(call: str) -> list[str]:
    indent = call[: len(call) - len(call.lstrip())]
    first, closing = call.find("self.", len(indent) + 5), call.rfind(")")
    return [
        f"{indent}pass",
        f"{call[: first + 5]}q{call[first + 5 :]}",
        f"{call[: first + 5]}nowhere_at_all, {call[first:]}",
        f"{call[:closing]}, condition='x')",
        f"{call[:closing]}, fore='x')",
        f"{indent}self.next()",
        f"{call}; {call.lstrip()}",
    ]


def _said(source: str) -> set[tuple[str, object, int, str]]:
    """What is said of structure, artifacts and bounds."""
    return {
        (d.rule.code, d.severity, d.primary.span.line, d.message)
        for d in analyse(source)
        if d.rule.code.startswith(("FC3", "FC4"))
    }


@given(cases())
def test_a_broken_transition_makes_no_other_fault(case: tuple[str, str]) -> None:
    whole, broken = case
    assert "FC2" in {d.rule.code[:3] for d in analyse(broken)}
    assert _said(broken) <= _said(whole)


@given(cases(), st.randoms(use_true_random=False))
def test_a_broken_transition_hides_no_fault_of_another_step(case: tuple[str, str], random: object) -> None:
    broken = case[1].splitlines()
    places = [number for number, line in enumerate(broken) if line == "        pass"]
    place = random.choice(places)  # type: ignore[attr-defined]
    broken[place] = "        self.p = 2; self.g = (i for i in []); print(self.never)"
    found = {(d.rule.code, d.primary.span.line) for d in analyse("\n".join(broken) + "\n")}
    assert {("FC409", place + 1), ("FC411", place + 1)} <= found
