"""A datastore that fills up, refuses, vanishes or lies, clocks that jump, runs side by side, floods of output."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.records import Run
from tests.badluck import flows
from tests.badluck.places import SECONDS, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLOW = """\
import os, shutil
from flowc import FlowSpec, step


class Stores(FlowSpec):
    @step
    def start(self):
        self.small = "small"
        self.big = os.urandom(300_000)
        self.next(self.middle)

    @step
    def middle(self):
        if os.path.exists("remove"):
            shutil.rmtree(".flowc")
        self.more = os.urandom(400_000)
        self.next(self.end)

    @step
    def end(self):
        self.total = len(self.small) + len(self.big) + len(self.more)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place", FLOW)


@pytest.fixture
def disk(place: Place) -> Iterator[str]:
    """A file system of 500 KiB where the datastore lies."""
    folder = place.folder / ".flowc"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a file system")
    yield str(folder)
    subprocess.run(["umount", str(folder)], check=True)


def _change(disk: str, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def test_a_full_disk(place: Place, disk: str) -> None:
    ended = place.flowc("run", "flow.py")
    assert ended.code == 1
    assert "cannot write an object of" in ended.out
    assert "no space left on device; free space there" in ended.out
    assert "1 of 3 tasks is kept." in ended.err
    _change(disk, "size=5m")
    assert "2 tasks ran, 1 taken over" in place.flowc("resume", "flow.py").err


@pytest.mark.parametrize("size", ["8k", "24k", "40k", "64k"])
def test_a_disk_too_small_for_anything(place: Place, disk: str, size: str) -> None:
    _change(disk, f"size={size}")
    ended = place.flowc("run", "flow.py")
    assert ended.code in (1, 2)
    assert "no space left on device" in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err


def test_a_disk_that_cannot_be_written(place: Place, disk: str) -> None:
    _change(disk, "size=5m")
    assert place.flowc("run", "flow.py").code == 0
    _change(disk, "ro")
    for words in (("run", "flow.py"), ("resume", "flow.py", "end")):
        ended = place.flowc(*words)
        assert ended.code == 2
        assert "read-only file system; choose a datastore on a file system that can be written" in ended.err


def test_a_datastore_that_is_removed_meanwhile(place: Place) -> None:
    (place.folder / "remove").touch()
    ended = place.flowc("run", "flow.py")
    assert ended.code == 1
    assert re.search(r"Stores/\S+/end/r: (the run has no run.json|there is no object)", ended.out)
    assert "Traceback" not in ended.out + ended.err


# --------------------------------------------------------------------------- damage
def _object(place: Place, name: str) -> Path:
    """A file of the newest run; `big` is its blob."""
    run_id = place.runs()[-1]
    if name == "big":
        record = Run(place.store, place.flow, run_id).finished("start", "r")
        digest = record["artifacts"]["big"]["digest"]
        return next((place.folder / ".flowc").rglob(f"*{digest.rpartition(':')[2]}"))
    return next((place.folder / ".flowc/store" / place.flow / run_id).glob(name))


DAMAGE = {
    "big": "end/r: .* is corrupt: its digest is",
    "start/r/attempts/*/small": "end/r: .*small is corrupt: ",
    "start/r/attempts/*/record.json": "middle/r: .*record.json is not JSON, so it was damaged after it was written",
    "start/r/done.json": "middle/r: .*done.json is not JSON, so it was damaged after it was written",
    "run.json": "run.json is not JSON, so it was damaged after it was written",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(place: Place, name: str) -> None:
    assert place.flowc("run", "flow.py").code == 0
    file = _object(place, name)
    content = bytearray(file.read_bytes())
    if name.endswith(".json"):
        del content[len(content) // 2 :]
    else:
        content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    found = place.flowc("verify", place.runs()[-1] if name != "run.json" else _run_folder(place))
    assert found.code == 1
    assert file.name in found.out
    resumed = place.flowc("resume", "flow.py", "middle")
    assert resumed.code in (1, 2)
    assert re.search(DAMAGE[name], resumed.out + resumed.err), resumed


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run.json", "[1]", "run.json is no JSON object, so it was damaged after it was written; "),
        (
            "run.json",
            "{}",
            "run.json does not say `uid` as it must, so it was damaged after it was written; ",
        ),
        ("run.json", "[" * 100_000, "run.json is not JSON, so it was damaged after it was written"),
        ("start/r/done.json", "null", "start/r/done.json is no JSON object"),
        ("start/r/done.json", '{"attempt": 3}', "start/r/done.json does not say `attempt` as it must"),
        ("start/r/attempts/*/record.json", "{}", "record.json does not say `artifacts` as it must"),
        (
            "start/r/attempts/*/record.json",
            '{"format": 2}',
            "record.json is of format 2, and this flowc reads format 1: use the flowc that wrote it",
        ),
    ],
)
def test_an_object_of_another_shape_is_named(place: Place, name: str, content: str, said: str) -> None:
    assert place.flowc("run", "flow.py").code == 0
    _object(place, name).write_text(content)
    resumed = place.flowc("resume", "flow.py", "middle")
    assert resumed.code in (1, 2)
    assert said in resumed.out + resumed.err
    assert "FC901" not in resumed.err
    assert "Traceback" not in resumed.out
    found = place.flowc("verify", _run_folder(place))
    assert (found.code, "FC901" in found.err) == (1, False)


@pytest.mark.parametrize("name", ["run.json", "ended.json", "start/r", *DAMAGE])
def test_what_cannot_be_read_hides_nothing_else(place: Place, name: str) -> None:
    """Here a link to itself; a file of another user, or of a disk that fails, is refused alike."""
    assert place.flowc("run", "flow.py").code == 0
    assert place.flowc("run", "flow.py").code == 0
    object_ = _object(place, name)
    object_.rename(place.folder / "moved")
    object_.symlink_to(object_.name)
    listed = place.flowc("runs", "--quiet")
    assert (listed.code, len(listed.out.split())) == (0, 2)
    for words in (("show",), ("dump",), ("logs",), ("verify",), ("report", "-o", "report.html")):
        ended = place.flowc(words[0], f"Stores/{_damaged_run(object_)}", *words[1:])
        assert "FC901" not in ended.err
        assert ended.code in (0, 1), ended


def _damaged_run(file: Path) -> str:
    return next((part for part in file.parts if part.startswith("stores-")), "latest")


def _run_folder(place: Place) -> str:
    return next(name for name in place.store.names(place.flow) if name != "data")


# --------------------------------------------------------------------------- clocks and neighbours
JUMPING = """\
import os, random, secrets, time
true = time.time
time.time = lambda: true() + random.choice([-10**8, -3600, 0, 3600, 10**8])
"""


def _with(place: Place, code: str) -> dict[str, str]:
    """The variables with which every Python of a command runs `code` first."""
    folder = place.folder / "first"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": f"{folder}:$PYTHONPATH"}


def test_a_clock_that_jumps(tmp_path: Path) -> None:
    place = Place(tmp_path, flows.CAUGHT.replace('raise ValueError("at first")', "raise SystemExit(7)"))
    calm = place.flowc("run", "flow.py")
    assert calm.code == 0, calm
    (run_id,) = place.runs()
    expected = place.results(run_id)
    for _ in range(2):
        place.clear()
        assert place.flowc("run", "flow.py", **_with(place, JUMPING)).code == 0
        (run_id,) = place.runs()
        assert place.results(run_id) == expected
        shutil.rmtree(_object(place, "end/r"))
        _object(place, "ended.json").unlink()
        again = place.flowc("resume", "flow.py", "--origin-run-id", run_id, **_with(place, JUMPING))
        assert (again.code, "1 task ran, 4 taken over" in again.err) == (0, True), again


def test_runs_side_by_side(place: Place) -> None:
    processes = [place.start("run", "flow.py") for _ in range(3)]
    ends = [process.communicate(timeout=SECONDS) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], ends
    assert [len(place.results(run_id)) for run_id in place.runs()] == [3, 3, 3]


def test_a_runs_id_is_used_once(place: Place) -> None:
    first = _with(place, "from flowc.cli.running import start\nstart.random_word = lambda: 'abcdef'\n")
    assert place.flowc("run", "flow.py", **first).code == 0
    for words in (("run", "flow.py"), ("resume", "flow.py", "end")):
        ended = place.flowc(*words, **first)
        assert ended.code == 2
        assert "stores-abcdef cannot go on: its id is already used by another run of Stores" in ended.err


# --------------------------------------------------------------------------- many
WIDE = """\
import os, time
from flowc import FlowSpec, step


class Wide(FlowSpec):
    @step
    def start(self):
        self.xs = list(range({tasks}))
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        {work}
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        scheduler = os.popen(f"ps -o ppid= -p {{os.getppid()}}").read().strip()
        with open(f"/proc/{{scheduler}}/status") as stream:
            print("peak", *(line.split()[1] for line in stream if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("tasks", [30, pytest.param(1000, marks=pytest.mark.slow)])
def test_every_task_prints_a_megabyte(tmp_path: Path, tasks: int) -> None:
    """1,000 lines of 1,000 characters each: all are shown, whole; the scheduler keeps few of them at once."""
    work = "print('\\\\n'.join(f'<{self.index} {n} '.ljust(998, '.') + '>' for n in range(1000)))"
    place = Place(tmp_path / "place", WIDE.format(tasks=tasks, work=work).replace("\\\\n", "\\n"))
    counts = dict.fromkeys(range(tasks), 0)
    peak = 0
    words = ("--max-num-splits", str(tasks), "--max-workers", "4")
    with place.start("run", "flow.py", *words) as process:
        for line in process.stdout or ():
            text = line.rstrip("\n").partition("] ")[2]
            if text.startswith("peak "):
                peak = int(text.split()[1])
                continue
            assert (len(text), text[-2:]) == (999, ".>"), text
            counts[int(text[1:].split()[0])] += 1
    assert process.returncode == 0
    assert set(counts.values()) == {1000}
    assert 0 < peak < 150_000  # KiB: ten times less than what was printed by 1,000
    run = Run(place.store, place.flow, place.runs()[0])
    log = place.store.get(f"{run.winning_attempt('work', 'r.7')}/log") or b""
    assert (len(log), log[:5], log[-2:]) == (1_000_000, b"<7 0 ", b">\n")


def test_more_tasks_than_files_may_be_open(tmp_path: Path) -> None:
    place = Place(tmp_path, WIDE.format(tasks=60, work="time.sleep(0.3)"))
    ended = place.flowc("run", "flow.py", "--max-workers", "60", limits="-n 40")
    assert ended.code == 2
    assert (
        "no more tasks can be started: Too many open files; a smaller --max-workers needs less" in ended.err
    )
    assert place.flowc("resume", "flow.py", "--max-workers", "8", limits="-n 40").code == 0
