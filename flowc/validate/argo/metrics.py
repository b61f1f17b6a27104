"""Metrics that a workflow or template emits: names that Prometheus takes, a help text, one kind with a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_KINDS = ("gauge", "counter", "histogram")


def check_metrics(findings: Findings, holder: Mapping, owner: str) -> None:
    """Report FC704, FC707, FC708 and FC721 for the `metrics` of `holder`, which stands at `findings`."""
    for index, metric in mappings(mapping(holder.get("metrics")).get("prometheus")):
        path: Path = ("metrics", "prometheus", index)
        name = text(metric.get("name"))
        _check_name(findings, (*path, "name"), name, "metric")
        for number, label in mappings(metric.get("labels")):
            _check_name(
                findings, (*path, "labels", number, "key"), text(label.get("key")), "label of a metric"
            )
        if not text(metric.get("help")):
            message, remedy = f"the metric `{name}` of {owner} has no `help`", "add `help`"
            findings.report(catalog.MISSING_FIELD, path, message, remedy, at_key=True)
        _check_kind(findings, path, metric, f"the metric `{name}` of {owner}")


def _check_name(findings: Findings, path: Path, name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        message = f"`{name}` cannot be the name of a {what}"
        findings.report(catalog.MANIFEST_NAME, path, message, "use letters, digits and `_`, no digit first")


def _check_kind(findings: Findings, path: Path, metric: Mapping, who: str) -> None:
    kinds = [kind for kind in _KINDS if metric.get(kind) is not None]
    if not kinds:
        message, remedy = f"{who} is of no kind", "add `gauge`, `counter` or `histogram`"
        findings.report(catalog.MISSING_FIELD, path, message, remedy, at_key=True)
    elif len(kinds) > 1:
        message = f"{who} is both `{kinds[0]}` and `{kinds[1]}`"
        findings.report(catalog.EXCLUSIVE_FIELDS, (*path, kinds[1]), message, "keep one", at_key=True)
    for kind in kinds:
        written = text(mapping(metric[kind]).get("value"))
        if not written:
            message = f"{who} has no value"
            findings.report(catalog.MISSING_FIELD, (*path, kind), message, "add `value`", at_key=True)
        elif mapping(metric[kind]).get("realtime") is True and "resourcesDuration." in written:
            message = f"{who} is emitted while the pod runs, and `resourcesDuration` is known after it"
            findings.report(catalog.FIELD_VALUE, (*path, kind, "value"), message, "leave `realtime` out")
