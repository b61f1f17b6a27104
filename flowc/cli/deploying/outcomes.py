"""What deploying and removing did, as lines or as JSON (schemas/deploy.schema.json)."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from flowc.cli.output import write
from flowc.deploy.outcome import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowc.deploy.outcome import Outcome

_WIDTH = max(len(change.value) for change in Change)


def printed(outcomes: Iterable[Outcome], *, quiet: bool = False, would: bool = False) -> list[Outcome]:
    """The outcomes, each printed as it comes."""
    found = []
    for outcome in outcomes:
        found.append(outcome)
        if not quiet:
            write(sys.stdout, line(outcome, would=would) + "\n")
    return found


def line(outcome: Outcome, *, would: bool = False) -> str:
    """`unchanged  WorkflowTemplate/train`."""
    note = f"  ({outcome.note})" if outcome.note else ""
    return f"{'would be ' if would else ''}{outcome.change.value:<{_WIDTH}}  {outcome.thing}{note}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """`2 created, 4 unchanged`, or `unchanged` where nothing differs."""
    counts = Counter(outcome.change for outcome in outcomes)
    if set(counts) <= {Change.UNCHANGED}:
        return "unchanged"
    return ", ".join(f"{counts[change]} {change.value}" for change in Change if counts[change])


def documents(outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    """The outcomes for JSON."""
    return [{"change": o.change.value, "thing": o.thing, "note": o.note} for o in outcomes]
