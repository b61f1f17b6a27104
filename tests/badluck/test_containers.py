"""A task in a container: cut at its N-th operation on the datastore, or raced by another attempt of it.

Whatever happens, the next attempt leaves what an undisturbed one would have left, for the engine, for
the tasks after it and for readers; and of attempts that race one wins, whole.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from flowc import contract
from tests.badluck import flows
from tests.badluck.containers import Cluster
from tests.badluck.places import fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Tasks in an order in which an engine may start them, with what is left of each.
TASKS = [
    ("start", "r"),
    ("work", "r.0"),
    ("work", "r.1"),
    ("gather", "r"),
    ("left", "r"),
    ("right", "r"),
    ("meet", "r"),
    ("turn", "r~0"),
    ("turn", "r~1"),
    ("odd", "r"),
    ("end", "r"),
]
KINDS = [(what, when) for what in ("kill", "error") for when in ("before", "after")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    return Cluster(tmp_path_factory.mktemp("cluster"), flows.ALL)


def _one_after_the_other(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Each task, when all before it are done."""
    cluster.forget("start", "r")
    for step, path in TASKS:
        yield step, path
        cluster.forget(step, path)
        assert cluster.task(step, path).code == 0


@pytest.mark.parametrize(("what", "when"), KINDS)
def test_the_next_attempt_mends_what_a_cut_one_left(cluster: Cluster, what: str, when: str) -> None:
    first = 1 + 3 * KINDS.index((what, when))
    for step, path in _one_after_the_other(cluster):
        if step in ("start", "work", "turn", "meet") and path in ("r", "r.1", "r~0"):
            for number in (first, first + 6):
                _cut_and_try_again(cluster, step, path, f"{what}:{when}:{number}")


@pytest.mark.slow
@pytest.mark.parametrize(("what", "when"), KINDS)
def test_the_next_attempt_mends_whatever_a_cut_one_left(cluster: Cluster, what: str, when: str) -> None:
    for step, path in _one_after_the_other(cluster):
        assert any(not _cut_and_try_again(cluster, step, path, f"{what}:{when}:{n}") for n in count(1))


def _cut_and_try_again(cluster: Cluster, step: str, path: str, cut: str) -> bool:
    """Whether the attempt had that many operations."""
    cluster.forget(step, path)
    assert cluster.task(step, path).code == 0
    expected = cluster.left(step, path, "a")
    cluster.forget(step, path)
    what, when, number = cut.split(":")
    counter = cluster.folder / "operations"
    first = cluster.task(step, path, "first", **fault("any", what, when, int(number), counter))
    second = cluster.task(step, path, "second")
    assert second.code == 0, (first, second)
    assert cluster.left(step, path, "second") == expected, (cut, first, second)
    return counter.stat().st_size >= int(number)


# --------------------------------------------------------------------------- races
@pytest.mark.parametrize("rounds", [5, pytest.param(150, marks=pytest.mark.slow)])
def test_attempts_race_and_one_wins_whole(tmp_path: Path, rounds: int) -> None:
    """Each attempt splits into another number of items: nothing of one may be seen with the other's."""
    source = flows.HEAD + (
        "class Race(FlowSpec):\n"
        "    @step\n"
        "    def start(self):\n"
        "        self.who = os.urandom(200_000)\n"
        "        self.xs = list(range(1 + os.getpid() % 90))\n"
        "        self.next(self.work, foreach='xs')\n"
        "    @step\n"
        "    def work(self):\n"
        "        self.next(self.join)\n"
        "    @step\n"
        "    def join(self, inputs):\n"
        "        self.next(self.end)\n"
        "    @step\n"
        "    def end(self):\n"
        "        pass\n"
    )
    cluster = Cluster(tmp_path, source)
    for _ in range(rounds):
        cluster.forget("start", "r")
        attempts = {name: cluster.start("start", "r", name) for name in "abc"}
        ends = {name: process.communicate(timeout=60)[0] for name, process in attempts.items()}
        assert [process.returncode for process in attempts.values()] == [0, 0, 0], ends
        splits = cluster.run.finished("start", "r")["splits"]
        for name in attempts:
            assert (cluster.folder / "control" / name / contract.SPLITS_FILE).read_text() == str(splits)
        left = cluster.left("start", "r", "a")["objects"]
        assert left["control.json"] == b'{"n":%d,"next":"foreach:work"}' % splits
        assert left["items.json"] == str(list(range(splits))).replace(" ", "").encode()
        assert cluster.task("work", f"r.{splits - 1}").code == 0
