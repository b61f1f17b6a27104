"""The command as a process: exit codes, pipes, colours, encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.commands import BROKEN, HELLO
from tests.compiling import ROOT

if TYPE_CHECKING:
    from tests.commands import Project


def spawn(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowc", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ROOT, **env},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_a_reader_that_leaves_is_no_error(project: Project) -> None:
    project.write(flow=HELLO)
    line = f"{sys.executable} -m flowc explain | head -1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", line],
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[0] == "The source text:"
    assert ran.stdout.splitlines()[1] in {"0", "141"}  # whether the pipe was full when the reader left


def test_exit_codes_of_a_process(project: Project) -> None:
    project.write(flow=HELLO, broken=BROKEN)
    assert [
        spawn(*a).returncode for a in (["check", "flow.py"], ["check", "broken.py"], ["check", "none.py"])
    ] == [0, 1, 2]


def test_colour_follows_the_environment(project: Project) -> None:
    project.write(flow=BROKEN)
    assert "\x1b[" not in spawn("check", "flow.py").stdout
    assert "\x1b[1;31merror" in spawn("check", "flow.py", FORCE_COLOR="1").stdout
    assert "\x1b[" not in spawn("check", "flow.py", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_an_ascii_terminal_gets_escapes(project: Project) -> None:
    project.put("flow.py", BROKEN.replace("done", "größe"))
    ran = spawn("check", "flow.py", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "gr\\xf6\\xdfe" in ran.stdout
    assert ran.stderr == ""
