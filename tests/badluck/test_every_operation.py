"""A run is cut at its N-th operation on the datastore, for every N, and resumed.

Whatever was cut, the resumed run has the results of one that nothing happened to, and runs no task
that had finished. The fast tests take some N of each kind, the slow ones every ninth, another ninth for
each kind; hypothesis's long profile (`make test-all`) all of them, some 2,800, in eleven minutes on two
cores.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.badluck import flows
from tests.badluck.places import Place, fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.badluck.places import Results

FLOWS = {"all": flows.ALL, "caught": flows.CAUGHT, "gang": flows.GANG, "nested": flows.NESTED}
KINDS = [
    (role, what, when)
    for role, what in [
        ("task", "kill"),
        ("task", "error"),
        ("task", "kill+$$"),
        ("scheduler", "kill"),
        ("scheduler", "error"),
    ]
    for when in ("before", "after")
]
STRIDE = 1 if os.environ.get("FLOWC_HYPOTHESIS") == "long" else 9
_SOME = {"all": 2, "caught": 1, "gang": 1, "nested": 1}  # operations tried of each kind
_TRIED_UP_TO = {
    "task": {"all": 130, "caught": 70, "gang": 45, "nested": 120},
    "scheduler": dict.fromkeys(FLOWS, 8),
}


class Case(NamedTuple):
    """A flow, and what it leaves when nothing happens to it."""

    place: Place
    expected: Results


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Each flow in a folder of its own, whose name is in the traceback that `@catch` keeps."""
    return {name: _undisturbed(tmp_path_factory.mktemp(name), source) for name, source in FLOWS.items()}


def _undisturbed(folder: Path, source: str) -> Case:
    place = Place(folder, source)
    assert place.flowc("run", "flow.py").code == 0
    expected = place.results(place.runs()[0])
    place.clear()
    return Case(place, expected)


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize(("role", "what", "when"), KINDS)
def test_a_run_that_is_cut_is_resumed(
    cases: dict[str, Case], name: str, role: str, what: str, when: str
) -> None:
    step = _TRIED_UP_TO[role][name] // _SOME[name]
    first = 1 + KINDS.index((role, what, when)) * 7 % step
    for number in range(first, first + step * _SOME[name], step):
        _cut_and_resume(cases[name], (role, what, when), number)


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize(("role", "what", "when"), KINDS)
def test_a_run_that_is_cut_anywhere_is_resumed(
    cases: dict[str, Case], name: str, role: str, what: str, when: str
) -> None:
    first = 1 + KINDS.index((role, what, when)) % STRIDE
    assert any(not _cut_and_resume(cases[name], (role, what, when), n) for n in count(first, STRIDE))


def _cut_and_resume(case: Case, kind: tuple[str, str, str], number: int) -> bool:
    """Whether the run had that many operations. What is left of it is removed."""
    place = case.place
    place.clear()
    counter = place.folder / "operations"
    role, what, when = kind
    cut = place.flowc("run", "flow.py", **fault(role, what, when, number, counter))
    reached = counter.stat().st_size >= number
    if reached and (role == "scheduler" or "+" in what):
        assert cut.code in _codes(what), (number, cut)
    finished = _finished(place)
    assert finished <= set(place.take_ran())
    if cut.code != 0 and "end/r" not in finished:  # else all was done, and nothing is left to resume
        resumed = place.flowc("resume" if place.runs() else "run", "flow.py")
        assert resumed.code == 0, (number, cut, resumed)
        _assert_none_ran_twice(finished, place.take_ran())
    found = place.results(place.runs()[-1])
    if what.startswith("kill") and "falls/r" in found:
        # That it was killed is an end of the task's like any other, which `@catch` keeps.
        found["falls/r"] = case.expected["falls/r"]
    assert found == case.expected, (number, cut)
    return reached


def _codes(what: str) -> tuple[int, ...]:
    """An error ends the run; but a log that cannot be stored, or a look at a gang that goes on, fails nothing."""
    return (-signal.SIGKILL,) if what.startswith("kill") else (0, 2)


def _finished(place: Place) -> set[str]:
    return set(place.results(place.runs()[0])) if place.runs() else set()


def _assert_none_ran_twice(finished: set[str], ran: list[str]) -> None:
    """The ranks of a gang are the exception: where one is missing all meet again."""
    twice = finished.intersection(ran)
    assert all(task.startswith("train/") for task in twice), twice
