"""What becomes of the runs of a deployed flow, the same on every engine: of one that succeeds, and of one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance import observed

if TYPE_CHECKING:
    from tests.conformance.desk import Desk
    from tests.conformance.observed import Task


def follow_a_run(desk: Desk) -> list[str]:
    """A run that succeeds, with parameters and a tag; what was said of its state while it was waited for."""
    desk.deploy()
    desk.put("table.csv", "a,b\n")
    ended = desk.run("submit", "flow.py", "--count", "3", "--table", "table.csv", "--tag", "x", "--wait")
    run_id = ended.out.strip()
    assert ended.code == 0, ended.err
    assert f"Run {run_id} is done after " in ended.err
    assert desk.steps(run_id) == {"start": 1, "each": 3, "join": 1, "end": 1}
    assert desk.run("logs", f"{run_id}/each/r.2").out == "item 2\n"
    assert desk.run("logs", f"{run_id}/end").out == "[end/r] a,b\n[end/r] \n"
    assert run_id in desk.run("runs", "flow.py", "--tag", "x").out
    return [line[9:] for line in ended.err.splitlines() if line[2:3] == ":"]


def fail_and_resume(desk: Desk, reason: str) -> str:
    """A run that fails for the reason that the engine gives, and is resumed once mended; the failed run's id."""
    desk.write("raise ValueError('no sum')")
    desk.deploy()
    ended = desk.run("submit", "flow.py", "--wait")
    run_id = ended.out.strip()
    assert ended.code == 1
    assert f"join/r failed: {reason}" in ended.err
    assert f"what it printed: flowc logs {run_id}/join/r" in ended.err
    tasks = mend_and_resume(desk, run_id)
    assert observed.attempts(tasks) == {"start/r": 0, "each/r.0": 0, "each/r.1": 0, "join/r": 1, "end/r": 1}
    return run_id


def mend_and_resume(desk: Desk, run_id: str) -> dict[str, Task]:
    """The tasks of the run that resumes this one, whose `join` did not end, with one that does."""
    desk.write("self.total = 1")
    desk.deploy()
    resumed = desk.run("submit", "flow.py", "--origin-run", run_id, "--wait")
    assert resumed.code == 0, resumed.err
    return observed.finished_tasks(observed.store_of(observed.DATASTORE), desk.flow, resumed.out.strip())
