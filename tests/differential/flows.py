"""Random well-formed flows as source text, of what Metaflow itself can run.

A flow is a sequence of shapes; a shape is a step, or a step that opens a region and the sequences
inside it. Names are given first, then the text is written from top to bottom, with the artifacts
that are certainly there carried along, so that most flows run to success.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VARIABLES = ("alpha", "beta", "gamma")

DECORATORS = (
    "@retry(times=0)",
    "@retry(times=2, minutes_between_retries=0)",
    "@resources(cpu=2, memory=2048)",
    "@resources(memory=500 * 2)",
    "@timeout(minutes=5)",
    "@environment(vars={'MODE': 'fast'})",
    "@card",
)


@dataclass
class Plain:
    """One step."""

    seed: int
    name: str = ""


@dataclass
class Split:
    """A step, arms side by side, and a join."""

    seed: int
    arms: list[list[Shape]]
    name: str = ""
    join: str = ""


@dataclass
class Each:
    """A step that splits over `items` items, a body, and a join."""

    seed: int
    items: int
    body: list[Shape]
    name: str = ""
    join: str = ""


@dataclass
class Switch:
    """A step that chooses one of the arms, and a step where they meet."""

    seed: int
    arms: list[list[Shape]]
    name: str = ""
    merge: str = ""


@dataclass
class Again:
    """A step that repeats itself a few times, and one behind it."""

    seed: int
    visits: int
    name: str = ""
    after: str = ""


Shape: TypeAlias = "Plain | Split | Each | Switch | Again"

_SEED = st.integers(0, 10_000)


def _bodies(shapes: st.SearchStrategy[Shape]) -> st.SearchStrategy[list[Shape]]:
    return st.lists(shapes, min_size=1, max_size=2)


def _regions(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    bodies = _bodies(inner)
    return st.one_of(
        st.builds(Split, _SEED, st.lists(bodies, min_size=2, max_size=3)),
        st.builds(Each, _SEED, st.integers(1, 2), bodies),
        st.builds(Switch, _SEED, st.lists(st.one_of(st.just([]), bodies), min_size=2, max_size=3)),
    )


SHAPES: st.SearchStrategy[Shape] = st.recursive(
    st.one_of(st.builds(Plain, _SEED), st.builds(Again, _SEED, st.integers(1, 2))), _regions, max_leaves=5
)


@dataclass
class _Writer:
    parts: list[str] = field(default_factory=list)

    def step(self, name: str, lines: Sequence[str], next_: str, seed: int, *, inputs: bool = False) -> None:
        """One step, with what `seed` adds: a decorator, a docstring."""
        text = [DECORATORS[seed % len(DECORATORS)]] if seed % 5 == 0 else []
        text += ["@step", f"def {name}(self, inputs):" if inputs else f"def {name}(self):"]
        body = [f'"""Step {name}."""'] if seed % 3 == 0 else []
        body += [*lines, next_] if next_ else lines
        self.parts.append("\n".join([*text, *(f"    {line}" for line in body or ["pass"])]))


def write(shapes: Sequence[Shape], seed: int) -> str:
    """The text of a flow named Random."""
    counter = iter(range(1, 10_000))
    top: list[Shape] = [Plain(seed), *shapes]
    _name_all(top, counter)
    assert isinstance(top[0], Plain)
    top[0].name = "start"
    writer = _Writer()
    known = _sequence(writer, top, frozenset({"base"}), "end")
    writer.step("end", [f"print(self.{v})" for v in sorted(known)[:2]], "", seed)
    order = sorted(range(len(writer.parts)), key=lambda i: (i * (seed % 7 + 1)) % 11)
    steps = "\n\n".join(textwrap.indent(writer.parts[i], "    ") for i in order)
    return _HEADER + steps + _FOOTER


FLOWS: st.SearchStrategy[str] = st.builds(write, st.lists(SHAPES, max_size=3), _SEED)

_HEADER = '''\
"""A flow made by chance."""
from metaflow import FlowSpec, Parameter, card, environment, resources, retry, step, timeout


class Random(FlowSpec):
    base = Parameter("base", default=3)

'''

_FOOTER = """


if __name__ == "__main__":
    Random()
"""


def _name_all(shapes: Sequence[Shape], counter: Iterator[int]) -> None:
    for shape in shapes:
        number = next(counter)
        shape.name = f"s{number}"
        match shape:
            case Plain():
                pass
            case Again():
                shape.after = f"after{number}"
            case Split():
                shape.join = f"join{number}"
                for arm in shape.arms:
                    _name_all(arm, counter)
            case Each():
                shape.join = f"join{number}"
                _name_all(shape.body, counter)
            case Switch():
                shape.merge = f"merge{number}"
                for arm in shape.arms:
                    _name_all(arm, counter)


def _sequence(writer: _Writer, shapes: Sequence[Shape], known: frozenset[str], then: str) -> frozenset[str]:
    """Write the shapes, the last of which goes to `then`; what is certainly assigned behind them."""
    for index, shape in enumerate(shapes):
        following = shapes[index + 1].name if index + 1 < len(shapes) else then
        known = _shape(writer, shape, known, following)
    return known


def _shape(writer: _Writer, shape: Shape, known: frozenset[str], then: str) -> frozenset[str]:
    lines, known = _work(shape.seed, known)
    match shape:
        case Plain():
            writer.step(shape.name, lines, f"self.next(self.{then})", shape.seed)
            return known
        case Split():
            names = ", ".join(f"self.{arm[0].name}" for arm in shape.arms)
            writer.step(shape.name, lines, f"self.next({names})", shape.seed)
            for arm in shape.arms:
                _sequence(writer, arm, known, shape.join)
            return _join(writer, shape.join, shape.seed, then)
        case Each():
            items = f"items_{shape.name}"
            lines = [*lines, f"self.{items} = list(range({shape.items}))"]
            writer.step(
                shape.name, lines, f"self.next(self.{shape.body[0].name}, foreach={items!r})", shape.seed
            )
            _sequence(writer, shape.body, known, shape.join)
            return _join(writer, shape.join, shape.seed, then)
        case Again():
            visits = f"visits_{shape.name}"
            lines = [
                *lines,
                f"self.{visits} = getattr(self, {visits!r}, 0) + 1",
                f"self.state = 'done' if self.{visits} >= {shape.visits} else 'again'",
            ]
            table = f"{{'again': self.{shape.name}, 'done': self.{shape.after}}}"
            writer.step(shape.name, lines, f"self.next({table}, condition='state')", shape.seed)
            writer.step(shape.after, [], f"self.next(self.{then})", shape.seed + 1)
            return known | {"state"}
        case Switch():
            return _switch(writer, shape, lines, known, then)


def _switch(
    writer: _Writer, shape: Switch, lines: list[str], known: frozenset[str], then: str
) -> frozenset[str]:
    firsts = [arm[0].name if arm else shape.merge for arm in shape.arms]
    # Metaflow wants each target once: a second arm without steps becomes a way to the first one.
    table = ", ".join(f"'case{i}': self.{name}" for i, name in enumerate(firsts))
    lines = [*lines, f"self.kind = 'case{shape.seed % len(firsts)}'"]
    writer.step(shape.name, lines, f"self.next({{{table}}}, condition='kind')", shape.seed)
    known |= {"kind"}
    behind = known
    for arm in shape.arms:
        if arm:
            behind &= _sequence(writer, arm, known, shape.merge)
    writer.step(shape.merge, [], f"self.next(self.{then})", shape.seed + 2)
    return behind


def _join(writer: _Writer, name: str, seed: int, then: str) -> frozenset[str]:
    """A join that gathers something of its inputs, and keeps nothing else."""
    lines = ["self.alpha = len(list(inputs))"]
    if seed % 2:
        # Sorted: a fork's inputs come in no certain order under Metaflow.
        lines.append("self.gathered = sorted(str(getattr(i, 'beta', None)) for i in inputs)")
    writer.step(name, lines, f"self.next(self.{then})", seed + 3, inputs=True)
    return frozenset({"base", "alpha"})


def _work(seed: int, known: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """A few lines that read what is known and assign what may be new."""
    variable = VARIABLES[seed % 3]
    readable = sorted(known)
    match seed % 6:
        case 0:
            return [f"self.{variable} = {seed}"], known | {variable}
        case 1:
            source = readable[seed % len(readable)]
            return [f"self.{variable} = [self.{source}]"], known | {variable}
        case 2:
            return [
                f"if self.base > {seed % 5}:",
                f"    self.{variable} = 1",
                "else:",
                f"    self.{variable} = 2",
            ], (known | {variable})
        case 3:
            return [f"print(getattr(self, {variable!r}, 'nothing'))"], known
        case 4:
            return [f"for self.{variable} in (1, 2):", f"    print(self.{variable})"], known | {variable}
        case _:
            return [], known
