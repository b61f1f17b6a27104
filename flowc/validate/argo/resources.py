"""Amounts of resources: each is one, and none asked for is above its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.argo.quantity import amount
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, mapping

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings


def check_resources(findings: Findings, path: Path, resources: Mapping, name: str) -> None:
    """Report amounts that are none, and requests above their limit."""
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    for part, amounts in (("requests", requests), ("limits", limits)):
        for key, value in amounts.items():
            if amount(value) is None and not (isinstance(value, str) and is_dynamic(value)):
                helps = amount_helps(value)
                findings.report(
                    catalog.FIELD_GRAMMAR, (*path, part, key), f"`{value}` is no amount of `{key}`", *helps
                )
            elif (amount(value) or 0) < 0:
                findings.report(
                    catalog.FIELD_GRAMMAR,
                    (*path, part, key),
                    f"{name} cannot have {value} of `{key}`",
                    "write 0 or more",
                )
    for key in requests.keys() & limits.keys():
        asked, most = amount(requests[key]), amount(limits[key])
        if asked is not None and most is not None and asked > most:
            label = findings.label((*path, "limits", key), "the limit")
            message = f"{name} asks for {requests[key]} of `{key}`, above its limit of {limits[key]}"
            findings.report(
                catalog.RESOURCE_AMOUNTS,
                (*path, "requests", key),
                message,
                "raise the limit or lower the request",
                related=(label,),
            )
    for key in sorted(requests.keys() - limits.keys()):
        if "/" in key and not key.startswith("kubernetes.io/"):
            message = f"{name} asks for `{key}` without a limit; Kubernetes takes such a resource only with an equal limit"
            findings.report(
                catalog.RESOURCE_AMOUNTS,
                (*path, "requests", key),
                message,
                f"add `limits.{key}: {requests[key]}`",
                at_key=True,
            )


def amount_helps(value: object) -> tuple[str, ...]:
    """What to write instead of an amount that is none."""
    written = str(value)
    for wrong, right in (
        ("GB", "G"),
        ("MB", "M"),
        ("KB", "k"),
        ("gb", "G"),
        ("mb", "M"),
        ("g", "G"),
        ("K", "k"),
        ("KiB", "Ki"),
        ("MiB", "Mi"),
        ("GiB", "Gi"),
    ):
        if written.endswith(wrong) and amount(written.removesuffix(wrong) + right) is not None:
            return (f"did you mean `{written.removesuffix(wrong) + right}`?",)
    return ("an amount is a number with an optional unit: `500m`, `2`, `4G`, `4Gi`",)
