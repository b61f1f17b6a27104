"""What a step may do to its own process: its task ends as it must, says why, and no other task notices."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.records import Run
from tests.badluck.places import ROOT, SECONDS, Place, alive, gone

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """\
import json, os, signal, subprocess, sys, threading, time
from flowc import FlowSpec, step, timeout


class Odd:
    def __init__(self, act):
        self.act = act

    def __reduce__(self):
        exec(self.act)
        return Odd, (self.act,)


class Flow(FlowSpec):
    @timeout(seconds=20)
    @step
    def start(self):
        self.before = "kept"
{body}
        self.next(self.end)

    @step
    def end(self):
        print(self.before, json.dumps([1]), os.environ.get("LEAK"), os.path.basename(os.getcwd()))
"""


def check(folder: Path, body: str) -> tuple[int, str]:
    """Run a flow whose first step does this: the exit code and all that is printed, without times."""
    place = Place(folder / "place", FLOW.format(body=indent(body, "        ")))
    ended = place.flowc("run", "flow.py", MARK=str(folder))
    assert gone(folder)
    lines = [line.partition("] ")[2] for line in ended.out.splitlines()]
    return ended.code, "\n".join(lines)


ENDS = {
    "os.kill(os.getpid(), signal.SIGKILL)": "step `start` was killed by signal 9: most likely it had used up its memory",
    "os.kill(os.getpid(), signal.SIGSEGV)": "step `start` was killed by signal 11",
    "os.abort()": "step `start` was killed by signal 6",
    "os._exit(0)": "step `start` ended its process (os._exit?) before it had a result",
    "os._exit(1)": "step `start` ended its process with exit code 1 (os._exit?)",
    "os._exit(3)": "step `start` ended its process with exit code 3 (os._exit?)",
    "sys.exit()": "the step ended the process by sys.exit(None), before its self.next took effect",
    "sys.exit(3)": "the step ended the process by sys.exit(3), before its self.next took effect",
    "sys.exit('no more')": "no more\nflowc: ",
    "def deep(): deep()\ndeep()": "RecursionError: maximum recursion depth exceeded",
    "import resource\nresource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2)\nbytes(1 << 30)": "MemoryError",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute": "Mute: <exception str() failed>",
    "os.close(1)\nos.close(2)\nraise ValueError('unheard')": "ValueError: unheard",
    "sys.stdout.close()\nsys.stderr.close()\nraise ValueError('unheard')": "ValueError: unheard",
    "sys.stdout = sys.stderr = None\nraise ValueError('unheard')": "ValueError: unheard",
    "sys.stdout.detach()\nsys.stderr.detach()\nraise ValueError('unheard')": "ValueError: unheard",
    "class Mute(Exception):\n    def __str__(self): raise SystemExit(4)\nraise Mute": "Mute: <exception str() failed>",
    "class Mute:\n    def __repr__(self): raise ValueError\nsys.exit(Mute())": "by sys.exit(<Flow.start.<locals>.Mute>)",
    "import traceback\ntraceback.TracebackException = None\nraise ValueError('heard')": "failed: ValueError('heard')",
    "import builtins\nbuiltins.__import__ = None\nraise ValueError('heard')": "failed: ValueError('heard')",
    "import builtins\nfor name in ('isinstance', 'type', 'str'): setattr(builtins, name, None)": "in the process that the step left",
    "os.getpid = os.write = os.open = None\nraise ValueError('heard')": "ValueError: heard",
    "sys.modules.clear()\nraise ValueError('heard')": "failed: ValueError('heard')",
    "vars(self)[3] = 'nameless'": "step `start` left the key 3 in `self.__dict__`, of type `int`: artifacts have names",
    "self.a = Odd('sys.exit(4)')": "artifact `a` of step `start` cannot be stored: flow.py:19 assigned a value of type "
    "`flow.Odd`, which cannot be pickled (SystemExit: 4).",
}


@pytest.mark.parametrize("body", ENDS)
def test_a_step_that_ends_badly_says_how(tmp_path: Path, body: str) -> None:
    code, printed = check(tmp_path, body)
    assert code == 1
    assert ENDS[body] in printed
    assert "exit code 70" not in printed


SURVIVED = {
    "input awaited": "try:\n    input()\nexcept EOFError:\n    assert sys.stdin.read() == '' and not sys.stdin.isatty()",
    "streams closed": "os.close(1)\nos.close(2)\nself.more = bytes(10_000_000)",
    "streams detached": "import io\nsys.stdout = io.TextIOWrapper(sys.stdout.detach())\nsys.stderr.detach()",
    "streams opened anew": "sys.stdout = os.fdopen(1, 'w')\nsys.stderr = os.fdopen(2, 'w')",
    "streams that raise": "class Loud:\n    closed = False\n    def flush(self): raise SystemExit(3)\nsys.stdout = sys.stderr = Loud()",
    "streams replaced": "sys.stdout = sys.stderr = open(os.devnull, 'w')",
    "a child that comes back": "if os.fork():\n    time.sleep(0.2)\nelse:\n    self.before = 'not kept'",
    "a late child": "if not os.fork():\n    time.sleep(0.2)\n    self.before = 'not kept'",
    "a child that raises": "if os.fork():\n    os.wait()\nelse:\n    raise ValueError('the child')",
    "a child that exits": "if (pid := os.fork()):\n    assert os.waitpid(pid, 0)[1] == 0\nelse:\n    sys.exit()",
    "a child that holds the output": "subprocess.Popen(['sleep', '1'])",
    "a daemon that holds the output": "subprocess.Popen(['sleep', '1'], start_new_session=True)",
    "no modules": "for name in set(sys.modules) - {'sys', 'builtins'}:\n    del sys.modules[name]",
    "another path": "sys.path[:] = ['/nowhere']\nself.more = bytes(100_000)",
    "another exit": "os._exit = lambda code: None",
    "an alarm": "signal.alarm(1)\nself.more = Odd('time.sleep(1.5)')",
    "another json": "json.dumps = json.loads = lambda *_, **__: 'another'",
    "variables, folder, mask": "os.environ['LEAK'] = 'yes'\nos.chdir('/')\nos.umask(0o777)",
    "signals": "for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):\n    signal.signal(number, signal.SIG_IGN)",
    "a daemonic thread": "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    "a pool": "import multiprocessing\nself.pool_of = multiprocessing.get_context('fork').Pool(2).map(abs, [1, 2])",
}


@pytest.mark.parametrize("what", SURVIVED)
def test_what_a_step_does_to_its_process_stays_there(tmp_path: Path, what: str) -> None:
    code, printed = check(tmp_path, SURVIVED[what])
    assert code == 0, printed
    assert printed.endswith("kept [1] None place")
    assert "exit code" not in printed


@pytest.mark.parametrize(
    "body",
    [
        "threading.Thread(target=lambda: (time.sleep(0.3), print('at last'))).start()",
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(1).submit(print, 'at last')",
        "import atexit\natexit.register(print, 'at last')",
        "import weakref\nclass A: pass\nglobals()['a'] = A()\nweakref.finalize(a, print, 'at last')",
    ],
)
def test_a_process_ends_as_pythons_do(tmp_path: Path, body: str) -> None:
    code, printed = check(tmp_path, body)
    assert code == 0
    assert printed.splitlines()[0] == "at last"


def test_a_step_that_ignores_sigterm_is_ended_at_its_time_limit(tmp_path: Path) -> None:
    source = FLOW.replace("seconds=20", "seconds=1").format(
        body="        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        time.sleep(99)"
    )
    place = Place(tmp_path / "place", source)
    ended = place.flowc("run", "flow.py", MARK=str(tmp_path))
    assert (ended.code, "timed out after 1 s" in ended.out) == (1, True)
    assert gone(tmp_path)


def test_the_server_of_forks_is_killed(tmp_path: Path) -> None:
    """The run ends with a word, its tasks with it; resume goes on."""
    place = Place(
        tmp_path / "place",
        FLOW.format(body="        pass").replace(
            "        print(",
            "        if not os.path.exists('mended'):\n            os.kill(os.getppid(), 9)\n            time.sleep(99)\n        print(",
        ),
    )
    ended = place.flowc("run", "flow.py", MARK=str(tmp_path))
    assert ended.code == 2
    assert "cannot go on: the process that starts tasks is gone" in ended.err
    assert "1 of 2 tasks is kept.\nresume with: flowc resume flow.py" in ended.err
    assert gone(tmp_path)
    (place.folder / "mended").touch()
    assert place.flowc("resume", "flow.py").code == 0


def test_the_log_of_a_task_is_whole_when_its_streams_were_closed(tmp_path: Path) -> None:
    place = Place(
        tmp_path, FLOW.format(body="        print('first')\n        os.close(1)\n        os.close(2)")
    )
    assert place.flowc("run", "flow.py").code == 0
    run = Run(place.store, place.flow, place.runs()[0])
    attempt = run.winning_attempt("start", "r")
    assert place.store.get(f"{attempt}/log") == b"first\n"


def test_a_run_whose_own_streams_are_closed(tmp_path: Path) -> None:
    """Files that are opened must not become standard output by their number."""
    place = Place(tmp_path, FLOW.format(body="        print('to nobody')"))
    words = [sys.executable, "-m", "flowc", "run", "flow.py"]
    ended = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *words],
        cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0
    run = Run(place.store, place.flow, place.runs()[0])
    assert place.store.get(f"{run.winning_attempt('start', 'r')}/log") == b"to nobody\n"


def test_marks_are_found() -> None:
    assert os.getpid() not in alive("a mark that nobody has")
