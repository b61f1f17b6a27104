"""What a resumed run takes over and what it runs anew, in words: and which code changed in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.local.events import Why
from flowc.manifest.digest import sha256_hex
from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.frontend.project.modules import Project
    from flowc.local.progress import Progress

_LISTED = 6  # steps that a line names


def code_digests(project: Project) -> dict[str, str]:
    """The sha256 of each file of the flow's static import closure, by its path from the project's root."""
    files = ((path, project.sources.get(path)) for path in project.closure())
    return {path: sha256_hex(file.text.encode()) for path, file in files if isinstance(file, SourceFile)}


def changes(before: Mapping[str, str], now: Mapping[str, str], origin: str) -> list[str]:
    """What to say of files that are not what they were; nothing where the origin's code is unknown."""
    if not before or not isinstance(before, dict):  # a run's description may be damaged
        return []
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    if not changed:
        return []
    verb = "has" if len(changed) == 1 else "have"
    return [f"{_listed(changed)} {verb} changed since {origin}; what finished there is taken over as it is."]


def reuse(progress: Progress, origin: str) -> list[str]:
    """What was taken over, and what ran again and why."""
    taken = [_counted(step, count) for step, count in progress.adopted_by_step.items()]
    lines = [f"taken over from {origin}: {_listed(taken)}"] if taken else []
    for why in Why:
        steps = [_counted(step, reasons[why]) for step, reasons in progress.anew.items() if why in reasons]
        if steps:
            lines.append(f"ran here, {why.value}: {_listed(steps)}")
    return lines


def _counted(step: str, count: int) -> str:
    return step if count == 1 else f"{step} ({count:,})"


def _listed(words: Iterable[str]) -> str:
    known = list(words)
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return ", ".join(known[:_LISTED]) + more
