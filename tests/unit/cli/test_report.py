"""`flowc report`: what the page says, that it stays readable, and that no text of a run is obeyed."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc import contract, share
from flowc.cli.results.page import page_of
from flowc.cli.results.timeline import WIDTH, timeline
from flowc.runtime.client.facts import StoredAttempt, StoredTask
from flowc.runtime.client.stored import StoredRun
from tests.stores import put_json, write_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands import Ended, Project

RUN = """
    Train/new              created=100 tags=["nightly"] parameters={"alpha":0.5}
    Train/new/start/r      ok 100-102 xs=[1,2,3] -> fit
    Train/new/fit/r.0      failed 103-104 ValueError: bad | ok 106-107 loss=3 -> join
    Train/new/fit/r.1      killed 103
    Train/new/ended        status="failed" ended=112
"""


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(contract.ENV_DATASTORE, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Page(HTMLParser):
    """A page as text: a line for each row, paragraph and heading; and the tags with their attributes' names."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.tags: list[tuple[str, ...]] = []
        self._cells: list[str] = []
        self._skips = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self._skips = self._skips or tag in {"style", "svg"}
        if tag in {"td", "th", "h1", "h2", "p", "summary", "dt", "pre"}:
            self._cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._skips = self._skips and tag not in {"style", "svg"}
        if tag in {"tr", "h1", "h2", "p", "summary", "dl", "pre"}:
            line = " | ".join(" ".join(cell.split()) for cell in self._cells)
            self.lines += [line] if line.strip(" |") else []
            self._cells = []

    def handle_data(self, data: str) -> None:
        if self._cells and not self._skips:
            self._cells[-1] += data + " "


def page_for(folder: Path, text: str, run: str = "Train/new") -> Page:
    flow, _, run_id = run.partition("/")
    stored = StoredRun(write_store(folder, text), flow, run_id)
    return Page(share.fill_template("report.html", **page_of(stored)))


def test_the_page_of_a_run(tmp_path: Path) -> None:
    expected = """
        Train/new failed
        started 1970-01-01 00:01:40 | took 12.0 s | tags nightly | tasks 3 | attempts 4
        Parameters
        artifact | type | size | value
        alpha | float | 45 B | 0.5
        Timeline
        What went wrong
        fit/r.1 killed
        Attempt 1 killed · 1970-01-01 00:01:43
        fit/r.0 succeeded ValueError: bad
        Attempt 1 failed · 1970-01-01 00:01:43 · 1.00 s · exit code 1 · ValueError: bad
        Traceback (most recent call last): File "flow.py", line 7, in fit ValueError: bad
        Steps
        step | tasks | succeeded | killed | attempts | time
        start | 1 | 1 |  | 1 | 2.00 s
        fit | 2 | 1 | 1 | 3 | 4.00 s
        start
        artifact | type | size | value
        xs | list | 46 B | [1, 2, 3]
        1 task
        path | status | attempts | began | time | next
        r | succeeded | 1 | +0.00 s | 2.00 s | fit
        fit
        artifact | type | size | tasks
        loss | int | 29 B | 1
        2 tasks
        path | status | attempts | began | time | next
        r.0 | succeeded | 2 | +3.00 s | 4.00 s | join
        r.1 | killed | 1 | +3.00 s |  |
    """
    assert [line.rstrip() for line in page_for(tmp_path, RUN).lines] == dedent(expected).strip().splitlines()


def test_the_command_writes_the_page(run: Callable[..., Ended], project: Project) -> None:
    write_store(project.folder, RUN)
    ended = run("report", "latest", "-o", "out/report.html")
    assert (ended.code, ended.out, ended.err) == (0, "", "The report of Train/new is in out/report.html.\n")
    page = (project.folder / "out" / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert run("report", "latest").out == page
    assert run("report", "new/fit").err.startswith(
        "flowc: a report is of a whole run: `flowc report Train/new`"
    )


def test_a_run_of_which_nothing_is_known_has_a_page(tmp_path: Path) -> None:
    lines = page_for(tmp_path, "Train/new created=1").lines
    assert lines[0] == "Train/new unfinished"
    assert lines[-1] == "No task has begun."


hostile = st.text(min_size=1) | st.sampled_from(
    ["</title><script>alert(1)</script>", "{{7*7}}", '"><img src=x onerror=alert(1)>', "</svg>", "\x00\x1b[2J", "]]>",
     "\ud800", "&lt;", "' onload='x", "</style>", "<!--"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hostile, hostile, hostile, hostile)
def test_text_of_a_run_stays_text(tmp_path: Path, tag: str, kind: str, message: str, name: str) -> None:
    def page(*texts: str) -> Page:
        tag, kind, message, name = (f"x{text}" for text in texts)
        store = write_store(tmp_path, RUN)
        prefix = "Train/new/fit/r.0/attempts/"
        failure = {"type": kind, "message": message, "traceback": message + ".", "artifacts": {}, "time": 104}
        put_json(store, f"{prefix}a0/failure.json", failure)
        entry = {"object": name, "offset": 0, "size": 1, "digest": name, "type": name}
        record = {"artifacts": {name: entry}, "targets": [name], "started": 106, "ended": 107}
        put_json(store, f"{prefix}a1/record.json", record)
        put_json(store, "Train/new/run.json", {"created": 100, "tags": [tag], "user": tag, "parameters": {}})
        return Page(share.fill_template("report.html", **page_of(StoredRun(store, "Train", "new"))))

    assert page(tag, kind, message, name).tags == page("t", "k", "m", "n").tags


def task(path: str, *attempts: tuple[float, float | None, str]) -> StoredTask:
    made = tuple(
        StoredAttempt(f"F/run/s/{path}/attempts/a{n}", status, start, end, None, None)
        for n, (start, end, status) in enumerate(attempts)
    )
    return StoredTask(f"F/run/s/{path}", "s", path, made[-1].status, {}, made, "", "")


times = st.floats(0, 1e9, allow_nan=False)


@given(st.lists(st.tuples(times, times.map(lambda t: t / 1e6)), min_size=1, max_size=60))
def test_bars_lie_inside_the_drawing_and_do_not_overlap(spans: list[tuple[float, float]]) -> None:
    tasks = [task(f"r.{n}", (start, start + took, "succeeded")) for n, (start, took) in enumerate(spans)]
    drawn = timeline([("s", tasks)])
    assert drawn is not None
    [band] = drawn.bands
    lanes: dict[float, list[tuple[float, float]]] = {}
    for bar in band.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= drawn.height
        lanes.setdefault(bar.y, []).append((bar.x, bar.x + bar.width))
    for lane in lanes.values():
        # The thinnest bars are wider than what they stand for.
        assert all(left[0] <= right[0] for left, right in pairwise(lane))


def test_thousands_of_tasks_are_few_bars_and_rows(tmp_path: Path) -> None:
    lines = [
        f"Big/one/work/r.{n}  ok {100 + n // 16 * 0.01:.2f}-{100.01 + n // 16 * 0.01:.2f}"
        for n in range(3000)
    ]
    lines[7] = "Big/one/work/r.7  failed 100-101 E: e"
    page = page_for(tmp_path, "Big/one created=100\n" + "\n".join(lines), "Big/one")
    assert sum(tag[0] == "rect" for tag in page.tags) < 3100
    rows = [line for line in page.lines if line.startswith("r.")]
    assert (len(rows), rows[7]) == (200, "r.7 | failed | 1 | +0.00 s | 1.00 s | ")
    assert "These failed or took longest; flowc show Big/one/work lists 2,800 more." in page.lines


def test_bars_closer_than_a_pixel_are_one() -> None:
    drawn = timeline([("s", [task(f"r.{n}", (n, n + 1, "succeeded")) for n in range(20_000)])])
    assert drawn is not None
    assert len(drawn.bands[0].bars) < 1000
    assert "attempts, succeeded" in drawn.bands[0].bars[0].title
    assert [tick.label for tick in drawn.ticks][:3] == ["0", "1 h", "2 h"]
