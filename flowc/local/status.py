"""One line that says how far a run is: `start 1/1 · fit 412/1000 ▇▇▇▁▁▁ · join 0/1   16 running · 3 s`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.local.progress import Progress

_BAR = 18  # cells
_BEFORE = 3  # finished steps shown by their names
_AHEAD = 2  # steps shown that have not begun


def status_line(progress: Progress, seconds: float, columns: int) -> str:
    """The line, in at most `columns` characters."""
    right = _right(progress, seconds)
    room = columns - len(right) - 5
    parts = _steps(progress, room)
    left = "  " + " · ".join(parts)
    if len(left) + 3 + len(right) > columns:
        return f"  {right}"[:columns]
    return f"{left}   {right}"


def _right(progress: Progress, seconds: float) -> str:
    parts = [f"{progress.running:,} running", _duration(seconds)]
    left = _left(progress, seconds)
    return " · ".join([*parts, f"about {_duration(left)} left"] if left is not None else parts)


def _left(progress: Progress, seconds: float) -> float | None:
    """Seconds that the known rest takes at the pace so far; None while too little is known."""
    ran = progress.finished - progress.adopted
    rest = progress.known - progress.finished
    if ran < 10 or rest < 10 or seconds < 2:
        return None
    return seconds / ran * rest


def _steps(progress: Progress, room: int) -> list[str]:
    """Steps that run, those just before and after them, as many as there is room for, in the flow's order."""
    going = [step for step in progress.done if _is_open(progress, step)]
    finished = [step for step in progress.done if progress.done[step] and step not in going]
    begun = [step for step in going if progress.done[step] or progress.expected[step]]
    ahead = [step for step in going if step not in begun][:_AHEAD]
    summary = [f"{len(finished)} steps done"] if len(finished) > _BEFORE else []
    room -= sum(len(part) + 3 for part in summary)
    chosen: set[str] = set()
    for step in [*begun, *(() if summary else finished), *ahead]:
        room -= len(_step(progress, step)) + 3
        if room < 0:
            break
        chosen.add(step)
    return [*summary, *(_step(progress, step) for step in progress.done if step in chosen)]


def _is_open(progress: Progress, step: str) -> bool:
    expected = progress.expected[step]
    return expected is not None and (expected == 0 or progress.done[step] < expected)


def _step(progress: Progress, step: str) -> str:
    done, expected = progress.done[step], progress.expected[step]
    if expected is None:
        return f"{step} {done:,}"
    text = f"{step} {done:,}/{max(expected, done, 1):,}"
    return f"{text} {_bar(done / expected)}" if expected > 1 and done < expected else text


def _bar(share: float) -> str:
    full = int(share * _BAR)
    return "▇" * full + "▁" * (_BAR - full)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
