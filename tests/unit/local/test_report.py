"""What a user reads of a run: events as lines, and the line that says how far it is."""

from __future__ import annotations

import re

import pytest

from flowc.local.events import (
    Adopted,
    AttemptFailed,
    Event,
    Finished,
    Line,
    Split,
    Started,
    Stopped,
    Task,
)
from flowc.local.progress import Progress
from flowc.local.report import Live, Plain
from flowc.local.status import status_line
from tests.unit.local.runs import program
from tests.unit.local.test_interpret import FOREACH, SWITCH_IN_LOOP

EMPTY = "▁" * 18
WORK = Task("work", "r.1")
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")


def shown(*events: Event) -> str:
    written: list[str] = []
    report = Plain(program(FOREACH), "f-1", written.append)
    for event in events:
        report.tell(event)
    return STAMP.sub("TIME", "".join(written))


def failed(code: int, delay: float | None) -> AttemptFailed:
    return AttemptFailed(WORK, "pid 7", 1, 3, code, delay)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Line(WORK, "pid 7", "loss 0.5"), "TIME [f-1/work/r.1 (pid 7)] loss 0.5\n"),
        (Line(WORK, "", "before it had a process"), "TIME [f-1/work/r.1] before it had a process\n"),
        (failed(1, None), "TIME [f-1/work/r.1 (pid 7)] Task failed (exit code 1).\n"),
        (failed(71, None), "TIME [f-1/work/r.1 (pid 7)] Task failed (exit code 71: its @timeout).\n"),
        (
            failed(1, 120.0),
            "TIME [f-1/work/r.1 (pid 7)] Attempt 1 of 3 failed (exit code 1); trying again in 120 s.\n",
        ),
        (failed(1, 0.0), "TIME [f-1/work/r.1 (pid 7)] Attempt 1 of 3 failed (exit code 1); trying again.\n"),
        (Started(WORK, "pid 7"), ""),
        (Finished(WORK), ""),
    ],
)
def test_lines(event: Event, line: str) -> None:
    assert shown(event) == line


def progress(steps: str, *events: Event) -> Progress:
    made = Progress(program(steps))
    for event in events:
        made.take(event)
    return made


BEGUN = (Started(Task("start", "r"), "pid 1"), Finished(Task("start", "r")), Split("start", "r", 3))


@pytest.mark.parametrize(
    ("steps", "events", "line"),
    [
        (FOREACH, (), "  start 0/1 · work 0/1 · more 0/1 · join 0/1 · end 0/1   0 running · 5 s"),
        (
            FOREACH,
            BEGUN,
            f"  start 1/1 · work 0/3 {EMPTY} · more 0/3 {EMPTY} · join 0/1 · end 0/1   0 running · 5 s",
        ),
        (
            FOREACH,
            (*BEGUN, *(event for i in range(3) for event in (Started(WORK, f"pid {i}"), Finished(WORK)))),
            f"  start 1/1 · work 3/3 · more 0/3 {EMPTY} · join 0/1 · end 0/1   0 running · 5 s",
        ),
        (
            SWITCH_IN_LOOP,
            (
                Adopted(Task("start", "r")),
                Adopted(Task("work", "r~0")),
                Started(Task("work", "r~1"), "pid 1"),
            ),
            "  start 1/1 · work 1 · end 0/1   1 running · 5 s",
        ),
    ],
)
def test_status(steps: str, events: tuple[Event, ...], line: str) -> None:
    assert status_line(progress(steps, *events), 5.0, 140) == line


@pytest.mark.parametrize("columns", [1, 10, 40, 80, 200])
def test_the_status_fits_its_terminal(columns: int) -> None:
    assert len(status_line(progress(FOREACH, *BEGUN), 5.0, columns)) <= columns


def test_stopped_and_failed_tasks_run_no_more() -> None:
    assert progress(FOREACH, *BEGUN, Started(WORK, "pid 2"), Stopped(WORK)).running == 0
    assert progress(FOREACH, *BEGUN, Started(WORK, "pid 2"), failed(1, None)).running == 0


def test_a_live_view_keeps_its_line_below_the_others() -> None:
    written: list[str] = []
    report = Live(program(FOREACH), "f-1", written.append, lambda: 60)
    report.tick()
    report.tell(Line(WORK, "pid 7", "loss 0.5"))
    report.close()
    first, second, last = (STAMP.sub("TIME", text) for text in written)
    assert first == "  start 0/1 · join 0/1 · end 0/1   0 running · 0 s"
    assert second == f"\r\x1b[2KTIME [f-1/work/r.1 (pid 7)] loss 0.5\n{first}"
    assert last == "\r\x1b[2K"
