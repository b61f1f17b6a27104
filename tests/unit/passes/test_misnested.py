"""Splits and loops that do not fit into one another: each fault once, with the places involved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.ir.program import Program
from flowc.ir.verify import verify_program
from flowc.passes.reachability import check_reachability
from flowc.passes.structure import explain
from flowc.passes.structure.regions import structure
from flowc.passes.wiring import wire
from flowc.records import replace
from flowc.source import SourceFile, Span
from tests.faults import check, faults, told
from tests.graphs import flow
from tests.strategies import flows, sketches


def test_arms_meet_in_a_step_that_is_no_join() -> None:
    check(
        "start -> a, b\na -> c\nb -> c\nc -> end  # FC319 the arms `a` and `b` of the split in `start` meet in `c`"
    )


def test_arms_meet_deep_inside() -> None:
    check("start -> a, b\na -> foreach w\nw -> c\nb -> c\nc -> end  # FC319 the arms `a` and `b`")


def test_the_last_step_of_a_split_may_be_its_join() -> None:
    (found,) = faults("start -> foreach a\na -> b\nb -> end")
    assert found.rule.code == "FC306"
    assert found.helps[0] == "is `b` to join them? Then write `def b(self, inputs)`"
    for unlikely in ("start -> foreach a\na -> end", "start -> foreach a\na -> b | c\nb -> end\nc -> end"):
        (found,) = faults(unlikely)
        assert len(found.helps) == 1


def test_missing_inputs_shows_all_places() -> None:
    (found,) = faults("start -> a, b\na -> c\nb -> c\nc -> end")
    assert told(found) == (
        "FC319 the arms `a` and `b` of the split in `start` meet in `c`, which takes no `inputs`\n"
        "  4: c: is no join: it takes only `self`\n"
        "  1: a, b: the split begins here\n"
        "  2: c: `a` goes to `c`\n"
        "  3: c: `b` goes to `c`\n"
        "  help: make it a join: `def c(self, inputs)`"
    )


def test_a_split_that_is_never_joined() -> None:
    check("start -> a, b  # FC306 the split in `start` is not joined before `end`\na -> end\nb -> end")
    check("start -> foreach a  # FC306 the foreach in `start`\na -> end")


def test_an_inner_split_that_is_never_joined() -> None:
    check(
        "start -> foreach a  # FC306 the foreach in `start` is not joined before `end`\n"
        "a -> foreach b  # FC306 the foreach in `a`\n"
        "b -> end"
    )
    check("start -> foreach a  # FC306 the foreach in `start`\na -> foreach b\nb -> j\njoin j -> end")


def test_a_join_without_a_split() -> None:
    check("start -> a\na -> j\njoin j -> end  # FC307 `j` is a join, but no split before it is open")


def test_a_join_of_different_splits() -> None:
    check(
        "start -> a, b\na -> c, d\nb -> j\nc -> j\nd -> j\n"
        "join j -> end  # FC308 `b` from the split in `start`, `c` and `d` from the split in `a`"
    )
    check(
        "start -> p | q\np -> a, b\nq -> c, d\na -> j\nb -> j\nc -> j\nd -> j\n"
        "join j -> end  # FC308 `a` and `b` from the split in `p`, `c` and `d` from the split in `q`"
    )


def test_a_join_entered_from_no_split() -> None:
    check("start -> foreach a | x\na -> j\nx -> j\njoin j -> end  # FC308 `x` from no split")


def test_an_arm_that_does_not_reach_the_join() -> None:
    text = "start -> a, b\na -> j\nb -> end\njoin j -> end  # FC309 the arm `b` of the split in `start`"
    check(text)
    assert [(label.span.line, label.text) for label in faults(text)[0].secondary] == [
        (1, "the split begins here"),
        (3, "`b` goes to `end` instead"),
    ]


def test_an_arm_that_can_pass_by_its_join() -> None:
    check("start -> a, b\na -> j\nb -> j | x  # FC309 can pass by its join `j`\nx -> end\njoin j -> x")
    check("start -> foreach a\na -> j | end  # FC309 an item of the foreach in `start`\njoin j -> end")


def test_a_split_with_several_joins() -> None:
    check(
        "start -> foreach a  # FC309 the foreach in `start` ends in several joins: `j` and `k`\n"
        "a -> j | k\njoin j -> end\njoin k -> end"
    )


def test_a_step_entered_by_a_split_and_otherwise() -> None:
    check(
        "start -> a | f\nf -> a, b  # FC321 `a` is entered from `start` and by the split in `f`\n"
        "a -> j\nb -> j\njoin j -> end"
    )
    check("start -> foreach a | a  # FC321 by the foreach in `start`\na -> j\njoin j -> end")


def test_a_loop_out_of_a_split() -> None:
    check("start -> h\nh -> a, b\na -> h | j  # FC316 outside of its split\nb -> j\njoin j -> end")


def test_a_loop_into_a_split() -> None:
    check("start -> h\nh -> a, b\na -> j\nb -> j\njoin j -> a | end  # FC316 not open any more")


def test_a_loop_back_by_a_split() -> None:
    check("start -> h\nh -> t\nt -> h, x  # FC316 `t` goes back to `h` by a split\nx -> end")


def test_a_loop_back_to_a_join() -> None:
    check("start -> a, b\na -> j\nb -> j\njoin j -> k\nk -> j | end  # FC317 the join `j`")


def test_a_loop_entered_in_the_middle() -> None:
    check("start -> a | b  # FC315 `start` enters the loop of `a` at `b`\na -> b\nb -> a | end")


def test_a_loop_entered_in_the_middle_of_another() -> None:
    check("start -> h\nh -> a | b  # FC315 in the middle\na -> b | h\nb -> a | end")


def test_a_split_out_of_a_loop() -> None:
    check(
        "start -> h\nh -> h | a, b  # FC318 `h` leaves the loop of `h` by a split\na -> j\nb -> j\njoin j -> end"
    )
    check("start -> h\nh -> t\nt -> h | foreach a  # FC318 by a foreach\na -> j\njoin j -> end")


def test_the_missing_parameter_is_offered_where_it_is_sure() -> None:
    def fixed(text: str) -> str | None:
        file = SourceFile("f.py", text)
        step = next(iter(flow("start -> end").steps.values()))
        fix = explain._add_inputs(replace(step, span=Span(file, 4, 8)))
        return (
            text[: fix.edits[0].span.start] + fix.edits[0].text + text[fix.edits[0].span.end :]
            if fix
            else None
        )

    assert fixed("def join(self):") == "def join(self, inputs):"
    assert fixed("def join( this ) -> None:") == "def join( this, inputs ) -> None:"
    assert fixed("def join(self, /):") is None


def test_a_loop_entered_in_the_middle_inside_one_around_the_first_step() -> None:
    check("start -> a | b  # FC315 at `b`\na -> b\nb -> a | start | end  # FC304 `b` goes to `start`")


@given(sketches())
def test_any_graph_is_structured_or_explained(text: str) -> None:
    structured_or_explained(text)


@given(flows(), st.data())
def test_any_edit_of_a_flow_is_structured_or_explained(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    names = [line.removeprefix("join ").split()[0].partition("[")[0] for line in lines]
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        head, _, ways = lines[number].partition(" -> ")
        other = data.draw(st.sampled_from([*names, "end"]))
        lines[number] = data.draw(
            st.sampled_from([
                f"{head} -> {other}",
                f"{head} -> {ways} | {other}" if other not in ways else lines[number],
                f"{head} -> foreach {other}",
                f"{head.removeprefix('join ')} -> {ways}",
                f"join {head.removeprefix('join ')} -> {ways}",
            ])
        )  # fmt: skip
    structured_or_explained("\n".join(lines))


def structured_or_explained(text: str) -> None:
    sink = Sink()
    graph = check_reachability(flow(text), sink)
    body = structure(graph, sink)
    assert body is not None or sink.has_errors
    if body is not None and not sink.has_errors:
        verify_program(Program(graph=graph, body=body, wiring=wire(graph, body)))
