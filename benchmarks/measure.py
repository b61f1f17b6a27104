"""CPU time of child processes, as ratios to `python -c pass` measured in the same run.

User and system time of the child count, not the clock, and the command takes turns with the
baseline, so that a busy machine slows both alike. Of a ratio's two sides the medians are taken: the
least of many short runs finds an idle moment that a longer run never has.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SEES_CHECKOUT = {"PYTHONPATH": ROOT}


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, how much, and the claim (None: only shown)."""

    name: str
    value: float
    unit: str
    claim: float | None = None

    def verdict(self, slack: float) -> str:
        """What becomes of the claim; with `slack` 1.5 a value up to half above it is only "over"."""
        if self.claim is None:
            return ""
        if self.value <= self.claim:
            return "holds"
        return "over" if self.value <= self.claim * slack else "BROKEN"


@dataclass(frozen=True)
class Ran:
    """One run of a command with all that it waited for: seconds by the clock and of CPU, and what it printed."""

    clock: float
    cpu: float
    output: bytes


def python(*arguments: str) -> list[str]:
    """A command of this interpreter that sees the checkout."""
    return [sys.executable, *arguments]


def cpu_ratio(command: Sequence[str], repeat: int = 5, cwd: str | None = None) -> float:
    """CPU time of `command` against `python -c pass`: the medians of each, run by turns."""
    run(command, cwd)  # fills the caches of bytecode
    spent, units = [], []
    for _ in range(repeat):
        units.append(run(python("-c", "pass")).cpu)
        spent.append(run(command, cwd).cpu)
        units.append(run(python("-c", "pass")).cpu)
    return median(spent) / median(units)


def cpu_seconds(command: Sequence[str], repeat: int = 3) -> float:
    """The least CPU time of `command` in `repeat` runs."""
    return min(run(command).cpu for _ in range(repeat))


def print_table(title: str, rows: Iterable[Row], *, short: bool) -> bool:
    """Print the rows; whether no claim is broken. A short run, which may share its machine, allows half more."""
    print(f"\n{title}")
    kept = True
    for row in rows:
        claim = "" if row.claim is None else f"claim ≤ {row.claim:g} {row.unit}"
        verdict = row.verdict(1.5 if short else 1.0)
        print(f"  {row.name:<58} {row.value:>10.2f} {row.unit:<8} {claim:<22} {verdict}".rstrip())
        kept = kept and verdict != "BROKEN"
    return kept


def environment(variables: Mapping[str, str] = SEES_CHECKOUT) -> dict[str, str]:
    """That of a command: this process's own with these variables; PYTHONPATH is theirs alone."""
    # Installed packages have their bytecode; a checkout gets it in the first run.
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {**{name: value for name, value in os.environ.items() if name not in left_out}, **variables}


def run(command: Sequence[str], cwd: str | None = None, variables: Mapping[str, str] = SEES_CHECKOUT) -> Ran:
    """Run once. Raises CalledProcessError with the last words of a command that fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment(variables), capture_output=True, check=False)
    clock = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-2000:]
        raise subprocess.CalledProcessError(done.returncode, command, stderr=said)
    return Ran(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)
