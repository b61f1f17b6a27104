"""A run that is ended from outside: its tasks end with it, nothing finished is lost, nobody survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.badluck.places import ROOT, SECONDS, Place, gone
from tests.commands import heed_signals

FLOW = """\
import os, signal, subprocess, time
from flowc import FlowSpec, step


class Slow(FlowSpec):
    @step
    def start(self):
        self.xs = [0, 1]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        if not os.path.exists("mended"):
            {work}
            with open("working", "a") as stream:
                stream.write("x")
            time.sleep(99)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
ISOLATIONS = ("fork", "spawn")


class Running:
    """A run whose two tasks are at work."""

    def __init__(self, folder: Path, work: str = "pass", isolate: str = "fork", before: str = "") -> None:
        self.place = Place(folder / "place", FLOW.format(work=work))
        self.mark = folder
        self.process: subprocess.Popen[str] = self.place.start(
            "run", "flow.py", "--isolate", isolate, before=before, MARK=str(folder)
        )
        working = self.place.folder / "working"
        deadline = time.monotonic() + SECONDS
        while not working.exists() or working.stat().st_size < 2:
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def signal(self, number: int) -> None:
        """As a terminal does: to the whole process group."""
        os.killpg(self.process.pid, number)

    def end(self) -> tuple[int, str]:
        """The exit code and what flowc said; nothing of the run is alive."""
        _, err = self.process.communicate(timeout=SECONDS)
        assert gone(self.mark)
        return self.process.returncode, err

    def resume(self) -> None:
        """Let the tasks be quick, and go on."""
        (self.place.folder / "mended").touch()
        ended = self.place.flowc("resume", "flow.py")
        assert (ended.code, "4 tasks ran, 1 taken over" in ended.err) == (0, True), ended


@pytest.mark.parametrize("isolate", ISOLATIONS)
@pytest.mark.parametrize(("number", "name"), [(2, "SIGINT"), (15, "SIGTERM"), (1, "SIGHUP")])
def test_a_signal_ends_the_run(tmp_path: Path, number: int, name: str, isolate: str) -> None:
    run = Running(tmp_path, isolate=isolate)
    run.signal(number)
    code, said = run.end()
    assert code == 128 + number
    assert (
        f"was ended by {name}. 1 of 5 tasks is kept.\nresume with: flowc resume flow.py --origin-run-id"
        in said
    )
    run.resume()


@pytest.mark.parametrize("isolate", ISOLATIONS)
def test_a_signal_that_is_ignored_from_the_start_ends_nothing(tmp_path: Path, isolate: str) -> None:
    """As `nohup` ignores SIGHUP, and a shell SIGINT for what it starts in the background."""
    run = Running(tmp_path, isolate=isolate, before="trap '' HUP;")
    run.signal(signal.SIGHUP)
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert (code, "was ended by SIGINT" in said) == (130, True)


@pytest.mark.parametrize("isolate", ISOLATIONS)
def test_a_second_signal_does_not_wait(tmp_path: Path, isolate: str) -> None:
    run = Running(tmp_path, STUBBORN, isolate)
    run.signal(signal.SIGINT)
    time.sleep(0.2)
    began = time.monotonic()
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert (code, "resume with: " in said) == (130, True)
    assert time.monotonic() - began < 8  # the tasks' grace is 10 s


@pytest.mark.slow
@pytest.mark.parametrize("isolate", ISOLATIONS)
def test_a_task_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path, isolate: str) -> None:
    run = Running(tmp_path, STUBBORN, isolate)
    run.signal(signal.SIGINT)
    assert run.end()[0] == 130


@pytest.mark.parametrize("isolate", ISOLATIONS)
def test_what_a_task_started_ends_with_it(tmp_path: Path, isolate: str) -> None:
    run = Running(tmp_path, """subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 99; sleep 99"])""", isolate)
    run.signal(signal.SIGINT)
    assert run.end()[0] == 130


@pytest.mark.parametrize("work", ["pass", STUBBORN, 'os.write(1, b"x" * 1_000_000)'])
@pytest.mark.parametrize("isolate", ISOLATIONS)
def test_the_scheduler_is_killed(tmp_path: Path, work: str, isolate: str) -> None:
    """No task outlives it by more than the grace of one."""
    run = Running(tmp_path, work, isolate)
    run.process.kill()
    run.process.communicate(timeout=SECONDS)
    assert gone(tmp_path, 20)
    run.resume()


@pytest.mark.parametrize("work", ["pass", STUBBORN, 'subprocess.Popen(["sleep", "99"])'])
def test_the_scheduler_and_the_process_that_forks_are_killed_at_once(tmp_path: Path, work: str) -> None:
    run = Running(tmp_path, work)
    server = [
        int(pid)
        for pid in Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split()
    ]
    for pid in (run.process.pid, *server):
        os.kill(pid, signal.SIGKILL)
    run.process.communicate(timeout=SECONDS)
    assert gone(tmp_path)
    run.resume()


def test_a_reader_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    place = Place(
        tmp_path / "place",
        FLOW.format(work='[print(n, flush=True) for n in range(1000)]; open("mended", "w")'),
    )
    process = place.start("run", "flow.py", MARK=str(tmp_path))
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().endswith("] 0\n")
    process.stdout.close()
    with process.stderr as stream:
        said = stream.read()
    assert process.wait(SECONDS) == 141
    assert "was ended by SIGPIPE: nobody reads its output any more. " in said
    assert "Traceback" not in said
    assert gone(tmp_path)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15])
def test_as_soon_as_it_has_begun_a_signal_ends_it(tmp_path: Path, seconds: float) -> None:
    place = Place(tmp_path / "place", FLOW.format(work="pass"))
    process = place.start("run", "flow.py", MARK=str(tmp_path))
    assert process.stderr
    assert process.stderr.readline().endswith(" begins.\n")
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, "Traceback" in err + out) == (130, False), err + out
    assert gone(tmp_path)


# A run of flowc that is sent a signal by itself, just before one of its functions does its work.
SIGNALLED = """\
import signal, sys
from flowc.cli.group import run
from flowc.local import early, session

def signalled(*given, **named):
    signal.raise_signal(signal.SIGINT)
    return function(*given, **named)

function = {function}
{function} = signalled
sys.exit(run())
"""


@pytest.mark.parametrize(
    "function",
    [
        "session.begin",
        "session._new_loop",
        "session._session",
        "early.EarlyEnd.__init__",
        "early.EarlyEnd.guarded",
        "early.EarlyEnd.listen",
        "session.start_launcher",
    ],
)
def test_a_signal_may_come_before_anything_listens(tmp_path: Path, function: str) -> None:
    place = Place(tmp_path / "place", FLOW.format(work="pass"))
    ended = subprocess.run(
        [sys.executable, "-c", SIGNALLED.format(function=function), "run", "flow.py"],
        cwd=place.folder,
        env={**os.environ, "MARK": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=heed_signals,
        check=False,
    )
    said = ended.stderr
    assert (ended.returncode, "Traceback" in said, "cannot go on" in said) == (130, False, False), said
    assert gone(tmp_path)
