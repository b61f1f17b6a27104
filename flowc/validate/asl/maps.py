"""Maps: what each mode takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.validate.asl.readers import check_batcher, check_items, check_reader, check_writer
from flowc.validate.parts import mapping, number

if TYPE_CHECKING:
    from flowc.validate.asl.states import State

_DISTRIBUTED_ONLY = (
    "ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath",
    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
)  # fmt: skip
_MOST_CHILDREN = 10_000
_MOST_INLINE = 40


def check_map(state: State) -> None:
    """Report FC709, FC721 and FC750 for a Map."""
    findings, value = state.findings, state.value
    bodies = [key for key in ("ItemProcessor", "Iterator") if value.get(key) is not None]
    if not bodies:
        findings.report(
            catalog.MISSING_FIELD,
            (),
            f"`{state.name}` has no `ItemProcessor`",
            "add one with `StartAt` and `States`",
            at_key=True,
        )
    elif len(bodies) > 1:
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            ("Iterator",),
            f"`{state.name}` has both `ItemProcessor` and `Iterator`",
            "keep `ItemProcessor`",
            at_key=True,
        )
    if "Parameters" in value and "ItemSelector" in value:
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            ("Parameters",),
            f"`{state.name}` has both `Parameters` and `ItemSelector`",
            "keep `ItemSelector`",
            at_key=True,
        )
    check_items(state)
    config = mapping(mapping(value.get("ItemProcessor")).get("ProcessorConfig"))
    if config.get("Mode") == "DISTRIBUTED":
        _check_distributed(state)
    else:
        _check_inline(state)


def _check_inline(state: State) -> None:
    for key in _DISTRIBUTED_ONLY:
        if key in state.value:
            message = f"`{key}` of `{state.name}` belongs to a distributed Map; this one runs inline"
            remedy = (
                'remove it, or set `"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}`'
            )
            state.findings.report(catalog.MAP_STATE, (key,), message, remedy, at_key=True)
    config = mapping(mapping(state.value.get("ItemProcessor")).get("ProcessorConfig"))
    if "ExecutionType" in config:
        path = ("ItemProcessor", "ProcessorConfig", "ExecutionType")
        message = f"`{state.name}` runs inline, which has no `ExecutionType`"
        state.findings.report(
            catalog.MAP_STATE, path, message, "remove it, or set `Mode` to `DISTRIBUTED`", at_key=True
        )
    if (number(state.value.get("MaxConcurrency")) or 0) > _MOST_INLINE:
        asked = f"{state.value['MaxConcurrency']} iterations"
        state.findings.report(
            catalog.MANIFEST_LIMIT,
            ("MaxConcurrency",),
            f"`{state.name}` asks for {asked} at once; inline, Step Functions runs {_MOST_INLINE}",
            'lower it, or set `"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}`',
            severity=Severity.WARNING,
        )


def _check_distributed(state: State) -> None:
    findings, value = state.findings, state.value
    config = mapping(mapping(value.get("ItemProcessor")).get("ProcessorConfig"))
    if "ExecutionType" not in config:
        findings.report(
            catalog.MAP_STATE,
            ("ItemProcessor", "ProcessorConfig"),
            f"the distributed Map `{state.name}` has no `ExecutionType`",
            "add `STANDARD` or `EXPRESS`",
            at_key=True,
        )
    if (number(value.get("MaxConcurrency")) or 0) > _MOST_CHILDREN:
        findings.report(
            catalog.MANIFEST_LIMIT,
            ("MaxConcurrency",),
            f"`{state.name}` asks for {value['MaxConcurrency']} executions at once; Step Functions runs {_MOST_CHILDREN:,}",
            "lower it",
        )
    check_reader(state)
    check_writer(state)
    check_batcher(state)
