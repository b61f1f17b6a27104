"""One flow file under Metaflow and under flowc, each in a folder of its own: how it ended, what it left."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_OBSERVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "observe.py")
_LINE = re.compile(r"^\S+ \S+ \[[\w-]+/(\w+)/[\w.~]+ \(pid \d+\)\] ?(.*)$", re.MULTILINE)
_FAILED = re.compile(r"Step (\w+) \(task-id \S+\) failed")

# What examples are given to run in a moment.
ARGUMENTS = {
    "big_sum.py": ["--size", "200"],
    "big_sum_parallel.py": ["--size", "200"],
    "required_parameter.py": ["--region", "north"],
}

Left = dict[str, list[dict[str, str]]]


class Outcome(NamedTuple):
    """The exit code, the step that failed, what the finished tasks left (see `observe`), and what was printed."""

    code: int
    failed: str
    left: Left
    output: str


def under_metaflow(flow: Path, *arguments: str, command: str = "run") -> Outcome:
    """`python FLOW run`, or another `command`."""
    place = flow.parent / "metaflow-home"
    words = [sys.executable, str(flow), "--no-pylint", command, *arguments]
    return _outcome("metaflow", words, flow, str(place))


def under_flowc(flow: Path, *arguments: str, at: str = "", command: str = "run") -> Outcome:
    """`flowc run FLOW` with a datastore beside the flow, or `at` another place."""
    place = at or f"file://{flow.parent}/flowc-store"
    words = [sys.executable, "-m", "flowc", command, str(flow), "--datastore", place, *arguments]
    return _outcome("flowc", words, flow, place)


def _outcome(world: str, command: list[str], flow: Path, place: str) -> Outcome:
    ran = _run(command, flow.parent, subprocess.STDOUT)
    named = _FAILED.search(ran.stdout)
    return Outcome(
        ran.returncode, named[1] if named else "", _left(world, place, flow, ran.stdout), ran.stdout
    )


def _left(world: str, place: str, flow: Path, output: str) -> Left:
    seen = _run([sys.executable, _OBSERVE, world, place, flow_name(flow)], flow.parent, subprocess.PIPE)
    assert seen.returncode == 0, f"{output}\n{seen.stderr}"
    left: Left = json.loads(seen.stdout)
    return left


def differences(ours: Left, theirs: Left) -> list[str]:
    """A line for each artifact that is not alike in both, `STEP.NAME: how`; `STEP: how` for tasks."""
    found: dict[str, str] = {}
    for place in sorted(ours.keys() | theirs.keys()):
        step = place.partition("[")[0]
        mine, others = ours.get(place, []), theirs.get(place, [])
        if len(mine) != len(others):
            found.setdefault(step, f"{len(mine)} tasks {place}, under Metaflow {len(others)}")
        for visit, (my, other) in enumerate(zip(mine, others, strict=False)):
            for name in sorted(my.keys() | other.keys()):
                if my.get(name) != other.get(name):
                    how = f"{my.get(name)}, under Metaflow {other.get(name)} (in {place}, visit {visit})"
                    found.setdefault(f"{step}.{name}", how)
    return [f"{what}: {how}" for what, how in found.items()]


def printed(outcome: Outcome) -> dict[str, list[str]]:
    """The lines that the task of each step printed."""
    found: dict[str, list[str]] = {}
    for step, text in _LINE.findall(outcome.output):
        if not text.startswith("Task "):
            found.setdefault(step, []).append(text.rstrip())
    return found


def flow_name(flow: Path) -> str:
    """The class that the file makes last."""
    return str(re.findall(r"^class (\w+)\(", flow.read_text(encoding="utf-8"), re.MULTILINE)[-1])


def _run(command: list[str], folder: Path, errors: int) -> subprocess.CompletedProcess[str]:
    home = str(folder / "metaflow-home")
    environment = {
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        "PYTHONPATH": ROOT,
        "HOME": home,
        "METAFLOW_HOME": home,
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": home,
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_USER": "tester",
        "LOGNAME": "tester",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # sets of both worlds in one order
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
    }
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
        encoding="utf-8", errors="replace", timeout=300, check=False,
    )  # fmt: skip


def copied(source: str, folder: Path) -> Path:
    """A flow file, with what lies beside it in a folder of its own name, copied to be run."""
    beside = os.path.splitext(source)[0]
    if os.path.isdir(beside):
        shutil.copytree(beside, folder, dirs_exist_ok=True)
    return type(folder)(shutil.copy(source, folder))
