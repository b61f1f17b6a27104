"""What is wrong with a schedule: on every target (FC507, FC508), or in one target's dialect of cron (FC609)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.manifest.cron import Unsaid, parse_cron

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.diagnostics.model import Sink
    from flowc.ir.spec import Schedule
    from flowc.manifest.cron import Cron

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def check_schedule(
    schedule: Schedule, translate: Callable[[Cron], str | Unsaid], engine: str, remedy: str, sink: Sink
) -> None:
    """Report what is wrong, and what `translate`, the dialect that `engine` reads, cannot say."""
    cron = _meaning(schedule, sink)
    said = translate(cron) if cron is not None else None
    if isinstance(said, Unsaid):
        sink.report(
            catalog.CRON_NOT_EXPRESSIBLE,
            schedule.cron_span or schedule.span,
            f"{engine} cannot express the schedule `{schedule.cron}`: {said.reason}",
            helps=[remedy],
        )


def _meaning(schedule: Schedule, sink: Sink) -> Cron | None:
    """The meaning of a schedule; None where it has none, which is reported."""
    if schedule.timezone is not None:
        _check_timezone(schedule, schedule.timezone, sink)
    cron = parse_cron(schedule.cron)
    if isinstance(cron, Unsaid):
        sink.report(
            catalog.INVALID_CRON,
            schedule.cron_span or schedule.span,
            f"`{schedule.cron}` is no schedule: {cron.reason}",
            helps=["five fields are Unix cron: `0 2 * * 1-5`; six are AWS cron: `0 2 ? * MON-FRI *`"],
        )
        return None
    return cron


def _check_timezone(schedule: Schedule, zone: str, sink: Sink) -> None:
    """The list of zones is our own, so that every machine judges alike; a newer zone is only a warning."""
    from flowc.diagnostics.suggest import did_you_mean
    from flowc.manifest.timezones import TIMEZONES

    if zone in TIMEZONES:
        return
    sink.report(
        catalog.INVALID_TIMEZONE,
        schedule.timezone_span or schedule.span,
        f"`{zone}` is no time zone that flowc knows",
        helps=did_you_mean(zone, TIMEZONES) or ["zones are named like `Europe/Berlin` or `Etc/UTC`"],
        severity=Severity.WARNING if _ZONE.fullmatch(zone) else None,
    )
