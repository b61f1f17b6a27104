"""What a compilation costs: CPU of the whole process against `python -c pass`."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from benchmarks.flows import chain
from benchmarks.measure import ROOT, Row, baseline, cpu_seconds, print_table, python

if TYPE_CHECKING:
    from collections.abc import Iterator

PIPELINE = os.path.join(ROOT, "benchmarks", "pipeline.py")
TARGETS = ("argo", "stepfunctions")


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    with tempfile.TemporaryDirectory() as folder:
        return print_table("Compile time (CPU, × python -c pass)", _rows(folder, 3 if short else 9))


def _rows(folder: str, repeat: int) -> Iterator[Row]:
    ten, thousand = _write(folder, 10), _write(folder, 1000)
    unit = baseline(max(repeat, 5))
    for target in TARGETS:
        cpu = cpu_seconds(python(PIPELINE, ten, target), repeat)
        yield Row(f"pipeline alone, 10 steps, {target}", cpu / unit, "×", 6)
    for target in TARGETS:
        cpu = cpu_seconds(_compile(ten, target), repeat)
        yield Row(f"flowc compile, 10 steps, {target}", cpu / unit, "×", 12)
    for target in TARGETS:
        cpu = cpu_seconds(_compile(thousand, target), min(repeat, 3))
        yield Row(f"flowc compile, 1,000 steps, {target}", cpu / unit, "×", 40)
    many = os.path.join(folder, "many")
    os.mkdir(many)
    for i in range(200):
        _write(many, 10, f"flow_{i}")
    cpu = cpu_seconds(python("-m", "flowc", "check", many), min(repeat, 3))
    yield Row("flowc check, 200 files of 10 steps", cpu / unit, "×", 60)


def _compile(path: str, target: str) -> list[str]:
    return python("-m", "flowc", "compile", path, "--target", target)


def _write(folder: str, steps: int, name: str | None = None) -> str:
    path = os.path.join(folder, f"{name or f'chain_{steps}'}.py")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(chain(steps))
    return path
