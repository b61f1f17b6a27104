"""A verified flow, ready for any target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.graph import FlowGraph
    from flowc.ir.region import Block


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a step's tasks find their inputs and whom they tell, in the words of `contract`.

    `inputs` is the value of FLOWC_INPUTS ("" for start), `tells` of FLOWC_TELLS. `depth` is the
    number of path levels around the step; `in_foreach` whether one of them is a foreach or gang.
    """

    inputs: str
    tells: str
    depth: int
    in_foreach: bool


@dataclass(frozen=True, slots=True)
class Fanouts:
    """What is known statically of one foreach or gang: `length` items, None where unknown."""

    length: int | None
    max_num_splits: int
    max_workers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`body` holds every step of `graph` once; `wiring` is by step, `fanouts` by the step that splits and its key.

    The key is the split's in `contract`, "foreach:a" or "gang:a", also where the step does not choose.
    """

    graph: FlowGraph
    body: Block
    wiring: Mapping[str, Wiring]
    fanouts: Mapping[tuple[str, str], Fanouts] = field(default_factory=dict)
