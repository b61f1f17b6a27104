"""What each target can say of a step or a flow, without saying how: the table that `support` judges by.

A row names the decorator whose attributes the target understands, and those among them that mean
nothing to it. Resources are not listed: every target takes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

# What describes another cluster's way of working, or belongs to the whole workflow.
POD_IGNORED = frozenset({"namespace", "hostname_resolution_timeout"})


@dataclass(frozen=True, slots=True)
class Features:
    """One target: its name for people, the platform of its tasks, and what it leaves out.

    `ignored` are attributes of the platform's own decorator; `hook_on_abort` whether an exit hook
    runs when a run is aborted.
    """

    title: str
    platform: str
    ignored: frozenset[str]
    hook_on_abort: bool


FEATURES: Mapping[str, Features] = {
    "argo": Features("Argo Workflows", "kubernetes", POD_IGNORED, hook_on_abort=True),
    "stepfunctions": Features("Step Functions", "batch", frozenset(), hook_on_abort=False),
}
