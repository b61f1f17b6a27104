"""Random flows for property tests, as the text of `tests.graphs`, so that a failure shrinks to a sketch.

`flows()` gives flows that flowc takes, put together from units: a step, a fork, a foreach, a
gang, a choice whose arms may share what follows or skip it, a loop with any number of ways out
and on. `sketches()` gives arbitrary text of the same form, mostly wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[st.SearchStrategy[int]], int]


class _Sketch:
    """Steps as they grow: each one's ways on, in order, and whether it is a join."""

    def __init__(self, draw: Draw, units: int) -> None:
        self._draw = draw
        self._units = units
        self.ways: dict[str, list[str]] = {}
        self.joins: set[str] = set()
        self.gangs: set[str] = set()

    def text(self) -> str:
        return "\n".join(
            f"{'join ' if name in self.joins else ''}{name}{'[parallel]' if name in self.gangs else ''}"
            f" -> {' | '.join(ways)}"
            for name, ways in self.ways.items()
        )

    def any_of(self, count: int) -> int:
        return self._draw(st.integers(0, count - 1))

    def step(self, ends: list[str], prefix: str = "s") -> str:
        """A new step that all of `ends` go to."""
        name = f"{prefix}{len(self.ways)}" if self.ways else "start"
        self.ways[name] = []
        self.lead(ends, name)
        return name

    def lead(self, ends: list[str], target: str) -> None:
        for end in dict.fromkeys(ends):
            if target not in self.ways[end]:
                self.ways[end].append(target)

    def block(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        """One to three units after `ends`; the steps that go on from there."""
        for _ in range(1 + self.any_of(3)):
            ends = self.unit(ends, loops, depth)
        return ends

    def unit(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        kinds = [self._plain, self._fork, self._foreach, self._gang, self._switch, self._loop]
        if depth <= 0 or self._units <= 0:
            return self._plain(ends, loops, depth)
        self._units -= 1
        return kinds[self.any_of(len(kinds))](ends, loops, depth - 1)

    def _plain(self, ends: list[str], loops: list[_Loop], _depth: int) -> list[str]:
        step = self.step(ends)
        self._maybe_jump(step, loops)
        return [step]

    def _maybe_jump(self, step: str, loops: list[_Loop]) -> None:
        """Let a step also leave, or go on with, any of the loops around it."""
        if not loops or self.any_of(4):
            return
        loop = loops[self.any_of(len(loops))]
        if self.any_of(2):
            loop.leaving.append(step)
        else:
            self.lead([step], loop.head)

    def _after_split(self, head: str, join: str, loops: list[_Loop]) -> list[str]:
        """What follows a join; the head of the split may also go there without splitting."""
        self._maybe_jump(join, loops)
        return [join] if self.any_of(3) else [join, head]

    def _fork(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        head = self.step(ends)
        firsts = [self.step([]) for _ in range(2 + self.any_of(2))]
        self.ways[head].append(", ".join(firsts))
        arms = [end for first in firsts for end in self._body(first, depth)]
        join = self.step(arms, "j")
        self.joins.add(join)
        return self._after_split(head, join, loops)

    def _foreach(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        head = self.step(ends)
        first = self.step([])
        self.ways[head].append(f"foreach {first}")
        join = self.step(self._body(first, depth), "j")
        self.joins.add(join)
        return self._after_split(head, join, loops)

    def _gang(self, ends: list[str], loops: list[_Loop], _depth: int) -> list[str]:
        head = self.step(ends)
        ranks = self.step([], "g")
        self.gangs.add(ranks)
        self.ways[head].append(f"gang {ranks}")
        join = self.step([ranks], "j")
        self.joins.add(join)
        return self._after_split(head, join, loops)

    def _body(self, first: str, depth: int) -> list[str]:
        """What a branch that begins with `first` does; now and then that is the head of a loop."""
        if not self.any_of(4):
            return self._loop_from(first, [], depth)
        return self.block([first], [], depth) if self.any_of(3) else [first]

    def _switch(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        head = self.step(ends)
        after: list[str] = []
        shared: list[str] = []
        for _ in range(2 + self.any_of(2)):
            first = self.step([head, *shared])
            arm = self.block([first], loops, depth) if self.any_of(2) else [first]
            shared = arm if self.any_of(3) == 0 else []  # they also go on in the next arm
            after += arm
        return after if self.any_of(3) else [*after, head]

    def _loop(self, ends: list[str], loops: list[_Loop], depth: int) -> list[str]:
        return self._loop_from(self.step(ends), loops, depth)

    def _loop_from(self, head: str, loops: list[_Loop], depth: int) -> list[str]:
        loop = _Loop(head)
        ends = [head]
        if self.any_of(4):
            ends = [self.step(self.block([head], [*loops, loop], depth))]
        self.lead(ends, head)
        return [*ends, *loop.leaving]


class _Loop:
    """A loop as it grows: its head, and the steps inside that also leave it."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.leaving: list[str] = []


@st.composite
def flows(draw: Draw, units: int = 12, depth: int = 4) -> str:
    """A flow that structures: at most `units` regions, nested at most `depth` deep."""
    sketch = _Sketch(draw, units)
    ends = sketch.block([sketch.step([])], [], depth)
    sketch.lead(ends, "end")
    return sketch.text()


@st.composite
def sketches(draw: Draw, steps: int = 8) -> str:
    """Any flow of at most `steps` steps, with any transitions."""
    names = ["start", *(f"s{number}" for number in range(draw(st.integers(1, steps))))]
    targets = [*names[1:], "end", "end", *(["start"] if not draw(st.integers(0, 9)) else [])]

    def target() -> str:
        return targets[draw(st.integers(0, len(targets) - 1))]

    def arm() -> str:
        several = dict.fromkeys(target() for _ in range(draw(st.integers(2, 3))))
        forms = [target(), target(), target(), ", ".join(several), f"foreach {target()}", f"gang {target()}"]
        return forms[draw(st.integers(0, len(forms) - 1))]

    lines = []
    for name in names:
        join = "join " if name != "start" and not draw(st.integers(0, 2)) else ""
        arms = dict.fromkeys(arm() for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))))
        lines.append(f"{join}{name} -> {' | '.join(arms)}")
    return "\n".join(lines)
