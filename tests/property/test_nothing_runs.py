"""The compiler reads flows and runs nothing of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.compiling import ROOT, TARGETS, compile_text
from tests.property.test_determinism import DRIVER

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """\
from metaflow import FlowSpec, Parameter, environment, resources, step
{top}
class Harm(FlowSpec):
    size = Parameter("size", default=3)
    {body}

    @resources(memory=2048)
    @environment(vars={{"A": "b"}})
    @step
    def start(self):
        {inside}
        self.items = [1, 2, 3]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.done = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
{bottom}
"""

HARM = {
    "missing package": "import surely_not_installed; from also.missing import thing",
    "exit": "import sys; sys.exit(3)",
    "hard exit": "import os; os._exit(4)",
    "endless loop": "while True: pass",
    "file written": "open({sentinel!r}, 'w').write('ran')",
    "process killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "raises": "raise SystemExit('imported')",
    "deep recursion": "(lambda f: f(f))(lambda f: f(f))",
    "memory": "x = 'a' * 10 ** 13; y = 10 ** 10 ** 10",
    "process started": "import subprocess; subprocess.run(['touch', {sentinel!r}])",
    "connection": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "evaluation": "eval(\"open({sentinel!r}, 'w')\"); exec('import os; os.abort()')",
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("place", ["bottom", "body"])
@pytest.mark.parametrize("harm", HARM)
def test_harm_at_import_changes_no_manifest(harm: str, place: str, target: str, tmp_path: Path) -> None:
    sentinel = tmp_path / "ran"
    line = HARM[harm].replace("{sentinel!r}", repr(str(sentinel)))
    empty = {"top": "", "body": "", "inside": "", "bottom": ""}
    plain = compile_text(FLOW.format(**empty), target)
    harmful = compile_text(FLOW.format(**{**empty, place: line}), target)
    assert plain.bundle is not None
    assert harmful.errors == []
    assert harmful.bundle == plain.bundle
    assert not sentinel.exists()


@pytest.mark.parametrize("harm", HARM)
def test_harm_everywhere_is_only_read(harm: str, tmp_path: Path) -> None:
    """The same in a process of its own, where an audit hook ends it as soon as code of the flow runs."""
    sentinel = tmp_path / "ran"
    line = HARM[harm].replace("{sentinel!r}", repr(str(sentinel)))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sibling.py").write_text(f"{line}\nLIMIT = 4\n")
    flow = folder / "flow.py"
    flow.write_text(
        FLOW.format(top=f"from sibling import LIMIT; {line}", body=line, inside="pass", bottom=line).replace(
            "memory=2048", "memory=LIMIT * 512"
        )
        if not line.startswith("while")
        else FLOW.format(top="from sibling import LIMIT", body=line, inside="pass", bottom=line)
    )
    ran = subprocess.run(
        [sys.executable, DRIVER, *TARGETS, "--", str(flow)],
        env={"PYTHONPATH": ROOT, "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not sentinel.exists()
    for digest, said in json.loads(ran.stdout).values():
        assert digest is not None, said
