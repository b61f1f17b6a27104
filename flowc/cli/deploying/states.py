"""A run on an engine as a person reads it: a line while it goes on, a table when asked; or as JSON."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from flowc.cli.output import write
from flowc.cli.results.words import clock, coloured_status, span, table
from flowc.deploy.status import State
from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.render.style import wants_colour

if TYPE_CHECKING:
    from typing import Any

    from flowc.deploy.status import RunStatus, StepCount, Trouble

_SHOWN = 6  # steps of a line
_TROUBLES = 20  # tasks of a table


def progress_line(status: RunStatus) -> str:
    """`running: start 1 done, fit 3 done 2 running`; the steps that went last, where they are many."""
    parts = [_step(count) for count in status.steps]
    cut = f"{len(parts) - _SHOWN} steps before, " if len(parts) > _SHOWN else ""
    steps = cut + ", ".join(parts[-_SHOWN:])
    return f"{status.state.value}: {steps}" if steps else status.state.value


def _step(count: StepCount) -> str:
    named = (
        ("done", count.succeeded),
        ("running", count.running),
        ("waiting", count.waiting),
        ("failed", count.failed),
    )
    return plain(" ".join([count.step, *(f"{number:,} {word}" for word, number in named if number)]))


def trouble_line(trouble: Trouble) -> str:
    """`fit/r.3 failed: main: exit code 1`."""
    place = f"{trouble.step}/{trouble.path}" if trouble.path else trouble.step
    return plain(
        f"{place} {'failed' if trouble.failed else 'waits'}: {trouble.message or 'no reason is told'}"
    )


def print_status(status: RunStatus) -> None:
    """The run, its steps and what went wrong, on standard output."""
    colour = wants_colour(sys.stdout, os.environ)
    ended = status.ended if status.ended is not None else time.time()
    lines = table(
        ("run", "flow", "state", "started", "time", "message"),
        [[status.run_id, plain(status.name), coloured_status(status.state.value, colour=colour), clock(status.started),
          span(status.started, ended), plain(status.message)]],
        right="time",
    )  # fmt: skip
    if status.steps:
        header = ("step", "waiting", "running", "succeeded", "failed")
        rows = [[plain(c.step), *(f"{number:,}" if number else "" for number in c[1:])] for c in status.steps]
        lines += ["", *table(header, rows, right="waiting running succeeded failed")]
    if status.troubles:
        lines += ["", *(trouble_line(trouble) for trouble in status.troubles[:_TROUBLES])]
        if len(status.troubles) > _TROUBLES:
            lines.append(f"and {len(status.troubles) - _TROUBLES:,} more")
    write(sys.stdout, "\n".join(lines) + "\n")


def status_document(status: RunStatus) -> dict[str, Any]:
    """The run for JSON (schemas/status.schema.json)."""
    return {
        "run": status.run_id,
        "name": status.name,
        "state": status.state.value,
        "started": status.started,
        "ended": status.ended,
        "message": status.message,
        "steps": [count._asdict() for count in status.steps],
        "troubles": [trouble._asdict() for trouble in status.troubles],
    }


def ending_line(status: RunStatus) -> str:
    """What a command that waited says last."""
    took = span(status.started, status.ended)
    after = f" after {took}" if took else ""
    if status.state is State.SUCCEEDED:
        return f"Run {status.run_id} is done{after}."
    why = f": {plain(status.message)}" if status.message else ""
    return f"Run {status.run_id} {status.state.value}{after}{why}."
