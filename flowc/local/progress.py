"""How far a local run is: tasks of each step, done and to be done, as the events tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
)
from flowc.local.events import Adopted, Anew, AttemptFailed, Finished, Line, Split, Started, Stopped, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.program import Program
    from flowc.ir.region import Block
    from flowc.local.events import Event


class Progress:
    """Counts by step. `expected` is None where only running tells: in an arm of a choice, in a loop."""

    def __init__(self, program: Program) -> None:
        self._by_head, sure = _places(program.body)
        self.done = dict.fromkeys(program.graph.steps, 0)
        self.adopted = 0
        self.adopted_by_step: dict[str, int] = {}
        self.anew: dict[str, dict[Why, int]] = {}
        self.running = 0
        self.expected: dict[str, int | None] = {
            step: 0 if step in sure else None for step in program.graph.steps
        }
        for step in self._by_head.get("", ()):
            self._expect(step, 1)

    def take(self, event: Event) -> None:
        """Count what happened."""
        match event:
            case Adopted(task=task):
                self.adopted += 1
                self.adopted_by_step[task.step] = self.adopted_by_step.get(task.step, 0) + 1
                self.done[task.step] += 1
            case Anew(task=task, why=why):
                reasons = self.anew.setdefault(task.step, {})
                reasons[why] = reasons.get(why, 0) + 1
            case Finished(task=task):
                self.running -= 1
                self.done[task.step] += 1
            case Started():
                self.running += 1
            case AttemptFailed() | Stopped():
                self.running -= 1
            case Split(step=step, count=count):
                for inner in self._by_head.get(step, ()):
                    self._expect(inner, count)
            case Line():
                pass
            case _:
                assert_never(event)

    @property
    def finished(self) -> int:
        """Tasks that have a result, taken over or not."""
        return sum(self.done.values())

    @property
    def known(self) -> int:
        """Tasks that are known to be needed in all, so far."""
        pairs = ((self.done[step], expected) for step, expected in self.expected.items())
        return sum(done if expected is None else max(done, expected) for done, expected in pairs)

    def _expect(self, step: str, count: int) -> None:
        expected = self.expected[step]
        if expected is not None:
            self.expected[step] = expected + count


def _places(body: Block) -> tuple[Mapping[str, list[str]], set[str]]:
    """The steps by the head of the innermost foreach or gang around them ("": none), and those sure to run there."""
    by_head: dict[str, list[str]] = {}
    sure: set[str] = set()
    waiting = [(body, "", True)]
    while waiting:
        block, head, certain = waiting.pop()
        for region in block.items:
            match region:
                case Run(step=step):
                    by_head.setdefault(head, []).append(step)
                    if certain:
                        sure.add(step)
                case ForkRegion(arms=arms):
                    waiting += [(arm, head, certain) for arm in arms]
                case ForeachRegion(head=inner, body=items) | GangRegion(head=inner, body=items):
                    waiting.append((items, inner, certain))
                case SwitchRegion(arms=choices):
                    waiting += [(arm.block, head, False) for arm in choices]
                case LoopRegion(body=again):
                    waiting.append((again, head, False))
                case Again() | Leave():
                    pass
                case _:
                    assert_never(region)
    return by_head, sure
