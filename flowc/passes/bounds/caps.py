"""The caps that the configuration sets on the peak of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.ir.program import Program
    from flowc.passes.bounds.peak import Certificate
    from flowc.target.settings import Settings


def check_caps(certificate: Certificate, program: Program, settings: Settings, sink: Sink) -> None:
    """Report each cap that the certificate exceeds, at the flow's name."""
    heaviest = program.graph.steps.get(certificate.heaviest.partition(" ")[0])
    span = heaviest.spec.resources_span if heaviest is not None else None
    secondary = (Label(span, f"the most memory: {certificate.heaviest}"),) if span is not None else ()
    for setting, cap, peak, shown in (
        ("max_peak_tasks", settings.max_peak_tasks, certificate.peak_tasks, _tasks),
        ("max_peak_cpu", settings.max_peak_cpu_millis, certificate.peak_cpu_millis, _cores),
        ("max_peak_memory", settings.max_peak_memory_mb, certificate.peak_memory_mb, _memory),
        ("max_peak_gpu", settings.max_peak_gpu, certificate.peak_gpu, _gpus),
    ):
        if cap is not None and peak > cap:
            sink.report(
                catalog.PEAK_EXCEEDED,
                program.graph.span,
                f"`{program.graph.name}` can use {shown(peak)} at once; `{setting}` allows {shown(cap)}",
                secondary=secondary if setting == "max_peak_memory" else (),
                helps=(
                    f"lower `max_workers` (now {settings.max_workers}) or raise `{setting}` under [tool.flowc]",
                ),
            )


def _tasks(number: int) -> str:
    return f"{number:,} tasks"


def _cores(millis: int) -> str:
    return f"{millis / 1000:,g} CPUs"


def _memory(megabytes: int) -> str:
    return f"{megabytes:,} MB of memory"


def _gpus(number: int) -> str:
    return f"{number:,} GPUs"
