"""Whole runs against an API server: what its users see of pods, and what becomes of each."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from flowc.launch.kubernetes import launcher, logs, watch
from flowc.target.settings import ArgoSettings, Settings
from tests.cluster.server import serve
from tests.sending import send

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """\
from flowc import FlowSpec, catch, kubernetes, retry, step


class F(FlowSpec):
    @step
    def start(self):
        print("here")
        self.next(self.far)

    {decorators}
    @kubernetes(memory=500)
    @step
    def far(self):
        {body}
        self.next(self.end)

    @step
    def end(self):
        {end}
"""
HERE = "[f-1/start/r (pid)] here"
FAR = "[f-1/far/r (pod f-1-far)]"
SHORT = ArgoSettings(namespace="flows")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_PAUSE", 0.05)
    monkeypatch.setattr(logs, "_PAUSE", 0.2)
    monkeypatch.setattr(launcher, "_QUOTA_SECONDS", 0.05)


def lines_of(printed: list[str]) -> list[str]:
    """The lines, whatever the pids."""
    return [re.sub(r"pid \d+", "pid", line) for line in printed]


PRINTS = 'print("one"); print("two"); print("é")'

# What goes wrong, and in which order; what is printed after `here`; how it ends.
RUNS: list[tuple[dict[str, list[str]], list[str], str]] = [
    ({}, ["one", "two", "é"], "done"),
    ({"far": ["scheduled-late"]}, [
        "flowc: the pod waits: no node takes it: Unschedulable: 0/1 nodes are available: 1 Insufficient memory. (it asks for cpu 1, memory 500M)",
        "one", "two", "é"], "done"),
    ({"far": ["image"]}, [
        'flowc: step `far` has no container: its image cannot be pulled: ErrImagePull: failed to pull "nowhere/task:1": not found',
        "Task failed (exit code 70: the image, the datastore, the code or an input is missing)."],
        "task far/r failed (attempt 1 of 1, exit code 70)"),
    ({"far": ["config"]}, [
        'flowc: step `far` has no container: CreateContainerConfigError: secret "s3" not found',
        "Task failed (exit code 70: the image, the datastore, the code or an input is missing)."],
        "task far/r failed (attempt 1 of 1, exit code 70)"),
    ({"far": ["oom"]}, [
        "flowc: step `far` was killed for its memory (OOMKilled): it used more than it asked for (cpu 1, memory 500M)",
        "Task failed (exit code 1)."], "task far/r failed (attempt 1 of 1, exit code 1)"),
    ({"far": ["evicted"]}, [
        "flowc: step `far` was evicted: Evicted: The node was low on resource: memory.",
        "Task failed (exit code 143: ended from outside)."], "task far/r failed (attempt 1 of 1, exit code 143)"),
    ({"far": ["nodelost"]}, [
        "flowc: step `far` was lost with its node: NodeLost: Node node-1 is unresponsive",
        "Task failed (exit code 143: ended from outside)."], "task far/r failed (attempt 1 of 1, exit code 143)"),
    # A pod that is gone has done its work if its record is there.
    ({"far": ["vanish"]}, ["one", "two", "é"], "done"),
    ({"far": ["unheard"]}, ["one", "two", "é"], "done"),
    ({"watch": ["drop", "drop", "gone", "forgotten", "drop"]}, ["one", "two", "é"], "done"),
    ({"log": ["drop", "drop"]}, ["one", "two", "é"], "done"),
    ({"log": ["unable"]}, ["one", "two", "é"], "done"),
    ({"log": ["forbidden"]}, [
        'flowc: its output is shown at its end: the cluster at HOST refuses to read the log of a pod in `flows`: pods is forbidden: User "ann" cannot do that in the namespace "flows"; NEEDS', "one", "two", "é"], "done"),
    ({"create": ["busy", "busy"]}, ["one", "two", "é"], "done"),
    ({"create": ["quota", "quota"]}, [
        'flowc: the pod waits: the namespace `flows` has no room for it: pods "x" is forbidden: exceeded quota: team, requested: memory=1G, used: memory=9G, limited: memory=9G', "one", "two", "é"], "done"),
    ({"create": ["small"]}, [],
        'the namespace `flows` never has room for a pod of this size, even while nothing else is in it: pods "x" is forbidden: exceeded quota: team, requested: memory=1G, used: memory=0, limited: memory=500M; ask for less, or look at `kubectl -n flows get resourcequota`'),
    ({"create": ["forbidden"]}, [],
        'the cluster at HOST refuses to create a pod in `flows`: pods is forbidden: User "ann" cannot do that in the namespace "flows"; NEEDS'),
    ({"list": ["unauthorized"]}, ["one", "two", "é"], "done"),
    ({"list": ["unauthorized", "unauthorized"]}, [],
        "the cluster at HOST does not accept the credentials (Unauthorized): they may have expired; log in again, and try `kubectl auth whoami`"),
]  # fmt: skip
NEEDS = "the account needs `create`, `delete`, `get`, `list` and `watch` of `pods`, and `get` of `pods/log`, there"


@pytest.mark.parametrize(("moves", "wanted", "ended"), RUNS, ids=lambda value: str(value)[:40])
def test_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moves: dict[str, list[str]],
    wanted: list[str],
    ended: str,
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    flow = FLOW.format(decorators="", body=PRINTS, end="pass")
    with serve(tmp_path, **moves) as cluster:
        sent = send(tmp_path, flow, Settings(argo=SHORT))
        printed = [line.replace(cluster.address, "HOST").replace(NEEDS, "NEEDS") for line in sent.lines]
        assert lines_of(printed) == [HERE, *(f"{FAR} {line}" for line in wanted)]
        assert sent.ended.replace(cluster.address, "HOST").replace(NEEDS, "NEEDS") == ended
        assert list(cluster.node.pods) == []


def test_attempts_are_pods_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    flow = FLOW.format(
        decorators="@retry(times=2, minutes_between_retries=0)",
        body="from metaflow import current; print(current.retry_count); assert current.retry_count",
        end="pass",
    )
    with serve(tmp_path, far=["oom"]) as cluster:
        sent = send(tmp_path, flow, Settings())
        assert sent.ended == "done"
        assert len({pod["metadata"]["name"] for pod in cluster.node.made}) == 2
        assert sent.lines[-1] == f"{FAR} 1"


def test_a_step_that_is_caught_goes_on_without_its_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    flow = FLOW.format(decorators='@catch(var="why")', body="pass", end="print(self.why)")
    with serve(tmp_path, far=["evicted"]):
        sent = send(tmp_path, flow, Settings())
        assert sent.ended == "done"
        assert (
            sent.lines[-1]
            .partition("] ")[2]
            .endswith("step `far` was evicted: Evicted: The node was low on resource: memory.")
        )


def test_a_failure_ends_the_pods_of_its_siblings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    flow = f"""\
import os, time
from flowc import FlowSpec, kubernetes, step

MARK = {str(tmp_path / "slow-runs")!r}


class F(FlowSpec):
    @step
    def start(self):
        self.next(self.slow, self.bad)

    @kubernetes
    @step
    def slow(self):
        open(MARK, "w").close()
        time.sleep(60)
        self.next(self.join)

    @kubernetes
    @step
    def bad(self):
        while not os.path.exists(MARK):
            time.sleep(0.1)
        raise ValueError("no")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
    with serve(tmp_path) as cluster:
        sent = send(tmp_path, flow, Settings())
        assert sent.ended == "task bad/r failed (attempt 1 of 1, exit code 1)"
        assert "[f-1/slow/r (pod f-1-slow)] flowc: F/f-1/slow/r was asked to stop (SIGTERM)" in sent.lines
        assert list(cluster.node.pods) == []


WIDE = """\
from flowc import FlowSpec, kubernetes, step


class F(FlowSpec):
    @step
    def start(self):
        self.xs = list(range(6))
        self.next(self.far, self.near)

    @kubernetes
    @step
    def far(self):
        self.next(self.work, foreach="xs")

    @kubernetes
    @step
    def work(self):
        import time
        time.sleep(0.1)
        self.y = self.input
        self.next(self.sum)

    @step
    def sum(self, inputs):
        self.total = sum(i.y for i in inputs)
        self.next(self.join)

    @step
    def near(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        print(inputs.sum.total)
        if {fails}:
            raise ValueError
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_one_watch_serves_all_and_the_limit_counts_pods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    with serve(tmp_path) as cluster:
        sent = send(tmp_path, WIDE.format(fails=False), Settings(max_workers=2))
        assert sent.ended == "done"
        assert cluster.node.most <= 2
        # Each look at the pods is followed by one watch, for however many pods.
        assert cluster.requests.count("WATCH") == cluster.requests.count("GET")
        assert cluster.requests.count("WATCH") < len(cluster.node.made)


def test_a_run_resumes_where_another_one_mixed_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    with serve(tmp_path) as cluster:
        assert send(tmp_path, WIDE.format(fails=True), Settings()).ended.startswith("task join/r failed")
        pods = len(cluster.node.made)
        again = send(tmp_path, WIDE.format(fails=False), Settings(), "f-2", origin="f-1")
        assert again.ended == "done"
        assert len(cluster.node.made) == pods == 7


LONG = FLOW.format(
    decorators="", body='import time; print("waiting", flush=True); time.sleep(60)', end="pass"
)


def test_ctrl_c_ends_pods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    with serve(tmp_path) as cluster:
        cluster.node.printed = lambda line: os.kill(os.getpid(), signal.SIGINT) if b"wait" in line else None
        sent = send(tmp_path, LONG, Settings())
        assert sent.ended == "interrupted by SIGINT"
        assert sent.lines[-1] == f"{FAR} flowc: F/f-1/far/r was asked to stop (SIGTERM)"
        assert list(cluster.node.pods) == []


def test_a_second_ctrl_c_gives_pods_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    stubborn = LONG.replace(
        "import time;",
        "import signal, time; signal.signal(signal.SIGTERM, lambda *_: print('no', flush=True));",
    )
    with serve(tmp_path) as cluster:
        cluster.node.printed = lambda _: os.kill(os.getpid(), signal.SIGINT)
        sent = send(tmp_path, stubborn, Settings())
        assert sent.ended == "interrupted by SIGINT"
        assert list(cluster.node.pods) == []
