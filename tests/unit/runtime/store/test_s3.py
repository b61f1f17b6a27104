"""S3 on bad days: what is asked again, what is told, and what is left behind."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.store import MissingObject, StoreError, patience, s3client
from flowc.runtime.store.digest import digest
from flowc.runtime.store.s3 import S3Store
from tests.badserver import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.badserver import BadServer

    Told = Callable[[str], tuple[S3Store, BadServer]]

pytest.importorskip("boto3")

BIG = bytes(range(256)) * 200_000  # four parts of 16 MiB
DROPPED_8_TIMES = " ".join(["drop"] * 8)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """`told(moves)`: a store whose server makes these moves."""
    started = []

    def start(moves: str) -> tuple[S3Store, BadServer]:
        server = serving(moves)
        started.append(server)
        bad = server.__enter__()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{bad.server_port}")
        return S3Store("bucket", "a/b"), bad

    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "REGION": "us-east-1"}.items():
        monkeypatch.setenv("AWS_" + name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(s3client, "READ_SECONDS", 1)
    s3client._client.cache_clear()
    yield start
    s3client._client.cache_clear()
    for server in started:
        server.__exit__(None, None, None)


def log_of(bad: BadServer) -> str:
    return ", ".join(bad.log)


@pytest.mark.parametrize(
    ("moves", "log"),
    [
        ("ok", "GET"),
        (
            "SlowDown SlowDown 503 500 InternalError",
            "GET SlowDown, GET SlowDown, GET 503, GET 500, GET InternalError, GET",
        ),
        ("drop drop", "GET drop, GET drop, GET"),
        ("cut cut", "GET cut, GET cut, GET"),
        ("slow", "GET slow, GET"),
    ],
)
def test_a_read_is_asked_again(told: Told, moves: str, log: str) -> None:
    store, bad = told(moves)
    bad.objects["/bucket/a/b/k"] = BIG
    assert store.get("k") == BIG
    assert log_of(bad) == log


@pytest.mark.parametrize("moves", [DROPPED_8_TIMES, "503 " * 8], ids=["nobody there", "no time"])
def test_who_is_patient_waits_for_a_server_that_is_away(
    told: Told, moves: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    store, bad = told(moves + " " + moves)
    with pytest.raises(StoreError, match=r"then `flowc resume`|`flowc resume` later"):
        store.put("k", [b"1"])
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(patience, "_seconds", 240.0)
    store.put("k", [b"2"])
    assert bad.objects == {"/bucket/a/b/k": b"2"}
    assert "flowc: s3://bucket/a/b/k cannot be reached (" in capfd.readouterr().err


def test_no_patience_helps_where_waiting_does_not(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_seconds", 240.0)
    store, bad = told("NoSuchBucket")
    with pytest.raises(StoreError, match="create the bucket"):
        store.put("k", [b"1"])
    bad.moves = DROPPED_8_TIMES.split()
    with pytest.raises(StoreError, match="look at the network"):
        patience.in_a_hurry(lambda: store.put("k", [b"1"]))


def test_a_range_goes_on_where_it_was_cut(told: Told) -> None:
    store, bad = told("cut cut cut")
    bad.objects["/bucket/a/b/k"] = bytes(range(200))
    assert store.load("k", 10, 100) == bytes(range(10, 110))
    assert log_of(bad) == "GET cut, GET cut, GET cut, GET"


def test_a_large_object_is_read_in_parts(told: Told) -> None:
    store, bad = told("cut SlowDown drop ok cut")
    bad.objects["/bucket/a/b/k"] = BIG
    assert store.load("k", 0, len(BIG)) == BIG
    assert len([line for line in bad.log if line == "GET"]) == 4


@pytest.mark.parametrize(
    ("moves", "created", "kept"),
    [
        ("ok", [True, False], b"1"),
        ("SlowDown drop ok", [True, False], b"1"),
        ("ConditionalRequestConflict ConditionalRequestConflict", [True, False], b"1"),
        ("stored", [False, False], b"1"),  # what is there tells who won
        ("ok careless", [True, True], b"2"),  # what `run.json`'s pair of creates finds out
    ],
)
def test_create(told: Told, moves: str, created: list[bool], kept: bytes) -> None:
    store, bad = told(moves)
    assert [store.create("k", b"1"), store.create("k", b"2")] == created
    assert bad.objects == {"/bucket/a/b/k": kept}


@pytest.mark.parametrize(
    "moves",
    [
        "ok",
        "drop ok ok SlowDown ok ok ok ok ConditionalRequestConflict ok ok ok ok ok ok " * 8,
        "stored ok ok ok " * 10,
    ],
    ids=["good", "bad", "lost answers"],
)
def test_of_racing_writers_one_wins(told: Told, moves: str) -> None:
    store, bad = told(moves)
    wins: list[tuple[str, bytes]] = []

    def race(me: bytes) -> None:
        for index in range(25):
            if store.create(f"k{index}", me):
                wins.append((f"/bucket/a/b/k{index}", me))  # noqa: PERF401 - other threads append too

    racers = [threading.Thread(target=race, args=(me,)) for me in (b"a", b"b", b"c", b"d")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(bad.objects) == 25
    # A lost answer may leave an object without a winner who knows of it, never with two.
    assert len(wins) == len(dict(wins)) >= 25 - moves.count("stored")
    assert all(bad.objects[key] == me for key, me in wins)


def test_a_blob_is_sent_in_parts_and_only_once(told: Told) -> None:
    store, bad = told("ok SlowDown ok drop")
    name = store.put_blob("F/data", [BIG[:1000], memoryview(BIG)[1000:]])
    assert name == digest([BIG])
    assert bad.objects == {f"/bucket/a/b/F/data/{name[:2]}/{name}": BIG}
    bad.log.clear()
    store.put_blob("F/data", [BIG])
    assert log_of(bad) == "HEAD"


@pytest.mark.parametrize(
    ("size", "log"),
    [
        (100, "HEAD, PUT"),
        (16 << 20, "HEAD, PUT"),
        ((16 << 20) + 1, "HEAD, POST uploads, PUT partNumber, PUT partNumber, POST uploadId"),
    ],
)
def test_small_blobs_are_one_request(told: Told, size: int, log: str) -> None:
    store, bad = told("ok")
    name = store.put_blob("F/data", [bytes(size)])
    assert (log_of(bad), bad.objects[f"/bucket/a/b/F/data/{name[:2]}/{name}"]) == (log, bytes(size))


def test_a_blob_that_was_cut_short_is_sent_again(told: Told) -> None:
    store, bad = told("ok")
    name = store.put_blob("F/data", [b"x" * 1000])
    key = f"/bucket/a/b/F/data/{name[:2]}/{name}"
    bad.objects[key] = b"x" * 999
    store.put_blob("F/data", [b"x" * 1000])
    assert bad.objects[key] == b"x" * 1000


def test_a_failed_upload_is_taken_back(told: Told) -> None:
    store, bad = told("ok ok AccessDenied AccessDenied AccessDenied AccessDenied")
    with pytest.raises(StoreError, match=r"cannot write s3://bucket/a/b/F/data/.*AccessDenied.*s3:PutObject"):
        store.put_blob("F/data", [BIG])
    assert (bad.log[-1], bad.uploads, bad.objects) == ("DELETE uploadId", {}, {})


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        (
            "NoSuchBucket",
            r"cannot write s3://bucket/a/b/k: .*; create the bucket, or correct the datastore's address",
        ),
        ("AccessDenied", r"cannot write s3://bucket/a/b/k: .*; the credentials in use need s3:GetObject"),
        ("ExpiredToken", r"; renew the credentials, then `flowc resume`"),
        ("InvalidAccessKeyId", r"; correct the credentials"),
        ("RequestTimeTooSkewed", r"; set the machine's clock"),
        ("NotImplemented", r"; use an endpoint that honours `If-None-Match: \*`"),
        (
            "SlowDown " * 8,
            r"; the server refuses for the moment, also when asked again: `flowc resume` later",
        ),
        (DROPPED_8_TIMES, r"; look at the network and at AWS_ENDPOINT_URL_S3, then `flowc resume`"),
        ("TeapotError", r"cannot write s3://bucket/a/b/k: .*TeapotError.*so it is told$"),
    ],
)
def test_a_refusal_says_what_where_and_what_next(told: Told, moves: str, message: str) -> None:
    store, _bad = told(moves)
    with pytest.raises(StoreError, match=message):
        store.create("k", b"1")


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda s: s.load("none", 0, 5), MissingObject, "there is no object s3://bucket/a/b/none"),
        (lambda s: s.link("none", "k"), MissingObject, "there is no object s3://bucket/a/b/none"),
        (lambda s: s.load("short", 0, 6), StoreError, "short ends early: 6 bytes from 0 asked for, 5 given"),
        (lambda s: s.load("short", 5, 1), StoreError, "short ends early"),
    ],
)
def test_a_read_of_what_is_not_there(
    told: Told, use: Callable[[S3Store], object], error: type[StoreError], message: str
) -> None:
    store, bad = told("ok")
    bad.objects["/bucket/a/b/short"] = b"12345"
    with pytest.raises(error, match=message):
        use(store)


def test_without_an_endpoint_the_network_is_named(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = told("")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(
        StoreError, match=r"cannot read s3://bucket/a/b/k: Could not connect.*; look at the network"
    ):
        store.get("k")


def test_an_endpoint_that_is_no_address(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = told("")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nonsense")
    with pytest.raises(StoreError, match=r"the S3 client cannot be made: Invalid endpoint: nonsense"):
        store.get("k")


def test_a_bucket_that_is_no_name(told: Told) -> None:
    told("")
    with pytest.raises(StoreError, match=r"Invalid bucket name.*; correct the datastore's address"):
        S3Store("no bucket", "").get("k")


def test_without_credentials(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = told("")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match=r"; give the task a role, or set AWS_ACCESS_KEY_ID"):
        store.get("k")


def test_a_forked_child_has_its_own_client(told: Told) -> None:
    store, _ = told("")
    store.put("k", [b"1"])
    mine = id(s3client.client())
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, b"other" if store.get("k") == b"1" and id(s3client.client()) != mine else b"same")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"other"
