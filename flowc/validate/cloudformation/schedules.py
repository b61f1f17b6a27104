"""Schedules of EventBridge: `cron(…)`, `rate(…)` and `at(…)`, and their time zones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.cron import Unsaid, parse_cron
from flowc.manifest.timezones import TIMEZONES
from flowc.validate.asl.reading import is_replaced
from flowc.validate.parts import Mapping, items

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_RATE = re.compile(r"rate\((?P<count>[0-9]+) (?P<unit>minutes?|hours?|days?)\)")
_AT = re.compile(r"at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\)")
_CRON = re.compile(r"cron\((?P<fields>[^()]*)\)")
_FIELDS = 6


def check_schedule(findings: Findings, properties: Mapping, kind: str) -> None:
    """Report FC726 and FC704 for a rule or a schedule."""
    written = properties.get("ScheduleExpression")
    if isinstance(written, str):
        reason = expression_reason(written, may_be_once=kind == "AWS::Scheduler::Schedule")
        if reason:
            remedy = "write `cron(minutes hours day-of-month month day-of-week year)`, `rate(5 minutes)`"
            findings.report(
                catalog.MANIFEST_SCHEDULE,
                ("ScheduleExpression",),
                f"`{written}` is no schedule: {reason}",
                remedy,
            )
    zone = properties.get("ScheduleExpressionTimezone")
    if isinstance(zone, str) and zone not in TIMEZONES:
        helps = did_you_mean(zone, TIMEZONES) or ("name one as `Europe/Berlin`",)
        findings.report(
            catalog.MANIFEST_SCHEDULE,
            ("ScheduleExpressionTimezone",),
            f"there is no time zone `{zone}`",
            *helps,
        )
    if kind == "AWS::Events::Rule":
        _check_pattern(findings, ("EventPattern",), properties.get("EventPattern"))
        if properties and "ScheduleExpression" not in properties and "EventPattern" not in properties:
            findings.report(
                catalog.MISSING_FIELD,
                (),
                "the rule has neither `EventPattern` nor `ScheduleExpression`",
                "add one of the two",
                at_key=True,
            )
        if len(items(properties.get("Targets"))) > 5:
            findings.report(
                catalog.MANIFEST_LIMIT,
                ("Targets",),
                "the rule has more than 5 targets",
                "move some to a rule of their own",
                at_key=True,
            )


def _check_pattern(findings: Findings, path: Path, pattern: object) -> None:
    """Every field of a pattern lists the values that match it."""
    if not isinstance(pattern, dict) or is_replaced(pattern):
        return
    for key, value in pattern.items():
        if isinstance(value, str | int | float | bool):
            message = f"the pattern compares `{key}` with a single value, where a list belongs"
            findings.report(catalog.FIELD_VALUE, (*path, key), message, f"write `[{value}]`")
        elif key != "$or":
            _check_pattern(findings, (*path, key), value)


def expression_reason(written: str, *, may_be_once: bool) -> str | None:
    """Why a text is no schedule of EventBridge; None where it is one."""
    rate = _RATE.fullmatch(written)
    if rate is not None:
        count = int(rate["count"])
        if count < 1:
            return "a rate is 1 or more"
        if (count == 1) == rate["unit"].endswith("s"):
            return f"`{count} {rate['unit']}` is {'singular: ' if count == 1 else 'plural: '}`{count} {rate['unit'].removesuffix('s')}{'' if count == 1 else 's'}`"
        return None
    cron = _CRON.fullmatch(written)
    if cron is not None:
        return _cron_reason(cron["fields"])
    if _AT.fullmatch(written):
        return None if may_be_once else "a rule cannot fire once; use `AWS::Scheduler::Schedule`"
    return "it is none of `cron(…)`, `rate(…)` and `at(…)`"


def _cron_reason(fields: str) -> str | None:
    words = fields.split()
    if len(words) != _FIELDS:
        return f"it has {len(words)} fields, where EventBridge takes {_FIELDS}"
    if "?" not in {words[2], words[4]}:
        return "one of the two day fields is `?`"
    found = parse_cron(fields)
    return found.reason if isinstance(found, Unsaid) else None
