"""The process that tasks are forked from, started before anyone knows whether it is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowc.launch.server_process import end_unneeded, forks, module_path, started_ahead, take_server
from tests.badluck.places import Place, gone

BROKEN = """\
from flowc import FlowSpec, step


class Broken(FlowSpec):
    @step
    def start(self):
        self.next(self.nowhere)
"""
TELLS = """\
import os
from flowc import FlowSpec, step


class Tells(FlowSpec):
    @step
    def start(self):
        print("bound:", os.environ.get("LD_BIND_NOW"))
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_one_that_was_started_ahead_is_taken_once() -> None:
    with started_ahead("fork"):
        before = children()
        first = take_server()
        assert children() == before
        second = take_server()
        assert children() == before | {str(second.process.pid)}
    for process, connection in (first, second):
        assert process.poll() is None
        connection.close()
        process.communicate(b"")
        assert process.returncode == 0


def test_one_that_nobody_takes_ends_with_the_block() -> None:
    before = children()
    with started_ahead("fork"):
        assert len(children() - before) == 1
    assert children() == before


def test_it_ends_when_the_block_fails() -> None:
    before = children()
    with pytest.raises(KeyboardInterrupt), started_ahead("fork"):
        raise KeyboardInterrupt
    assert children() == before


def test_it_may_be_ended_before_the_block() -> None:
    before = children()
    with started_ahead("fork"):
        end_unneeded()
        assert children() == before


def test_none_is_started_where_tasks_are_not_forked() -> None:
    before = children()
    with started_ahead("spawn"):
        assert (forks("spawn"), children()) == (False, before)


def test_what_cannot_be_started_ahead_is_started_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with started_ahead("fork"), pytest.raises(FileNotFoundError):
        take_server()


def test_python_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["lib", "/other"]))
    assert module_path() == {"PYTHONPATH": f"{tmp_path}/lib{os.pathsep}/other"}
    monkeypatch.delenv("PYTHONPATH")
    assert module_path() == {}


# --------------------------------------------------------------------------- as a user meets it
def test_a_flow_that_is_refused_leaves_no_process(tmp_path: Path) -> None:
    place = Place(tmp_path / "place", BROKEN)
    ended = place.flowc("run", "flow.py", MARK=str(tmp_path))
    assert (ended.code, "nowhere" in ended.err + ended.out, "Traceback" in ended.err) == (1, True, False)
    assert gone(tmp_path, 0)
    assert not (place.folder / ".flowc").exists()


@pytest.mark.parametrize("given", [None, "", "1"])
def test_a_task_has_the_users_own_way_of_binding_symbols(tmp_path: Path, given: str | None) -> None:
    variables = {} if given is None else {"LD_BIND_NOW": given}
    ended = Place(tmp_path, TELLS).flowc("run", "flow.py", **variables)
    assert (ended.code, f"bound: {given}\n" in ended.out) == (0, True), ended
