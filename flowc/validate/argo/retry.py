"""Retry strategies and durations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.argo.references import check_expression
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, is_below, mapping, number, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_DURATION = re.compile(r"[+-]?(?:[0-9]+|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_IN_UNITS = re.compile(r"([0-9.]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def check_retry(findings: Findings, path: Path, strategy: Mapping, owner: str) -> None:
    """Report FC707, FC719 and FC723 for a `retryStrategy`."""
    limit = strategy.get("limit")
    if limit is not None and not is_dynamic(str(limit)) and (number(limit) is None or is_below(limit, 0)):
        findings.report(
            catalog.RETRY_STRATEGY,
            (*path, "limit"),
            f"`{limit}` is no number of retries for {owner}",
            "write a whole number from 0",
        )
    backoff = mapping(strategy.get("backoff"))
    for key in ("duration", "maxDuration", "cap"):
        check_duration(findings, (*path, "backoff", key), backoff.get(key), whole_seconds=True)
    first, longest = seconds(backoff.get("duration")), seconds(backoff.get("maxDuration"))
    if first is not None and longest is not None and first > longest:
        message = f"{owner} waits {backoff['duration']} before the first retry, and gives up after {backoff['maxDuration']}"
        findings.report(
            catalog.RETRY_STRATEGY,
            (*path, "backoff", "maxDuration"),
            message,
            "raise `maxDuration`: no retry can begin before it",
        )
    factor = backoff.get("factor")
    if factor is not None and not is_dynamic(str(factor)) and (number(factor) is None or is_below(factor, 1)):
        findings.report(
            catalog.RETRY_STRATEGY,
            (*path, "backoff", "factor"),
            f"`{factor}` is no factor of a back-off",
            "write a whole number from 1",
        )
    if backoff and "duration" not in backoff:
        findings.report(
            catalog.RETRY_STRATEGY,
            (*path, "backoff"),
            f"the back-off of {owner} has no `duration`",
            "add `duration`, such as `10s`",
            at_key=True,
        )
    if expression := text(strategy.get("expression")):
        check_expression(
            findings, (*path, "expression"), expression.removeprefix("{{=").removesuffix("}}"), None
        )


def check_duration(findings: Findings, path: Path, value: object, *, whole_seconds: bool) -> None:
    """Report a text that is no duration; a bare number is one where it counts as seconds."""
    if not isinstance(value, str) or is_dynamic(value) or not value:
        return
    if not _DURATION.fullmatch(value):
        findings.report(
            catalog.FIELD_GRAMMAR,
            path,
            f"`{value}` is no duration",
            "write `30s`, `5m` or `1h30m`; a day is `24h`",
        )
    elif not whole_seconds and value.lstrip("+-").isdecimal():
        findings.report(
            catalog.FIELD_GRAMMAR, path, f"`{value}` is a duration without a unit", f"write `{value}s`"
        )


def seconds(value: object) -> float | None:
    """A duration in seconds; None for what is none, or is known only to a run."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    if value.lstrip("+-").isdecimal():
        return float(value)
    return sum(float(digits) * _SECONDS[unit] for digits, unit in _IN_UNITS.findall(value))
