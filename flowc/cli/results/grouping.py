"""A run's tasks by step, in the order in which the steps began."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.runtime.client.facts import StoredTask


def by_step(tasks: Iterable[StoredTask]) -> list[tuple[str, list[StoredTask]]]:
    """(step, its tasks) in order of time; a step whose times are unknown comes last."""
    groups: dict[str, list[StoredTask]] = {}
    for task in tasks:
        groups.setdefault(task.step, []).append(task)
    return sorted(groups.items(), key=lambda group: (_began(group[1]), group[0]))


def _began(tasks: Iterable[StoredTask]) -> float:
    return min((task.started for task in tasks if task.started is not None), default=float("inf"))
