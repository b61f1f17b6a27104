"""Wiring: what the words say, and that the shim finds every task's inputs by them in random runs."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, cast

from hypothesis import assume, given
from hypothesis import strategies as st

from flowc.ir.graph import simple_transitions, targets
from flowc.ir.verify import verify_program
from flowc.runtime.edges import find_inputs, tell_successors
from tests.graphs import program
from tests.interpret import Interpreter, Task, TooLong
from tests.strategies import flows

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.runtime.records import Run


def check(text: str, expected: str) -> None:
    """`expected` has a line a step: its name, its inputs, `;`, what it tells."""
    wiring = program(text).wiring
    found = [f"{name}: {w.inputs}{f'; {w.tells}' if w.tells else ''}".strip() for name, w in wiring.items()]
    assert found == [line.strip() for line in expected.strip().splitlines()]


def test_chain() -> None:
    check("start -> a; a -> end", "start: \na: start\nend: a")


def test_fork_joins_its_arms_in_order() -> None:
    check(
        "start -> b, a; a -> c; c -> j; b -> j; join j -> end",
        """
        start:
        a: start
        c: a
        b: start
        j: b,c
        end: j
        """,
    )


def test_an_arm_with_several_ends_tells_the_join() -> None:
    check(
        "start -> a, b; a -> x | j; x -> j; b -> j; join j -> end",
        """
        start:
        a: start; j:a
        x: a; j:a
        b: start
        j: from:a,b
        end: j
        """,
    )


def test_foreach() -> None:
    check(
        "start -> foreach a; a -> b; b -> j; join j -> end",
        """
        start:
        a: ../start
        b: a
        j: b@start
        end: j
        """,
    )


def test_items_that_end_in_different_steps_tell_the_join() -> None:
    check(
        "start -> foreach a; a -> b | c; b -> j; c -> j; join j -> end",
        """
        start:
        a: ../start
        b: a; ../j
        c: a; ../j
        j: from@start
        end: j
        """,
    )


def test_a_step_after_a_choice_is_told() -> None:
    check(
        "start -> a | b | c; a -> c; b -> c; c -> end",
        """
        start: ; c
        a: start; c
        b: start; c
        c: from
        end: c
        """,
    )


def test_loop() -> None:
    check(
        "start -> work; work -> judge; judge -> work | done; done -> end",
        """
        start:
        work: start~from
        judge: work; work~+,done~-
        done: from
        end: done
        """,
    )


def test_a_loop_entered_in_several_ways_is_told_by_all() -> None:
    check(
        "start -> a | work; a -> work; work -> work | end",
        """
        start: ; work~0
        a: start; work~0
        work: from; work~+,end~-
        end: from
        """,
    )


def test_leaving_two_loops_and_going_on_with_the_outer_one() -> None:
    check(
        "start -> h; h -> i; i -> k; k -> i | h | out | next; next -> out; out -> end",
        """
        start:
        h: start~from
        i: h~from
        k: i; i~+,h~-+,out~--,next~--
        next: from; out
        out: from
        end: out
        """,
    )


def test_from_one_loop_into_another() -> None:
    check(
        "start -> a; a -> a | b; b -> b | end",
        """
        start:
        a: start~from; a~+,b~-0
        b: from; b~+,end~-
        end: from
        """,
    )


def test_a_loop_at_the_head_of_an_item_and_at_its_end() -> None:
    check(
        "start -> foreach a; a -> a | j; join j -> end",
        """
        start:
        a: ../start~from; a~+,../j~-
        j: from@start
        end: j
        """,
    )


def test_a_loop_at_the_end_of_an_arm() -> None:
    check(
        "start -> a, b; a -> a | j; b -> j; join j -> end",
        """
        start:
        a: start~from; a~+,j:a~-
        b: start
        j: from:a,b
        end: j
        """,
    )


def test_foreach_in_a_loop_keeps_its_visit() -> None:
    check(
        "start -> h; h -> foreach a; a -> j; join j -> h | end",
        """
        start:
        h: start~from
        a: ../h
        j: a@h; h~+,end~-
        end: from
        """,
    )
    assert program("start -> h; h -> foreach a; a -> j; join j -> h | end").wiring["a"].depth == 2


def test_names_are_spelled_in_ascii() -> None:
    check(
        "start -> é, b; é -> é | j; b -> j; join j -> end",
        """
        start:
        é: start~from; -xe9-~+,j:-xe9-~-
        b: start
        j: from:-xe9-,b
        end: j
        """,
    )


class Engine:
    """The store of a run as the shim's own functions see it, in two dictionaries."""

    def __init__(self, items: dict[Task, int]) -> None:
        self._items = items
        self._done: set[Task] = set()
        self._told: dict[tuple[str, str, str | None], tuple[str, str]] = {}

    def finish(self, task: Task) -> None:
        self._done.add(task)

    def finished(self, step: str, path: str) -> dict[str, object]:
        task = Task(step, path)
        assert task in self._done, f"{task} has not run"
        return {"task": task, "splits": self._items.get(task)}

    def told(self, step: str, path: str, label: str | None = None) -> tuple[str, str]:
        return self._told[step, path, label]

    def tell(self, step: str, path: str, label: str | None, task: tuple[str, str]) -> None:
        assert (step, path, label) not in self._told, "told twice"
        self._told[step, path, label] = task


def words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def run_checked(made: Program, seed: int) -> None:
    """A random run: the shim finds every task's inputs, and they are those of the interpreter."""
    interpreter = Interpreter(made, Random(seed).randrange)  # noqa: S311 - chooses ways, no secrets
    engine = Engine(interpreter.items)
    run = cast("Run", engine)
    for (step, path), before, key in interpreter.visits:
        wiring = made.wiring[step]
        found = find_inputs(run, step, path, words(wiring.inputs))
        assert tuple(record["task"] for record in found) == before
        engine.finish(Task(step, path))
        following = [
            target.value
            for arm, simple in simple_transitions(made.graph.steps[step].transition)
            for target in targets(simple)
            if arm == key
        ]
        tell_successors(run, step, path, words(wiring.tells), following)


@given(flows(), st.integers(0, 2**32))
def test_every_task_finds_its_inputs(text: str, seed: int) -> None:
    made = program(text)
    verify_program(made)
    try:
        run_checked(made, seed)
    except TooLong:
        assume(False)
