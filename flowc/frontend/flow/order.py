"""Bases of which Python can make no class: one named twice, or in an order that they contradict (FC135).

Python keeps, in the order of lookup, every class before its bases and the bases of each class as they
are written. Here `FlowSpec` and `object` take part, which a lineage leaves out; what cannot be seen does
not, since more classes only add to what must hold.

Imported where a class has several bases. Invariant: only a class that Python refuses is reported.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, TypeAlias

from flowc.diagnostics import catalog
from flowc.frontend.project.places import name_span

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.frontend.flow.lineage import ClassRef, Lineages

# A class statement, or the name of a class outside of the project.
Base: TypeAlias = "ast.ClassDef | str"


def check_bases(refs: Sequence[ClassRef], lineages: Lineages, sink: Sink) -> None:
    """Report the first class of a lineage, bases before what extends them, that Python refuses."""
    orders: dict[Base, list[Base]] = {"object": ["object"], "FlowSpec": ["FlowSpec", "object"]}
    bases = {ref.node: lineages.written(ref) or ["object"] for ref in refs}
    waiting = list(reversed(refs))
    known = 0
    while waiting and known < len(orders):  # until none is left, or only classes that extend themselves
        known = len(orders)
        for ref in waiting:
            if any(base not in orders for base in bases[ref.node]):
                continue
            order = _merged(bases[ref.node], orders)
            if order is None:
                _report(ref, bases[ref.node], orders, sink)
                return
            orders[ref.node] = [ref.node, *order]
        waiting = [ref for ref in waiting if ref.node not in orders]


def _merged(bases: Sequence[Base], orders: dict[Base, list[Base]]) -> list[Base] | None:
    """The order of what comes after a class with these bases; None where there is none."""
    if len(bases) == 1:
        return orders[bases[0]]
    if len(set(bases)) < len(bases):
        return None
    pending = [list(orders[base]) for base in bases] + [list(bases)]
    order: list[Base] = []
    while any(pending):
        pending = [sequence for sequence in pending if sequence]
        tails = {base for sequence in pending for base in sequence[1:]}
        head = next((sequence[0] for sequence in pending if sequence[0] not in tails), None)
        if head is None:
            return None
        order.append(head)
        for sequence in pending:
            if sequence[0] == head:
                del sequence[0]
    return order


def _report(ref: ClassRef, bases: Sequence[Base], orders: dict[Base, list[Base]], sink: Sink) -> None:
    name = ref.node.name
    twice = next((base for base in bases if bases.count(base) > 1), None)
    if twice is not None:
        why, remedy = f"names its base `{_name(twice)}` twice", "name each base once"
    else:
        why = f"cannot have the bases {_listed(bases)} in this order{_contradiction(bases, orders)}"
        remedy = _remedy(name, bases, orders)
    sink.report(
        catalog.BASE_ORDER,
        name_span(ref.module, ref.node),
        f"the class `{name}` {why}",
        notes=["Python raises `TypeError` where the class is defined"],
        helps=[remedy],
    )


def _contradiction(bases: Sequence[Base], orders: dict[Base, list[Base]]) -> str:
    """A pair of classes that one base has the other way round than the class itself or another base."""
    for first, second in combinations(bases, 2):
        if first in orders[second]:
            return f": `{_name(second)}` extends `{_name(first)}` and has to come before it"
    for first, second in combinations(bases, 2):
        pair = _swapped(orders[first], orders[second])
        if pair is not None:
            early, late = map(_name, pair)
            return f": `{_name(first)}` has `{early}` before `{late}`, `{_name(second)}` the other way round"
    return ""


def _swapped(one: Sequence[Base], other: Sequence[Base]) -> tuple[Base, Base] | None:
    """Two classes that both orders have, in different orders."""
    place = {base: number for number, base in enumerate(other)}
    common = [base for base in one if base in place]
    for early, late in pairwise(common):
        if place[early] > place[late]:
            return early, late
    return None


def _remedy(name: str, bases: Sequence[Base], orders: dict[Base, list[Base]]) -> str:
    # Those that extend most come first: the only change that helps where bases extend one another.
    better = sorted(bases, key=lambda base: -len(orders[base]))
    if "object" in better:
        better.remove("object")
    if _merged(better, orders) is not None:
        return f"write `class {name}({', '.join(map(_name, better))})`"
    return "give these bases the same order in every class, or leave one of them out"


def _listed(bases: Sequence[Base]) -> str:
    return ", ".join(f"`{_name(base)}`" for base in bases)


def _name(base: Base) -> str:
    return base if isinstance(base, str) else base.name
