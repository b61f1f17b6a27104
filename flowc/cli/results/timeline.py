"""A run's attempts over time as bars: a band for each step, and in it as many lanes as tasks ran at once.

All lengths are in units of the drawing, which is WIDTH wide. Bars that would be thinner than a
screen shows are drawn as one, so that the number of bars is bounded by the drawing's size and not
by the number of tasks.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.results.words import duration
from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.wording import shortened
from flowc.runtime.client.facts import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowc.runtime.client.facts import StoredAttempt, StoredTask

WIDTH = 1000
_LABELS = 180  # the names of the steps, at the left
_EDGE = 40  # for the last mark's text
_TOP = 22  # the axis
_GAP = 8  # between bands
_MOST_LANES = 400
_THINNEST = 1.5
_VISIBLE = 0.7  # the width of an attempt that took no time
_TICKS = [1e-3 * f * 10**n for n in range(4) for f in (1, 2, 5)] + [10, 20, 30]
_TICKS += [60 * m for m in (1, 2, 5, 10, 20, 30)] + [3600 * h for h in (1, 2, 4, 8, 12)]
_TICKS += [86400 * d for d in (1, 2, 5, 10, 30, 100, 365)]
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Bar(NamedTuple):
    """One attempt, or several that stand too close to be told apart."""

    x: float
    y: float
    width: float
    height: float
    status: str
    title: str


class Band(NamedTuple):
    """A step: its name, the middle of its band, its bars."""

    step: str
    label: str
    middle: float
    bars: list[Bar]


class Tick(NamedTuple):
    """A mark on the axis."""

    x: float
    label: str


class Timeline(NamedTuple):
    """The whole drawing."""

    width: float
    height: float
    bands: list[Band]
    ticks: list[Tick]


class _Span(NamedTuple):
    start: float
    end: float
    status: str
    title: str


def timeline(steps: Iterable[tuple[str, Sequence[StoredTask]]]) -> Timeline | None:
    """The drawing of steps with their tasks; None where no attempt has a time."""
    named = [(step, list(_spans(tasks))) for step, tasks in steps]
    named = [(step, spans) for step, spans in named if spans]
    if not named:
        return None
    first = min(span.start for _, spans in named for span in spans)
    last = max(span.end for _, spans in named for span in spans)
    length = max(last - first, 1e-3)
    scale = (WIDTH - _LABELS - _EDGE) / length
    top = float(_TOP)
    bands: list[Band] = []
    for step, spans in named:
        lanes = _lanes([_since(first, last, span) for span in spans])
        height = 10.0 if len(lanes) <= 8 else 5.0 if len(lanes) <= 40 else 2.0
        bars = [bar for n, lane in enumerate(lanes) for bar in _bars(lane, top + n * height, height, scale)]
        bands.append(Band(step, shortened(plain(step), 26), top + len(lanes) * height / 2 + 4, bars))
        top += len(lanes) * height + _GAP
    return Timeline(WIDTH, top, bands, list(_ticks(length, scale)))


def _spans(tasks: Iterable[StoredTask]) -> Iterator[_Span]:
    """The attempts that were made for these tasks and whose beginning is known."""
    for task in tasks:
        own = [attempt for attempt in task.attempts if attempt.prefix.startswith(f"{task.prefix}/")]
        for count, attempt in enumerate(own, 1):
            if attempt.started is not None:
                end = _end(attempt, own[count:])
                tries = f", attempt {count} of {len(own)}" if len(own) > 1 else ""
                took = f" after {duration(end - attempt.started)}" if attempt.status != RUNNING else ""
                yield _Span(
                    attempt.started, end, attempt.status, f"{task.path}{tries}: {attempt.status}{took}"
                )


def _since(first: float, last: float, span: _Span) -> _Span:
    """The span counted from the run's beginning; what still runs goes on to the last moment known."""
    end = last if span.status == RUNNING else span.end
    return span._replace(start=span.start - first, end=end - first)


def _end(attempt: StoredAttempt, later: Sequence[StoredAttempt]) -> float:
    """When it ended; for one that was killed, when the next one began, which is the latest it can be."""
    begun = [other.started for other in later if other.started is not None]
    end = attempt.ended if attempt.ended is not None else min(begun, default=attempt.started)
    return max(end or 0.0, attempt.started or 0.0)


def _lanes(spans: list[_Span]) -> list[list[_Span]]:
    """The spans on as few lanes as hold them without overlap; beyond the most lanes they overlap."""
    lanes: list[list[_Span]] = []
    free: list[tuple[float, int]] = []  # when each lane is free again
    for span in sorted(spans):
        if free and (free[0][0] <= span.start or len(lanes) == _MOST_LANES):
            _, lane = heapq.heappop(free)
        else:
            lane = len(lanes)
            lanes.append([])
        lanes[lane].append(span)
        heapq.heappush(free, (span.end, lane))
    return lanes


def _bars(lane: Iterable[_Span], y: float, height: float, scale: float) -> list[Bar]:
    bars: list[Bar] = []
    merged = 1
    for span in lane:
        x, end = _LABELS + span.start * scale, _LABELS + span.end * scale
        last = bars[-1] if bars else None
        if last and last.status == span.status and end - last.x < _THINNEST:
            merged += 1
            width = max(round(end - last.x, 2), last.width)
            bars[-1] = last._replace(width=width, title=f"{merged:,} attempts, {span.status}")
            continue
        merged = 1
        width = max(round(end - x, 2), _VISIBLE)
        bars.append(Bar(round(x, 2), y, width, height - min(1.0, height / 4), span.status, span.title))
    return bars


def _ticks(length: float, scale: float) -> Iterator[Tick]:
    """About eight marks at round times, all in one unit."""
    step = next((tick for tick in _TICKS if length / tick <= 8), length / 8)
    seconds, unit = next(row for row in _UNITS if length >= 2 * row[0] or row[1] == "s")
    for count in range(int(length / step) + 1):
        label = f"{count * step / seconds:.3g} {unit}" if count else "0"
        yield Tick(round(_LABELS + count * step * scale, 2), label)
