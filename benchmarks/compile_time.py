"""What a compilation costs: CPU of the whole process against `python -c pass`."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from benchmarks.flows import chain
from benchmarks.measure import ROOT, Row, cpu_ratio, print_table, python

if TYPE_CHECKING:
    from collections.abc import Iterator

PIPELINE = os.path.join(ROOT, "benchmarks", "pipeline.py")
TARGETS = ("argo", "stepfunctions")


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    with tempfile.TemporaryDirectory() as folder:
        return print_table(
            "Compile time (CPU, × python -c pass)", _rows(folder, 7 if short else 20), short=short
        )


def _rows(folder: str, repeat: int) -> Iterator[Row]:
    ten, thousand = _write(folder, 10), _write(folder, 1000)
    for target in TARGETS:
        ratio = cpu_ratio(python(PIPELINE, ten, target), repeat)
        yield Row(f"pipeline alone, 10 steps, {target}", ratio, "×", 6)
    for target in TARGETS:
        yield Row(f"flowc compile, 10 steps, {target}", cpu_ratio(_compile(ten, target), repeat), "×", 12)
    for target in TARGETS:
        ratio = cpu_ratio(_compile(thousand, target), min(repeat, 7))
        yield Row(f"flowc compile, 1,000 steps, {target}", ratio, "×", 40)
    many = os.path.join(folder, "many")
    os.mkdir(many)
    for i in range(200):
        _write(many, 10, f"flow_{i}")
    ratio = cpu_ratio(python("-m", "flowc", "check", many), min(repeat, 7))
    yield Row("flowc check, 200 files of 10 steps", ratio, "×", 60)


def _compile(path: str, target: str) -> list[str]:
    return python("-m", "flowc", "compile", path, "--target", target)


def _write(folder: str, steps: int, name: str | None = None) -> str:
    path = os.path.join(folder, f"{name or f'chain_{steps}'}.py")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(chain(steps))
    return path
