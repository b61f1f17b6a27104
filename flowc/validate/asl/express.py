"""Express workflows, which run once without a history: what they cannot wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.validate.asl.states import Level, State

_WAITS = (".sync", ".sync:2", ".waitForTaskToken")


def check_express(levels: Iterable[Level], *, is_whole: bool = False) -> None:
    """Report FC750 and FC751 in levels that run as Express: children of a distributed Map, or the whole machine."""
    for level in levels:
        if _is_express(level, is_whole=is_whole):
            for state in level.states.values():
                _check_state(state)


def _is_express(level: Level, *, is_whole: bool) -> bool:
    at: Level | None = level
    while at is not None and not at.is_distributed:
        at = at.above
    if at is None:
        return is_whole
    return mapping(mapping(at.findings.value).get("ProcessorConfig")).get("ExecutionType") == "EXPRESS"


def _check_state(state: State) -> None:
    resource = text(state.value.get("Resource"))
    remedy = "run it as `STANDARD`, or leave the waiting out"
    if resource.endswith(_WAITS) or ":activity:" in resource:
        how = "an activity" if ":activity:" in resource else f"`.{resource.rpartition('.')[2]}`"
        message = f"`{state.name}` waits by {how}, and runs in an Express workflow, which cannot"
        state.findings.report(catalog.TASK_RESOURCE, ("Resource",), message, remedy)
    if mapping(mapping(state.value.get("ItemProcessor")).get("ProcessorConfig")).get("Mode") == "DISTRIBUTED":
        message = (
            f"`{state.name}` is distributed, and runs in an Express workflow, which cannot have such a Map"
        )
        path = ("ItemProcessor", "ProcessorConfig", "Mode")
        state.findings.report(catalog.MAP_STATE, path, message, "run it as `STANDARD`, or the Map inline")
