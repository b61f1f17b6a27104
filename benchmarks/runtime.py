"""What running costs: a wide foreach beside Metaflow's, a task's own CPU, a container's start, a resume's.

Of a wide foreach the whole command counts, from its start to its end, for each task: by the clock, and all CPU, the
scheduler's too. With 16 tasks at once both worlds keep every core busy. Metaflow's run is narrower, since it
starts five tasks a second, and flowc's is the median of some before and some after it. Both write to memory.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measure import ROOT, Ran, Row, environment, print_table, python, run
from benchmarks.origin import finish_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDE = """\
from metaflow import FlowSpec, Parameter, step


class Wide(FlowSpec):
    width = Parameter("width", default=1000)

    @step
    def start(self):
        self.items = list(range(self.width))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.square = self.input**2
        self.next(self.join)

    @step
    def join(self, inputs):
        print("joining", flush=True)
        self.total = sum(i.square for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wide()
"""

EMPTY = """\
from flowc import FlowSpec, step


class Empty(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""

# Found by every Python of a run: notes the CPU of each process that is waited for, in the file CPU_LOG.
_NOTES_CPU = """\
import os

waitpid = os.waitpid


def noting(pid, options):
    pid, status, usage = os.wait4(pid, options)
    if pid:
        with open(os.environ["CPU_LOG"], "a") as log:
            print(usage.ru_utime + usage.ru_stime, file=log)
    return pid, status


os.waitpid = noting
"""


_ROOM = 1 << 29  # bytes for what some wide runs leave


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=_in_memory()) as in_memory:
        _write(folder, {"wide.py": WIDE, "empty.py": EMPTY, "sitecustomize.py": _NOTES_CPU})
        _write(in_memory, {"wide.py": WIDE})
        return print_table("Running", _rows(folder, in_memory, short), short=short)


def _in_memory() -> str | None:
    """Where files are kept in memory, if there is such a place, with room.

    A disk's file system takes minutes to forget that many files were removed, and new ones cost more till then.
    """
    place = "/dev/shm"  # noqa: S108 - a new folder in it
    try:
        found = os.statvfs(place)
    except OSError:
        return None
    return place if found.f_bavail * found.f_frsize > _ROOM and os.access(place, os.W_OK) else None


def _write(folder: str, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(content)


def _rows(folder: str, in_memory: str, short: bool) -> Iterator[Row]:
    yield from _foreach_rows(in_memory, 64 if short else 300)
    yield Row("a task's own CPU after the fork", 1000 * _task_cpu(folder, 100 if short else 300), "ms", 8)
    repeat = 7 if short else 20
    ratio = _empty_step(folder, ["-m", "flowc.runtime.main"], repeat)
    yield Row("an empty step from exec to exit, × python -c pass", ratio, "×", 4)
    # No archive holds bytecode, since nobody knows the Python of its image: each start compiles the source.
    yield Row("the same from shim.pyz", _empty_step(folder, [_archive(folder)], repeat), "×")
    width = 2_000 if short else 10_000
    clock, cpu = _resume(folder, width)
    yield Row(f"resume of {width:,} tasks: CPU to its first new one", cpu, "s", 2)
    yield Row("the same by the clock", clock, "s")


# --------------------------------------------------------------------------- a wide foreach
class _Spent(NamedTuple):
    """Seconds for each task."""

    clock: float
    cpu: float


def _foreach_rows(folder: str, metaflow_width: int) -> Iterator[Row]:
    runs = [_flowc_foreach(folder, 1000) for _ in range(3)]
    theirs = None
    if importlib.util.find_spec("metaflow") is not None:
        theirs = _metaflow_foreach(folder, metaflow_width)
        runs += [_flowc_foreach(folder, 1000) for _ in range(3)]
    ours = _Spent(*map(median, zip(*runs, strict=True)))
    yield Row("tasks of a 1,000-way foreach by the clock", 1 / ours.clock, "a second")
    yield Row("CPU for each, scheduler included", 1000 * ours.cpu, "ms")
    if theirs is not None:
        yield Row(f"tasks of a {metaflow_width}-way foreach under Metaflow", 1 / theirs.clock, "a second")
        yield Row("CPU for each", 1000 * theirs.cpu, "ms")
        yield Row(
            "a task of flowc's beside one of Metaflow's, by the clock",
            100 * ours.clock / theirs.clock,
            "%",
            1,
        )
        yield Row("the same in CPU", 100 * ours.cpu / theirs.cpu, "%", 1)


def _flowc_foreach(folder: str, width: int) -> _Spent:
    command = _flowc("run", "wide.py", f"--width={width}", f"--max-num-splits={width}")
    return _for_each_task(width, run(command, folder))


def _metaflow_foreach(folder: str, width: int) -> _Spent:
    home = os.path.join(folder, "metaflow")
    variables = {
        "HOME": home,
        "METAFLOW_HOME": home,
        "METAFLOW_USER": "bench",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": home,
    }
    options = (f"--width={width}", f"--max-num-splits={width}", "--max-workers=16")
    return _for_each_task(width, run(python("wide.py", "--no-pylint", "run", *options), folder, variables))


def _for_each_task(width: int, ran: Ran) -> _Spent:
    tasks = width + 3  # start, join and end
    return _Spent(ran.clock / tasks, ran.cpu / tasks)


def _task_cpu(folder: str, width: int) -> float:
    """The median CPU of a task's process, from the fork to its exit."""
    log = os.path.join(folder, "cpu.log")
    command = _flowc("run", "wide.py", f"--width={width}", f"--max-num-splits={width}", "--max-workers=2")
    run(command, folder, {"PYTHONPATH": os.pathsep.join((folder, ROOT)), "CPU_LOG": log})
    with open(log, encoding="ascii") as lines:
        return median(float(line) for line in lines)


# --------------------------------------------------------------------------- one step in a container
def _archive(folder: str) -> str:
    from flowc.manifest.archive import embedded_code

    path = os.path.join(folder, "shim.pyz")
    with open(path, "wb") as stream:
        stream.write(embedded_code({"empty.py": EMPTY.encode()}).archive)
    return path


def _empty_step(folder: str, shim: list[str], repeat: int) -> float:
    """CPU from exec to exit, the medians of each, run by turns. Each is a run of its own."""
    told = {
        "FLOWC_DATASTORE": f"file://{folder}/steps",
        "FLOWC_FLOW": "Empty",
        "FLOWC_ENTRY": "empty.py",
        "FLOWC_STEP": "start",
        "FLOWC_PATH": "r",
        "FLOWC_ATTEMPT_ID": "a",
        "FLOWC_CONTROL_FOLDER": os.path.join(folder, "control"),
    }
    os.environ.update(told)
    try:
        spent, units = [], []
        for number in range(repeat + 1):
            os.environ["FLOWC_RUN_ID"] = os.environ["FLOWC_RUN_UID"] = f"{len(shim)}-{number}"
            units.append(run(python("-c", "pass")).cpu)
            spent.append(run(python(*shim, "step", "start"), folder).cpu)
            units.append(run(python("-c", "pass")).cpu)
    finally:
        for name in (*told, "FLOWC_RUN_ID", "FLOWC_RUN_UID"):
            del os.environ[name]
    return median(spent[1:]) / median(units)  # the first filled the caches of bytecode


# --------------------------------------------------------------------------- resume
def _resume(folder: str, width: int) -> tuple[float, float]:
    """Seconds from the command's start to the first words of its first new task: by the clock, and its CPU."""
    finish_items(folder, "wide.py", width)
    command = _flowc("resume", "wide.py", "--origin-run-id=origin", f"--max-num-splits={width}")
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as resumed:
        for line in resumed.stdout or ():
            if "joining" in line:
                found = time.perf_counter() - begun, _cpu_of(resumed.pid)
        resumed.wait()
    if resumed.returncode != 0:
        raise RuntimeError("the resumed run failed")
    return found


def _cpu_of(pid: int) -> float:
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _flowc(*words: str) -> list[str]:
    return python("-m", "flowc", *words)


if __name__ == "__main__":
    sys.exit(0 if main(short="--short" in sys.argv) else 1)
