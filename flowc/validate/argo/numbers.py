"""Numbers of a workflow or schedule that its engine takes only from some size on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import is_below, mapping

if TYPE_CHECKING:
    from flowc.validate.findings import Findings

_OF_SPECS: dict[tuple[str, ...], int] = {
    ("parallelism",): 1,
    ("activeDeadlineSeconds",): 1,
    ("ttlStrategy", "secondsAfterCompletion"): 0,
    ("ttlStrategy", "secondsAfterSuccess"): 0,
    ("ttlStrategy", "secondsAfterFailure"): 0,
}
_OF_SCHEDULES: dict[tuple[str, ...], int] = {
    ("startingDeadlineSeconds",): 0,
    ("successfulJobsHistoryLimit",): 0,
    ("failedJobsHistoryLimit",): 0,
}


def check_spec_numbers(findings: Findings) -> None:
    """Report FC705 for the spec of a workflow."""
    _check(findings, _OF_SPECS)


def check_schedule_numbers(findings: Findings) -> None:
    """Report FC705 for the spec of a CronWorkflow."""
    _check(findings, _OF_SCHEDULES)


def _check(findings: Findings, least: dict[tuple[str, ...], int]) -> None:
    for path, number in least.items():
        value: object = findings.value
        for key in path:
            value = mapping(value).get(key)
        if is_below(value, number):
            what = "lets nothing run" if path == ("parallelism",) else "is too small"
            message = f"`{path[-1]}: {value}` {what}"
            findings.report(catalog.FIELD_VALUE, path, message, f"write {number} or more, or leave it out")
