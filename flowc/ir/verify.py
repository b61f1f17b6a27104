"""The invariants of the intermediate representation, checked between passes (always in tests).

`InvalidProgram` is a bug of ours, never a user's fault: it says which invariant is broken.

The regions of a program must say the same as its graph: `reading` reads them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto, key_of, simple_transitions, targets
from flowc.ir.reading import InvalidProgram, Reading, must

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.program import Program

__all__ = ["InvalidProgram", "verify_graph", "verify_program"]


def verify_graph(graph: FlowGraph) -> None:
    """Check a graph as the front end gives it. Raises InvalidProgram."""
    must(graph.start in graph.steps, f"the first step {graph.start} is not there")
    must(graph.end in graph.steps, f"the last step {graph.end} is not there")
    must(isinstance(graph.steps[graph.end].transition, Finish), f"{graph.end} has a transition")
    for name, step in graph.steps.items():
        must(name == step.name, f"{step.name} is listed as {name}")
        _verify_transition(graph, step)


def _verify_transition(graph: FlowGraph, step: Step) -> None:
    broken = step.name in graph.broken
    match step.transition:
        case Choose(arms=arms):
            keys = [arm.key for arm in arms]
            must(len(arms) > 1 or broken, f"{step.name} chooses among fewer than two arms")
            must(len(set(keys)) == len(keys), f"{step.name} has two arms with one key")
            for arm in arms:
                must(arm.key == key_of(arm.then), f"{step.name} calls an arm {arm.key}")
        case Fork(targets=several):
            names = {target.value for target in several}
            must(len(names) == len(several) > 1, f"{step.name} splits to {names}")
        case Finish() | Goto() | Foreach() | Gang():
            pass
    for _, simple in simple_transitions(step.transition):
        for target in targets(simple):
            must(target.value in graph.steps, f"{step.name} goes to {target.value}, which is no step")


def verify_program(program: Program) -> None:
    """Check a program and its graph. Raises InvalidProgram."""
    verify_graph(program.graph)
    must(not program.graph.broken | program.graph.unsettled, "a program comes from a flow with faults")
    reading = Reading(program)
    reading.read()
    for step in program.graph.steps.values():
        must(step.name in reading.depths, f"{step.name} stands in no region")
        reading.follow(step)
    extra = reading.ways.keys() - reading.followed
    must(not extra, f"the regions say more than the graph: {sorted(map(str, extra))[:3]}")
    _verify_wiring(program, reading.depths)


def _verify_wiring(program: Program, depths: dict[str, tuple[int, bool]]) -> None:
    """Every step that is told is told by some step before it, and only such a step is."""
    told: set[str] = set()
    for name, wiring in program.wiring.items():
        must((wiring.depth, wiring.in_foreach) == depths[name], f"{name} is wired at depth {wiring.depth}")
        told.update(filter(None, wiring.tells.split(",")))
    names = {word.removeprefix("../").partition("~")[0].partition(":")[0] for word in told}
    for name in program.graph.steps:
        must(name in program.wiring, f"{name} is not wired")
        inputs = program.wiring[name].inputs
        must(bool(inputs) == (name != program.graph.start), f"{name} has the inputs {inputs!r}")
        must(
            (contract.FROM in _words(inputs)) == (contract.escape_name(name) in names),
            f"{name} is told in vain",
        )


def _words(inputs: str) -> set[str]:
    for mark in ",~@:":
        inputs = inputs.replace(mark, " ")
    return set(inputs.split())
