"""Where a step's attributes were assigned, for the message about one that cannot be stored."""

from __future__ import annotations

from typing import Any

from flowc.dsl import FlowSpec


class Flow(FlowSpec):
    """Assigns in every way there is."""

    def assign(self) -> None:
        self.plain = 1
        self.plain, self.other = 2, 3
        setattr(self, "by name", 4)
        self.helped()

    def helped(self) -> None:
        self.below = 5


def test_the_last_assignment_counts() -> None:
    flow: Any = object.__new__(Flow)
    lines: dict[str, tuple[str, int]] = {}
    flow.__dict__["_flowc_lines"] = lines
    first = Flow.assign.__code__.co_firstlineno
    flow.assign()
    assert {name: (file, line - first) for name, (file, line) in lines.items()} == {
        "plain": (__file__, 2),
        "other": (__file__, 2),
        "by name": (__file__, 3),
        "below": (__file__, 7),
    }


def test_an_instance_that_runs_no_step_notes_nothing() -> None:
    flow = Flow(use_cli=False)
    flow.assign()
    assert "_flowc_lines" not in vars(flow)
