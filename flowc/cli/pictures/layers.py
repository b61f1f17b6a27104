"""Things and the arrows between them in layers, from top to bottom, with room for arrows that pass.

An arrow goes down by at least one layer. In each layer that it passes it has a *lane*, a thing of its
own, so that nothing stands in its way; so has one that comes from above the first layer or goes on
below the last.

Invariant: every thing is in exactly one layer; the same input gives the same layers; nothing recurses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

OUTSIDE = -1  # the end of an arrow that is above all layers, or below them

Arrow = tuple[int, int]


class Layers(NamedTuple):
    """The layers; things from the given count on are lanes. `lanes` are those of each arrow, downwards."""

    things: list[list[int]]
    lanes: dict[Arrow, list[int]]


def leading_down(count: int, arrows: Iterable[Arrow]) -> list[Arrow]:
    """The arrows without those that lead back to what a depth-first walk is still below."""
    targets = _targets(count, arrows)
    found: list[Arrow] = []
    state = [0] * count  # 1: below it now, 2: left
    for start in range(count):
        if state[start]:
            continue
        state[start] = 1
        stack: list[tuple[int, Iterator[int]]] = [(start, iter(targets[start]))]
        while stack:
            thing, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                state[thing] = 2
                stack.pop()
            elif state[target] != 1:
                found.append((thing, target))
                if state[target] == 0:
                    state[target] = 1
                    stack.append((target, iter(targets[target])))
    return found


def layers(count: int, arrows: Sequence[Arrow]) -> Layers:
    """The things 0 … count-1 and the lanes of arrows that lead down, in an order that crosses few of them."""
    inner = [arrow for arrow in arrows if OUTSIDE not in arrow]
    depth = _depths(count, inner)
    lowest = max(depth, default=0)
    found: list[list[int]] = [[] for _ in range(lowest + 1)]
    for thing in range(count):
        found[depth[thing]].append(thing)
    lanes: dict[Arrow, list[int]] = {}
    above: dict[int, list[int]] = {}
    number = count
    for source, target in arrows:
        first = 0 if source == OUTSIDE else depth[source] + 1
        last = lowest if target == OUTSIDE else depth[target] - 1
        before = source
        lanes[source, target] = []
        for layer in range(first, last + 1):
            found[layer].append(number)
            above.setdefault(number, []).append(before)
            lanes[source, target].append(number)
            before = number
            number += 1
        if target != OUTSIDE:
            above.setdefault(target, []).append(before)
    _order(found, above)
    return Layers(found, lanes)


def _targets(count: int, arrows: Iterable[Arrow]) -> list[list[int]]:
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in arrows:
        targets[source].append(target)
    return targets


def _depths(count: int, arrows: Sequence[Arrow]) -> list[int]:
    """The longest way to each thing; sources first."""
    targets = _targets(count, arrows)
    depth, waiting = [0] * count, [0] * count
    for _, target in arrows:
        waiting[target] += 1
    ready = [thing for thing in range(count) if not waiting[thing]]
    for thing in ready:
        for target in targets[thing]:
            depth[target] = max(depth[target], depth[thing] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return depth


def _order(found: Sequence[list[int]], above: dict[int, list[int]]) -> None:
    """Put each thing of a layer near the middle of what leads to it."""
    place: dict[int, float] = {}
    for layer in found:
        middle = {}
        for index, thing in enumerate(layer):
            known = [place[source] for source in above.get(thing, ()) if source in place]
            middle[thing] = sum(known) / len(known) if known else float(index)
        layer.sort(key=lambda thing: (middle[thing], thing))
        place.update((thing, float(index)) for index, thing in enumerate(layer))
