"""`metaflow.S3`, the same in a bucket (of a server in this process) and in a folder."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc.runtime.api.s3 import (
    S3,
    MetaflowS3Exception,
    MetaflowS3InvalidObject,
    MetaflowS3InvalidRange,
    MetaflowS3NotFound,
    MetaflowS3URLException,
    S3GetObject,
    S3PutObject,
    bucket,
)
from flowc.runtime.api.s3.folder import Folder
from flowc.runtime.api.s3.places import root_of
from flowc.runtime.parallel import parallel_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    moto = pytest.importorskip("moto.server")
    started = moto.ThreadedMotoServer(port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture(params=["bucket", "folder"])
def s3(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """An empty root in a bucket, then in a folder."""
    root = f"file://{tmp_path}/root"
    if request.param == "bucket":
        boto3 = pytest.importorskip("boto3")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", request.getfixturevalue("server"))
        boto3.client("s3").create_bucket(Bucket="bucket")
        root = f"s3://bucket/{tmp_path.name}"
    monkeypatch.chdir(tmp_path)
    with S3(s3root=root) as opened:
        yield opened
    assert not list(tmp_path.glob("metaflow.s3.*"))


def keys(found: list[Any]) -> list[tuple[str, bool]]:
    return [(each.key, each.exists) for each in found]


def test_what_is_put_is_got(s3: S3) -> None:
    url = s3.put("a/text.csv", "é,1")
    found = s3.get("a/text.csv")
    assert (found.url, found.key, found.text, found.blob, found.size) == (
        url,
        "a/text.csv",
        "é,1",
        b"\xc3\xa9,1",
        4,
    )
    assert (found.exists, found.downloaded, str(found.path).endswith("text.csv")) == (True, True, True)
    assert (s3.put("b", b""), s3.get("b").blob, s3.get("b").exists) == (s3.info("b").url, b"", True)


def test_what_is_known_of_an_object(s3: S3) -> None:
    s3.put("k", b"12345", content_type="text/x", metadata={"a": [1]})
    found = s3.info("k")
    assert (found.size, found.content_type, found.metadata, found.downloaded) == (
        5,
        "text/x",
        {"a": [1]},
        False,
    )
    assert (found.has_info, found.blob, found.path) == (True, None, None)
    assert isinstance(found.last_modified, int)
    assert s3.get("k").metadata == {"a": [1]}
    assert s3.put("k", b"new") == found.url
    assert s3.info("k").metadata is None


def test_without_overwrite_what_is_there_stays(s3: S3) -> None:
    s3.put("k", "old")
    s3.put("k", "new", overwrite=False)
    assert s3.get("k").text == "old"
    s3.put_many([("k", "new"), ("l", "new")], overwrite=False)
    assert [each.text for each in s3.get_many(["k", "l"])] == ["old", "new"]


@pytest.mark.parametrize(
    ("offset", "length", "expected", "start"),
    [(2, 3, b"234", 2), (7, None, b"789", 7), (None, 4, b"0123", 0), (0, -2, b"89", 8), (5, 99, b"56789", 5)],
)
def test_a_range_of_bytes(s3: S3, offset: int, length: int, expected: bytes, start: int) -> None:
    s3.put("k", b"0123456789")
    (found,) = s3.get_many([S3GetObject("k", offset, length)])
    assert (found.blob, found.size) == (expected, len(expected))
    assert found.range_info == (10, start, len(expected))


def test_a_range_outside_of_the_object(s3: S3) -> None:
    s3.put("k", b"0123456789")
    with pytest.raises(MetaflowS3InvalidRange):
        s3.get(S3GetObject("k", 10, 1))


def test_what_is_missing(s3: S3) -> None:
    with pytest.raises(MetaflowS3NotFound, match="nope"):
        s3.get("nope")
    with pytest.raises(MetaflowS3NotFound):
        s3.info_many(["nope", "nope2"])
    s3.put("k", "x")
    found = s3.get_many(["k", "nope"], return_missing=True)
    assert keys(found) == [("k", True), ("nope", False)]
    assert (found[1].blob, found[1].size, found[1].downloaded, found[1].has_info) == (
        None,
        None,
        False,
        False,
    )
    assert keys(s3.info_many(["nope"], return_missing=True)) == [("nope", False)]
    assert (s3.list_paths(["nope"]), s3.list_recursive(["nope"]), s3.get_recursive(["nope"])) == ([], [], [])


def test_lists(s3: S3) -> None:
    names = ["a/0", "a/b/1", "a/b/2", "ab/3", "f"]
    s3.put_many((name, name) for name in names)
    assert sorted(keys(s3.list_paths())) == [("a", False), ("ab", False), ("f", True)]
    assert sorted(keys(s3.list_paths(["a"]))) == [("0", True), ("b", False)]
    assert sorted(keys(s3.list_paths(["a/b", "f"]))) == [("1", True), ("2", True)]
    assert sorted(keys(s3.list_recursive(["a/"]))) == [("0", True), ("b/1", True), ("b/2", True)]
    assert len(s3.list_recursive(["a"])) == 4, "a key is a beginning, not a folder"
    assert sorted(keys(s3.list_recursive())) == [(name, True) for name in names]
    assert {each.key: each.text for each in s3.get_all()} == dict(zip(names, names, strict=True))
    assert [each.size for each in s3.list_recursive(["a/b/"])] == [5, 5]


def test_many_at_once_come_in_order(s3: S3) -> None:
    names = [f"k{i}" for i in range(100)]
    assert s3.put_many((name, name * i) for i, name in enumerate(names)) == [
        (n, s3.info(n).url) for n in names
    ]
    assert [each.blob for each in s3.get_many(names)] == [(n * i).encode() for i, n in enumerate(names)]


def test_files(s3: S3, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    put = [("k", str(tmp_path / "x")), S3PutObject("l", path=str(tmp_path / "x"), metadata={"m": 1})]
    assert [key for key, _ in s3.put_files(put)] == ["k", "l"]
    assert (s3.get("k").blob, s3.get("l").metadata) == (b"x", {"m": 1})
    with pytest.raises(MetaflowS3NotFound, match="there is no local file /none"):
        s3.put_files([("k", "/none")])
    with open(tmp_path / "x", "rb") as stream:
        stream.read()
        s3.put("m", stream)
        assert not stream.closed
    assert s3.get("m").blob == b"x"


@pytest.mark.parametrize("value", [1, None, io.StringIO("x"), ["x"]])
def test_what_cannot_be_put(s3: S3, value: object) -> None:
    with pytest.raises(MetaflowS3InvalidObject, match="the object for `k` is"):
        s3.put("k", value)


def test_addresses(s3: S3) -> None:
    url = s3.put("/k", "x")
    with pytest.raises(MetaflowS3URLException, match="is a whole address, but this `S3` has the root"):
        s3.get(url)
    for key in ("k", None, "s3://bucket", 3):
        with pytest.raises(MetaflowS3URLException, match="is no whole address"):
            S3().get(key)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(MetaflowS3URLException, match="get_all needs a root"):
        S3().get_all()
    with pytest.raises(MetaflowS3URLException, match="must begin with s3://"):
        S3(s3root="b/p")


def test_closing_removes_what_was_downloaded(s3: S3) -> None:
    s3.put("k", "x")
    path = s3.get("k").path
    assert path is not None
    assert os.path.exists(path)
    s3.close()
    assert not os.path.exists(path)
    s3.close()
    assert s3.get("k").text == "x"


class Run:
    """A `Run` of the client."""

    pathspec = "Flow/run-1"

    def __init__(self, **store: str) -> None:
        self._store = type("Store", (), store)()


@pytest.mark.parametrize(
    ("run", "bucket", "prefix", "expected"),
    [
        (Run(root="/d"), None, None, "file:///d/Flow/run-1/s3-data"),
        (Run(bucket="b", prefix="p/q"), None, None, "s3://b/p/q/Flow/run-1/s3-data"),
        (Run(bucket="b", prefix=""), None, None, "s3://b/Flow/run-1/s3-data"),
        (Run(bucket="b", prefix="p"), "c", "/r/", "s3://c/r/Flow/run-1/s3-data"),
        (Run(root="/d"), "c", None, "s3://c/Flow/run-1/s3-data"),
    ],
)
def test_the_root_of_a_run(run: Run, bucket: str | None, prefix: str | None, expected: str) -> None:
    assert root_of(run, None, bucket, prefix) == expected


def test_the_address_of_a_runs_object_can_be_passed_on(tmp_path: Path) -> None:
    with S3(run=Run(root=str(tmp_path)), tmproot=str(tmp_path)) as mine, S3(tmproot=str(tmp_path)) as any_s3:
        assert any_s3.get(mine.put("a/k", "x")).text == "x"
        with pytest.raises(MetaflowS3URLException, match="is not below the s3-data of a run"):
            any_s3.get("file:///etc/passwd")


def test_a_folder_cannot_hold_one_key_below_another(tmp_path: Path) -> None:
    with S3(s3root=f"file://{tmp_path}/root") as s3:
        s3.put("a", "x")
        with pytest.raises(MetaflowS3Exception, match="cannot hold one key below another"):
            s3.put("a/b", "y")


PART = st.sampled_from(["", ".", "..", "%", "%.", ".s3-facts", ".s3-new", "a", "b c", "é", "%2E"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), max_size=8
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PART, min_size=1, max_size=4).map("/".join).filter(lambda key: key.strip("/")))
def test_any_key_stays_in_its_folder_and_comes_back(tmp_path: Path, key: str) -> None:
    folder = Folder(str(tmp_path))
    url = f"file://{tmp_path}/{key}"
    place = folder._place(url)
    assert os.path.realpath(place).startswith(str(tmp_path) + "/")
    assert not os.path.relpath(place, tmp_path).startswith(".s3-")
    assert folder._address(place) == url


def test_large_objects_go_in_parts_and_forked_processes_share_no_connection(
    s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "SMALL", 4)
    monkeypatch.setattr(bucket, "LARGE", 4)
    s3.put("k", b"0123456789", metadata={"m": 1})
    assert (s3.get("k").blob, s3.get("k").metadata) == (b"0123456789", {"m": 1})
    assert parallel_map(lambda _: s3.get("k").blob, range(3), 3) == [b"0123456789"] * 3
