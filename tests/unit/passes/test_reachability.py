"""What is judged of single steps and edges."""

from __future__ import annotations

from flowc.diagnostics.model import Sink
from flowc.passes.reachability import check_reachability
from flowc.records import replace
from tests.faults import check, faults, told
from tests.graphs import flow


def test_nothing_leads_to_a_step() -> None:
    check("start -> end\nx -> end  # FC303 no step leads to `x`")


def test_unreached_steps_are_reported_where_they_begin() -> None:
    text = "start -> end\nx -> y  # FC303 `x`\ny -> z\nz -> end\nq -> q | r  # FC303 only leads to itself\nr -> end"
    check(text)
    assert faults(text)[0].notes == ("nor does any path lead to `y` and `z`, after `x`",)


def test_unreached_steps_are_left_out() -> None:
    graph = check_reachability(flow("start -> a\na -> end\nx -> a"), Sink())
    assert list(graph.steps) == ["start", "a", "end"]


def test_a_cycle_that_nothing_enters() -> None:
    check("start -> end\nx -> y  # FC303 `x` and `y`, which only lead to each other\ny -> x | end")


def test_unreached_is_no_news_after_a_wrong_transition() -> None:
    sink, graph = Sink(), replace(flow("start -> end\nx -> end"), broken=frozenset({"start"}))
    assert check_reachability(graph, sink) is graph
    assert not list(sink)


def test_something_leads_to_the_first_step() -> None:
    check("start -> a\na -> start | end  # FC304 `a` goes to `start`")


def test_the_last_step_is_a_join() -> None:
    text = "start -> a, b\na -> end\nb -> end\njoin end  # FC305 the last step `end` is a join"
    check(text)
    assert [label.span.line for label in faults(text)[0].secondary] == [2, 3]


def test_the_first_step_is_a_join() -> None:
    check("join start -> end  # FC307 the first step `start` is a join")


def test_a_foreach_goes_straight_to_its_join() -> None:
    check("start -> foreach j  # FC310 the foreach in `start` goes straight to the join `j`\njoin j -> end")


def test_an_arm_goes_straight_to_its_join() -> None:
    check("start -> a, j  # FC310 the split in `start`\na -> j\njoin j -> end")


def test_parallel_without_a_gang() -> None:
    check("start -> a\na[parallel] -> end  # FC311 `start` goes to it without `num_parallel`")
    check("start -> foreach a\na[parallel] -> j  # FC311 `a` has `@parallel`\njoin j -> end")


def test_a_gang_without_parallel() -> None:
    check("start -> gang a  # FC312 `start` starts `a` as a gang\na -> j\njoin j -> end")


def test_a_gang_step_is_followed_by_a_join() -> None:
    check(
        "start -> gang a\na[parallel] -> b  # FC313 goes on to `b`, which is no join\nb -> j\njoin j -> end"
    )
    check("start -> gang a\na[parallel] -> j | b  # FC313 chooses its next step\nb -> j\njoin j -> end")
    check(
        "start -> gang a\na[parallel] -> foreach b  # FC313 splits again\nb -> k\njoin k -> j\njoin j -> end"
    )


def test_a_gang_that_goes_on_is_not_said_to_lack_a_join_as_well() -> None:
    check("start -> gang a\na[parallel] -> b  # FC313 goes on to `b`, which is no join\nb -> end")
    check("start -> gang a\na[parallel] -> b | end  # FC313 chooses its next step\nb -> end")


def test_an_endless_loop() -> None:
    check("start -> a\na -> b\nb -> a  # FC314 the loop of `a` and `b` never ends")
    check("start -> a | end\na -> a  # FC314 the loop of `a` with itself never ends")


def test_an_endless_loop_says_where_it_begins_and_goes_back() -> None:
    (found,) = faults("start -> a | end\na -> b\nb -> c\nc -> b")
    assert told(found) == (
        "FC314 the loop of `b` and `c` never ends: none of its steps leads out\n"
        "  4: b: goes back to `b`\n"
        "  3: b: the loop begins here\n"
        "  help: let `c` choose between `b` and a step that leads to `end`"
    )


def test_a_step_that_stops_the_flow() -> None:
    check("start -> a | b\na -> end\nb  # FC320 `b` never goes on to `end`")


def test_everything_at_once() -> None:
    check(
        """start -> gang g | s | foreach f  # FC312 gang
g -> j
join j -> s
s -> s  # FC314 `s` with itself
f -> k
join k -> end
x -> end  # FC303 `x`"""
    )
