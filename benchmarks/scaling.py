"""The front half is linear: seconds of CPU a step stay the same from 1,000 steps to 10,000."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from benchmarks.flows import chain, diamonds
from benchmarks.measure import Row, cpu_seconds, print_table, python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    with tempfile.TemporaryDirectory() as folder:
        return print_table(
            "flowc ir, CPU a step as the flow grows (1.0: linear)",
            _rows(folder, 1 if short else 3),
            short=short,
        )


def _rows(folder: str, repeat: int) -> Iterator[Row]:
    start = cpu_seconds(python("-c", "import flowc.cli.ir"), 5)
    yield from _growth(folder, chain, "plain steps", 1_000, 10_000, start, repeat)
    yield from _growth(folder, diamonds, "chained diamonds", 500, 5_000, start, repeat)


def _growth(
    folder: str, make: Callable[[int], str], what: str, small: int, large: int, start: float, repeat: int
) -> Iterator[Row]:
    spent = {}
    for size in (small, large):
        path = os.path.join(folder, f"{make.__name__}_{size}.py")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(make(size))
        spent[size] = cpu_seconds(python("-m", "flowc", "ir", path), repeat) - start
    growth = (spent[large] / large) / (spent[small] / small)
    yield Row(f"{large:,} {what} against {small:,}", growth, "", 1.5)
    yield Row(f"{large:,} {what}", spent[large], "s CPU")
