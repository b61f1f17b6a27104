"""Tasks forked from a warm server: what each prints, how each ends, and what is left of the server."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING, NamedTuple

import pytest

from flowc import contract
from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.launch.base import LaunchFault, Order
from flowc.launch.warm import start_forked
from flowc.local.run import LocalRun, begin, step_environments
from flowc.records import replace
from flowc.runtime.client.stored import StoredRun
from flowc.runtime.ending import Ending
from flowc.runtime.settings import settings_of_step
from flowc.runtime.store import open_store
from flowc.source import Sources
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from flowc.launch.forked import Forked
    from flowc.runtime.client.facts import StoredTask

HEAD = """\
import os, signal, subprocess, sys, time
from flowc import FlowSpec, current, step, timeout


class F(FlowSpec):
    @timeout(seconds=1)
    @step
    def start(self):
{body}
        self.next(self.end)

    @step
    def end(self):
        pass
"""


class Heard:
    """What the launcher tells of an attempt; `printed` is set when the task has printed something."""

    def __init__(self) -> None:
        self.where = ""
        self.text = b""
        self.printed = asyncio.Event()

    def started(self, where: str) -> None:
        self.where = where

    def output(self, chunk: bytes) -> None:
        self.text += chunk
        self.printed.set()

    @property
    def pid(self) -> int:
        return int(self.where.removeprefix("pid "))


class Place:
    """A project of one flow whose `start` has this body, and a run of it that has begun."""

    def __init__(self, folder: Path, body: str, *, limit: bool = False) -> None:
        source = HEAD.format(body=indent(dedent(body), " " * 8))
        (folder / "flow.py").write_text(source if limit else source.replace("    @timeout(seconds=1)\n", ""))
        program = analyze("flow.py", Sources(str(folder)), Settings(), Sink())
        assert program is not None
        self.run = LocalRun(
            program=program,
            settings=Settings(),
            datastore=f"file://{folder}/store",
            run_id="f-1",
            root=str(folder),
        )
        self.store = open_store(self.run.datastore)
        begin(self.run, self.store)

    def order(self, attempt: str = "a") -> Order:
        settings = settings_of_step(step_environments(self.run)["start"], self.run.root)
        told = replace(settings, path=contract.ROOT, attempt=attempt)
        return Order(settings=told, environment={})

    async def server(self) -> Forked:
        steps = step_environments(self.run)
        return await start_forked(
            root=self.run.root,
            entry=os.path.join(self.run.root, "flow.py"),
            steps=steps,
            preload=(),
            store=self.store,
            local=True,
        )

    def task(self) -> StoredTask:
        found = StoredRun(self.store, "F", "f-1").task("start", contract.ROOT)
        assert found is not None
        return found


class Ran(NamedTuple):
    """An attempt that was run to its end."""

    ending: Ending
    printed: str
    task: StoredTask


def ran(place: Place, attempt: str = "a") -> Ran:
    """One attempt of `start`, from a server of its own."""
    heard = Heard()

    async def work(server: Forked) -> Ending:
        return await server.run(place.order(attempt), heard)

    return Ran(with_server(place, work), heard.text.decode(), place.task())


def with_server(place: Place, work: Callable[[Forked], Awaitable[Ending]]) -> Ending:
    async def session() -> Ending:
        server = await place.server()
        try:
            return await work(server)
        finally:
            await server.close()

    return asyncio.run(asyncio.wait_for(session(), 60))


def is_running(pid: int) -> bool:
    """Whether there is such a process, zombies apart."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


# --------------------------------------------------------------------------- ends of its own
def test_a_task_prints_and_leaves_its_result(tmp_path: Path) -> None:
    body = 'print("out")\nprint("err", file=sys.stderr)\nself.x = 1'
    ending, printed, task = ran(Place(tmp_path, body))
    assert (ending, printed) == (Ending(0), "out\nerr\n")
    assert (task.status, task.targets, sorted(task.record["artifacts"])) == ("succeeded", ["end"], ["x"])


@pytest.mark.parametrize(
    ("body", "ending", "said"),
    [
        ("raise ValueError('no luck')", Ending(1), "ValueError: no luck"),
        ("sys.exit(7)", Ending(7), "the step ended the process by sys.exit(7)"),
        ("os._exit(7)", Ending(7, "ended its process with exit code 7 (os._exit?)"), ""),
        ("os.kill(os.getpid(), 11)", Ending(1, "was killed by signal 11"), ""),
        (
            "os.kill(os.getpid(), 9)",
            Ending(1, "was killed by signal 9: most likely it had used up its memory"),
            "",
        ),
    ],
)
def test_a_failure_is_explained_and_kept(tmp_path: Path, body: str, ending: Ending, said: str) -> None:
    found = ran(Place(tmp_path, body))
    assert (found.ending, said in found.printed, found.task.status) == (ending, True, "failed")
    (attempt,) = found.task.attempts
    assert (attempt.exit, attempt.failure is not None) == (ending.code, True)


def test_each_task_starts_clean(tmp_path: Path) -> None:
    body = """
        print(hasattr(os, "marked"), os.getcwd(), "LEFT" in os.environ, current.retry_count)
        os.marked = True
        os.chdir("/")
        os.environ["LEFT"] = "x"
        raise ValueError
    """
    place, heard = Place(tmp_path, body), [Heard(), Heard()]

    async def work(server: Forked) -> Ending:
        await server.run(place.order("a"), heard[0])
        return await server.run(place.order("b"), heard[1])

    with_server(place, work)
    first = [each.text.decode().splitlines()[0] for each in heard]
    assert first == [f"False {tmp_path} False 0", f"False {tmp_path} False 1"]


# --------------------------------------------------------------------------- ended from outside
@pytest.mark.parametrize("body", ["time.sleep(99)", "while True:\n    try: time.sleep(99)\n    except: pass"])
def test_a_task_is_ended_at_its_time_limit(tmp_path: Path, body: str) -> None:
    ending, _, task = ran(Place(tmp_path, body, limit=True))
    assert ending == Ending(contract.EXIT_TIMEOUT, "timed out after 1 s")
    assert task.attempts[0].failure is not None
    assert task.attempts[0].failure["type"] == "TimeoutException"


def test_what_is_cancelled_ends_with_all_it_started(tmp_path: Path) -> None:
    place = Place(tmp_path, 'print(subprocess.Popen(["sleep", "99"]).pid, flush=True)\ntime.sleep(99)')
    heard = Heard()

    async def work(server: Forked) -> Ending:
        running = asyncio.ensure_future(server.run(place.order(), heard))
        await heard.printed.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return Ending(0)

    with_server(place, work)
    assert (ends(heard.pid), ends(int(heard.text))) == (True, True)
    assert place.task().attempts[0].exit == contract.EXIT_TERMINATED


def test_a_server_that_is_killed_takes_its_tasks_with_it(tmp_path: Path) -> None:
    place = Place(tmp_path, 'print("runs", flush=True)\ntime.sleep(99)')
    heard = Heard()

    async def work(server: Forked) -> Ending:
        running = asyncio.ensure_future(server.run(place.order(), heard))
        await heard.printed.wait()
        server._server.send_signal(signal.SIGKILL)
        with pytest.raises(LaunchFault, match="the process that starts tasks is gone"):
            await running
        return Ending(0)

    with_server(place, work)
    assert ends(heard.pid)


def test_a_server_ends_when_it_is_closed(tmp_path: Path) -> None:
    async def session() -> int:
        server = await Place(tmp_path, "pass").server()
        await server.close()
        return server._server.wait(10)

    assert asyncio.run(session()) == 0
