"""A history as tasks. Each line is an event: `ID [< PREVIOUS] TYPE [name] [path or message]`."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.deploy.stepfunctions.history import brief, counts, read_history, steps_of, troubles

if TYPE_CHECKING:
    from flowc.deploy.stepfunctions.history import Seen

STEPS = {"start": "start", "fit": "fit", "fit__catch": "fit", "caf": "caf-xe9-", "hook": "exit-hook"}


def event(line: str) -> dict[str, Any]:
    number, _, rest = line.strip().partition(" ")
    previous = 0
    if rest.startswith("< "):
        _, text, rest = rest.split(" ", 2)
        previous = int(text)
    kind, _, said = rest.partition(" ")
    found: dict[str, Any] = {"id": int(number), "previousEventId": previous, "type": kind}
    if kind.endswith("StateEntered"):
        found["stateEnteredEventDetails"] = {"name": said}
    elif kind == "TaskScheduled":
        variables = {"ContainerOverrides": {"Environment": [{"Name": "FLOWC_PATH", "Value": said}]}}
        found["taskScheduledEventDetails"] = {"parameters": json.dumps(variables)}
    elif kind == "TaskFailed":
        found["taskFailedEventDetails"] = {"error": "States.TaskFailed", "cause": said}
    elif kind == "MapRunStarted":
        found["mapRunStartedEventDetails"] = {"mapRunArn": said}
    return found


def read(text: str) -> Seen:
    return read_history([event(line) for line in dedent(text).strip().splitlines()], STEPS)


def shown(seen: Seen, *, ended: bool) -> str:
    lines = [" ".join(map(str, count)) for count in counts(seen.tasks, ended=ended)]
    lines += [
        f"{t.step}/{t.path} {'failed' if t.failed else 'waits'}: {t.message}"
        for t in troubles(seen.tasks, ended=ended)
    ]
    return "\n".join(lines)


def check(text: str, expected: str, *, ended: bool = False) -> None:
    """The steps with the tasks waiting, running, succeeded and failed; then what is wrong."""
    assert shown(read(text), ended=ended) == dedent(expected).strip()


TWO_AT_ONCE = """
    1 ExecutionStarted
    2 < 1 TaskStateEntered start
    3 < 2 TaskScheduled r
    4 < 3 TaskSubmitted
    5 < 4 TaskSucceeded
    6 < 5 TaskStateExited
    7 < 6 MapStateEntered start__map
    8 < 7 TaskStateEntered fit
    9 < 7 TaskStateEntered fit
    10 < 8 TaskScheduled r.0
    11 < 9 TaskScheduled r.1
    12 < 11 TaskSubmitted
"""


def test_tasks_are_followed_side_by_side() -> None:
    check(TWO_AT_ONCE, "start 0 0 1 0\nfit 1 1 0 0")


def test_helpers_of_a_step_are_no_tasks() -> None:
    check("1 TaskStateEntered start__control\n2 < 1 TaskScheduled r\n3 < 2 TaskStateExited", "")


RETRIED = """
    1 TaskStateEntered fit
    2 < 1 TaskScheduled r
    3 < 2 TaskSubmitted
    4 < 3 TaskFailed first
    5 < 4 TaskScheduled r
    6 < 5 TaskSubmitted
"""


def test_a_task_that_is_retried_counts_once() -> None:
    check(RETRIED, "fit 0 1 0 0")
    check(RETRIED + "    7 < 6 TaskSucceeded\n    8 < 7 TaskStateExited", "fit 0 0 1 0")


def test_between_attempts_a_task_waits() -> None:
    failed = RETRIED + "    7 < 6 TaskFailed second"
    check(failed, "fit 1 0 0 0\nfit/r waits: States.TaskFailed: second")
    check(failed, "fit 0 0 0 1\nfit/r failed: States.TaskFailed: second", ended=True)


def test_a_caught_task_is_counted_by_what_goes_on_for_it() -> None:
    check(
        """
        1 TaskStateEntered fit
        2 < 1 TaskScheduled r
        3 < 2 TaskFailed killed
        4 < 3 TaskStateExited
        5 < 4 TaskStateEntered fit__catch
        6 < 5 TaskSubmitted
        7 < 6 TaskStateExited
        """,
        "fit 0 0 1 0",
        ended=True,
    )


@pytest.mark.parametrize(("state", "step"), [("caf", "café"), ("hook", "exit-hook")])
def test_names_that_are_spelled_otherwise_are_read(state: str, step: str) -> None:
    check(f"1 TaskStateEntered {state}", f"{step} 1 0 0 0")


def test_map_runs_are_known_by_their_map() -> None:
    seen = read("1 MapStateEntered start__map\n2 < 1 MapStateStarted\n3 < 2 MapRunStarted arn:run")
    assert seen.map_runs == {"arn:run": "start__map"}


@given(st.lists(st.sampled_from(range(4)), max_size=40))
def test_the_order_in_which_tasks_advance_changes_no_count(order: list[int]) -> None:
    kinds = ("TaskStateEntered fit", "TaskScheduled r", "TaskSubmitted", "TaskSucceeded", "TaskStateExited")
    at, last, lines = [0] * 4, [0] * 4, []
    for number, task in enumerate(order, 1):
        if at[task] < len(kinds):
            lines.append(f"{number} < {last[task]} {kinds[at[task]]}")
            at[task], last[task] = at[task] + 1, number
    begun = [done for done in at if done]
    waiting = sum(done <= 2 for done in begun)
    succeeded = sum(done == len(kinds) for done in begun)
    expected = [("fit", waiting, len(begun) - waiting - succeeded, succeeded, 0)] if begun else []
    seen = read_history([event(line) for line in lines], STEPS)
    assert [tuple(count) for count in counts(seen.tasks, ended=False)] == expected


JOB = {
    "Container": {"ExitCode": 1, "Reason": None},
    "StatusReason": "Essential container in task exited",
    "JobId": "x",
}


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        (
            "States.TaskFailed",
            json.dumps(JOB),
            "States.TaskFailed: Essential container in task exited; exit code 1",
        ),
        (
            "Flowc.TooManySplits",
            "101 items,\n the limit is 100",
            "Flowc.TooManySplits: 101 items, the limit is 100",
        ),
        (None, None, ""),
        ("States.Timeout", None, "States.Timeout"),
        ("E", "[1]", "E: [1]"),
        ("E", "{}", "E: {}"),
        ("E", '{"Container": "odd"}', 'E: {"Container": "odd"}'),
    ],
)
def test_causes_are_made_brief(error: str | None, cause: str | None, expected: str) -> None:
    assert brief(error, cause) == expected


def test_the_states_of_jobs_are_found_at_any_depth() -> None:
    job = {
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Arguments": {"E": [{"Name": "FLOWC_STEP", "Value": "fit"}]},
    }
    pod = {"Resource": "arn:aws:states:::eks:runJob.sync"}
    read_ = {"Resource": "arn:aws:states:::aws-sdk:s3:getObject"}
    machine = {
        "States": {
            "a": {"ItemProcessor": {"States": {"fit__catch": job, "b": read_}}},
            "c": {"Branches": [{"States": {"pod": pod}}]},
        }
    }
    assert steps_of(json.dumps(machine)) == {"fit__catch": "fit", "pod": "pod"}
    assert steps_of("no JSON") == {}
