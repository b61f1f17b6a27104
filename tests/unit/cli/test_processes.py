"""The command as a process: exit codes, pipes, colours, encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import BROKEN, HELLO
from tests.compiling import ROOT

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_locale_of_ascii_that_is_insisted_on_is_begun_anew_once() -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "flowc", "--version"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ROOT, "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.startswith("flowc ")


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


@pytest.mark.parametrize("words", [["--help"], ["explain", "FC301"], ["check", "broken.py"]])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")
def test_an_output_that_is_full_is_said(project: Project, words: list[str]) -> None:
    project.write(broken=BROKEN)
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "flowc", *words],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": ROOT},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "flowc: the output cannot be written: No space left on device\n"
    assert (ran.stderr, ran.returncode) == (said, 2)


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -P -m flowc runs"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "flowc: the working folder was removed; go to one that is there\n"
    assert (ran.stderr, ran.returncode) == (said, 2)


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


SCRIPT = (
    HELLO.replace("        pass", '        print("done")') + '\n\nif __name__ == "__main__":\n    Hello()\n'
)


def script(project: Project, *words: str, folder: str = ".") -> tuple[int, str, str]:
    """`python WORDS…` in a folder of the project."""
    ran = subprocess.run(
        [sys.executable, *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ROOT},
        cwd=project.folder / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_a_flow_file_is_a_command_line(project: Project) -> None:
    project.put("sub/flow.py", SCRIPT)
    assert "Checked 1 flow" in script(project, "sub/flow.py", "check")[1]
    assert script(project, "flow.py", "--no-pylint", "show", folder="sub")[1].startswith(
        "flow Hello  # sub/flow.py"
    )
    assert "python sub/flow.py run " in script(project, "sub/flow.py")[1]
    assert script(project, "sub/flow.py", "rnu") == (
        2,
        "",
        "flowc: there is no command `rnu`; did you mean `python sub/flow.py run`?\ntry `python sub/flow.py --help`\n",
    )


def test_a_flow_file_in_a_package(project: Project) -> None:
    project.put("pkg/__init__.py", "").put("pkg/base.py", HELLO)
    project.put("pkg/flow.py", 'from pkg.base import Hello\n\nif __name__ == "__main__":\n    Hello()\n')
    assert "Checked 1 flow" in script(project, "-m", "pkg.flow", "check")[1]


def test_which_flow_of_a_file(project: Project) -> None:
    project.put("flow.py", HELLO + HELLO.partition("\n\n\n")[2].replace("Hello", "Other") + "\n\nOther()\n")
    assert script(project, "flow.py", "show")[1].startswith("flow Other ")


def test_what_lies_in_the_working_folder_is_not_flowc_s(project: Project) -> None:
    project.put("sub/flow.py", SCRIPT).put("click.py", "raise SystemExit('shadowed')\n")
    assert script(project, "sub/flow.py", "check")[0] == 0


def test_a_flow_that_is_in_no_file(project: Project) -> None:
    ended = script(project, "-c", HELLO + "\n\nHello()\n")
    assert ended == (1, "", "flowc: a flow stands in a file: save it, and run `python FILE run`\n")


def test_a_flow_is_run_where_it_is_imported_and_its_parameter_may_be_called_flow(project: Project) -> None:
    flow = HELLO.replace("import FlowSpec", "import FlowSpec, Parameter").replace(
        "        pass", "        print(self.f)"
    )
    project.write(hello=flow.replace("    @step", '    f = Parameter("flow", default="")\n\n    @step', 1))
    project.write(here="from hello import Hello\n\nHello()\n")
    assert script(project, "here.py", "run", "--flow", "a b")[1].endswith("] a b\n")


def test_a_step_without_its_environment(project: Project) -> None:
    project.write(flow=HELLO)
    ran = spawn("step", "start")
    assert (ran.returncode, ran.stderr) == (
        2,
        "flowc: FLOWC_DATASTORE is not set: a task is started by a manifest or by `flowc run`\n",
    )
