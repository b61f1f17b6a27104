"""What a flow needs at most: the certificate as lines for a person, and as numbers for a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.passes.bounds import Certificate
    from flowc.target.settings import Settings


def peak_line(certificate: Certificate, settings: Settings) -> str:
    """`peak 16 tasks, 64 vCPU, 938 GB, 2 GPU (fit_large × 2) · at most 214 tasks · run-wide limit 16`."""
    needs = [
        f"{certificate.peak_tasks:,} task{'' if certificate.peak_tasks == 1 else 's'}",
        f"{cores(certificate.peak_cpu_millis)} vCPU",
        memory(certificate.peak_memory_mb),
        *([f"{certificate.peak_gpu:,} GPU"] if certificate.peak_gpu else []),
    ]
    heaviest = f" ({certificate.heaviest})" if certificate.heaviest else ""
    total = f"{certificate.total_tasks:,} task{'' if certificate.total_tasks == 1 else 's'}"
    in_all = f"at most {total}" if certificate.total_is_bound else f"{total} in all"
    return f"peak {', '.join(needs)}{heaviest} · {in_all} · run-wide limit {settings.max_workers:,}"


class Needs(NamedTuple):
    """What one flow needs at most, on each target that it was judged for."""

    flow: str
    path: str
    steps: int
    settings: Settings
    certificates: Mapping[str, Certificate]


def stats_lines(needs: Needs) -> list[str]:
    """The flow's own line, then one for each target."""
    head = f"{needs.flow} ({needs.path}): {needs.steps:,} step{'' if needs.steps == 1 else 's'}"
    targets = [
        f"  {target + ':':<14} {peak_line(certificate, needs.settings)}"
        for target, certificate in needs.certificates.items()
    ]
    return [head, *targets]


def stats_object(needs: Needs, path: str) -> dict[str, object]:
    """The same for a machine, as schemas/diagnostics.schema.json has it."""
    targets = {
        target: {
            "peak_tasks": each.peak_tasks,
            "peak_cpu_millis": each.peak_cpu_millis,
            "peak_memory_mb": each.peak_memory_mb,
            "peak_gpu": each.peak_gpu,
            "total_tasks": each.total_tasks,
            "total_is_bound": each.total_is_bound,
            "heaviest": each.heaviest,
        }
        for target, each in needs.certificates.items()
    }
    return {
        "flow": needs.flow,
        "path": path,
        "steps": needs.steps,
        "max_workers": needs.settings.max_workers,
        "targets": targets,
    }


def cores(millis: int) -> str:
    """`64`, `0.5`, `1,024`."""
    return f"{millis // 1000:,}" if millis % 1000 == 0 else f"{millis / 1000:,.3f}".rstrip("0").rstrip(".")


def memory(megabytes: int) -> str:
    """`512 MB`, `60 GB`, `1.9 TB`; a megabyte is a million bytes."""
    if megabytes < 1000:
        return f"{megabytes} MB"
    for unit, size in (("PB", 1_000_000_000), ("TB", 1_000_000), ("GB", 1000)):
        if megabytes >= size:
            value = megabytes / size
            return f"{value:,.0f} {unit}" if value >= 100 or value == int(value) else f"{value:,.1f} {unit}"
    return f"{megabytes} MB"


def duration(seconds: int) -> str:
    """`90 s`, `2 min`, `1 h`."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
