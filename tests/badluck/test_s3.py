"""Whole runs on an S3 server that fails, cuts, loses answers, is slow, or is careless; killed and resumed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from flowc.runtime.records import Run
from flowc.runtime.store.s3 import S3Store
from tests.badluck import flows
from tests.badluck.places import Place, Results, fault, result_of
from tests.badserver import BadServer, serving, serving_badly

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("boto3")


class Bucket:
    """A flow whose datastore is on a server."""

    def __init__(self, folder: Path, source: str, server: BadServer) -> None:
        self.place = Place(folder, source)
        self.variables = {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-east-1",
        }
        self.server = server

    def flowc(self, *words: str, **more: str) -> Any:  # noqa: ANN401 - how the command ended
        return self.place.flowc(*words, "--datastore", "s3://bucket/place", **self.variables, **more)

    def runs(self) -> list[str]:
        """Those that have begun, in the order of their writing."""
        found = [
            re.fullmatch(rf"/bucket/place/{self.place.flow}/([^/]+)/run.json", key)
            for key in self.server.objects
        ]
        return [match[1] for match in found if match]

    def results(self, run_id: str, monkeypatch: pytest.MonkeyPatch) -> Results:
        """As `Place.results`; by now the server does well."""
        self.server.choose = lambda: "ok"
        for name, value in self.variables.items():
            monkeypatch.setenv(name, value)
        run = Run(S3Store("bucket", "place"), self.place.flow, run_id)
        pattern = rf"/bucket/place/{run.prefix}/([^/]+)/([^/]+)/done.json"
        tasks = [
            match for match in (re.fullmatch(pattern, key) for key in list(self.server.objects)) if match
        ]
        return {f"{task[1]}/{task[2]}": result_of(run.finished(task[1], task[2])) for task in tasks}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the flow leaves in a folder."""
    place = Place(tmp_path_factory.mktemp("calm"), flows.ALL)
    assert place.flowc("run", "flow.py").code == 0
    return place.results(place.runs()[0])


SHARES = [
    pytest.param(0.05, "503 500 SlowDown", id="fails", marks=pytest.mark.slow),
    pytest.param(0.05, "drop cut", id="cuts", marks=pytest.mark.slow),
    pytest.param(0.08, "stored", id="loses answers", marks=pytest.mark.slow),
    pytest.param(0.1, "late", id="is slow", marks=pytest.mark.slow),
    pytest.param(0.08, "503 drop cut stored late InternalError", id="does it all"),
]


@pytest.mark.parametrize(("share", "moves"), SHARES)
def test_a_run_on_a_server_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: Results, share: float, moves: str
) -> None:
    with serving_badly(7, share, moves) as server:
        bucket = Bucket(tmp_path, flows.ALL, server)
        ended = bucket.flowc("run", "flow.py")
        assert ended.code == 0, ended
        assert any(move in line for line in server.log for move in moves.split())
        assert bucket.results(bucket.runs()[0], monkeypatch) == expected


CUTS = [("kill+$$", 75)]
MORE_CUTS = [(what, number) for what in ("kill", "kill+$$", "error") for number in (20, 60, 110)]


@pytest.mark.parametrize(
    ("what", "number"), [*CUTS, *(pytest.param(*cut, marks=pytest.mark.slow) for cut in MORE_CUTS)]
)
def test_a_run_that_is_cut_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: Results, what: str, number: int
) -> None:
    with serving_badly(number, 0.03, "503 drop stored") as server:
        bucket = Bucket(tmp_path, flows.ALL, server)
        cut = bucket.flowc("run", "flow.py", **fault("any", what, "after", number, tmp_path / "operations"))
        (run_id,) = bucket.runs()
        if cut.code == 0:
            # It hit a task that had made its result: whoever watched the task told its successors.
            assert bucket.results(run_id, monkeypatch) == expected
            return
        assert cut.code != 0
        finished = set(bucket.results(run_id, monkeypatch))
        bucket.place.take_ran()
        resumed = bucket.flowc("resume", "flow.py", "--origin-run-id", run_id)
        assert resumed.code == 0, (cut, resumed)
        assert not finished.intersection(bucket.place.take_ran())
        assert bucket.results(bucket.runs()[-1], monkeypatch) == expected


def test_a_server_that_lets_two_writers_win_is_refused(tmp_path: Path) -> None:
    with serving(" ".join(["careless"] * 100)) as server:
        ended = Bucket(tmp_path, flows.ALL, server).flowc("run", "flow.py")
    assert ended.code == 1
    assert "the datastore accepts two conditional writes of one object" in ended.out


def test_a_server_that_is_gone(tmp_path: Path) -> None:
    with serving("") as server:
        bucket = Bucket(tmp_path, flows.ALL, server)
    ended = bucket.flowc("run", "flow.py")
    assert ended.code == 2
    assert "s3://bucket/place/" in ended.err
    assert "Traceback" not in ended.out + ended.err
