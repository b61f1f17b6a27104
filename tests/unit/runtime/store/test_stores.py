"""What holds for every store, in a folder and in a bucket alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc.runtime.store import CorruptObject, MissingObject, StoreError, open_store, s3client
from flowc.runtime.store.digest import blob_key, digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowc.runtime.store import Store

# Names as paths of tasks, escaped identifiers and users' runs give them, and worse.
names = st.text("abcXYZ019-_.~+=@:,%#&?é漢 '\"\\", min_size=1, max_size=20).filter(
    lambda name: name.strip(".") and not name.startswith(".tmp-")
)
keys = st.lists(names, min_size=1, max_size=4).map("/".join)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket, by its address: FLOWC_TEST_S3 with the AWS_… variables of a real server, else one in memory."""
    real = os.environ.get("FLOWC_TEST_S3")
    if real:
        yield f"{real}/{os.urandom(4).hex()}"
        return
    server = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    patch = pytest.MonkeyPatch()
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "REGION": "us-east-1"}.items():
        patch.setenv("AWS_" + name, value)
    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    patch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    boto3.client("s3").create_bucket(Bucket="bucket")
    s3client._client.cache_clear()
    yield "s3://bucket"
    s3client._client.cache_clear()
    running.stop()
    patch.undo()


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return open_store(f"file://{tmp_path}")
    return open_store(f"{request.getfixturevalue('bucket')}/{tmp_path.name}")


def test_an_object_is_what_was_put_last(store: Store) -> None:
    assert store.get("a/b") is None
    store.put("a/b", [b"one", bytearray(b"two"), memoryview(b"three")])
    store.put("a/b", [b"four"])
    store.put("a/empty", [])
    assert (store.get("a/b"), store.get("a/empty"), store.get("a")) == (b"four", b"", None)


def test_the_first_to_create_wins(store: Store) -> None:
    assert [store.create("a/b", b"1"), store.create("a/b", b"2"), store.get("a/b")] == [True, False, b"1"]


def test_one_at_most_is_certain_that_nothing_is_there(store: Store) -> None:
    store.put("step/other/a", [b""])
    claims = [store.claim("step/task"), store.claim("step/task"), store.claim("step/other")]
    assert claims == [store.maps, False, False]  # a folder can be certain, a bucket never is
    assert store.names("step/task") == []
    assert store.claim("nowhere/task") is False  # the folder above is missing, too
    store.put("step/task/a", [b"1"])
    assert (store.get("step/task/a"), store.names("step/task")) == (b"1", ["a"])


def test_a_link_is_the_same_object_until_either_is_replaced(store: Store) -> None:
    store.put("a/b", [b"1"])
    assert [store.link("a/b", "x/y/z"), store.link("a/b", "x/y/z"), store.get("x/y/z")] == [True, False, b"1"]
    store.put("a/b", [b"2"])
    assert store.get("x/y/z") == b"1"
    with pytest.raises(MissingObject, match=r"there is no object .*none"):
        store.link("none", "x/other")


def test_parts_of_an_object(store: Store) -> None:
    store.put("k", [bytes(range(100))])
    assert store.get_range("k", 10, 5) == bytes(range(10, 15))
    assert bytes(store.load("k", 99, 1)) == b"\x63"
    assert [*store.load("k", 0, 0), *store.load("k", 100, 0)] == []
    for start, length in ((0, 101), (100, 1), (1000, 1)):
        with pytest.raises(CorruptObject, match="k ends early"):
            store.load("k", start, length)
    with pytest.raises(MissingObject, match=r"there is no object .*none"):
        store.load("none", 0, 1)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (16 << 20) + 5, 40 << 20])
def test_a_blob_is_named_by_its_digest_and_loaded_whole(store: Store, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    pieces: list[bytes | memoryview] = [content[: size // 2], b"", memoryview(content)[size // 2 : size]]
    name = store.put_blob("F/data", pieces)
    assert name == digest([content[:size]])
    loaded = store.load(blob_key("F/data", name), 0, size)
    assert loaded[:] == content[:size]
    if size:
        loaded[0] = 7  # the value's own memory
        assert store.get_range(blob_key("F/data", name), 0, 1) == content[:1]


def test_many_small_pieces_are_one_blob(store: Store) -> None:
    pieces = [bytes([index % 256]) * (index % 5) for index in range(10_000)]
    name = store.put_blob("F/data", pieces)
    assert store.get(blob_key("F/data", name)) == b"".join(pieces)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=keys, content=st.binary(max_size=50))
def test_any_key_is_found_and_listed(store: Store, key: str, content: bytes) -> None:
    folder = f"case-{digest([key.encode()])[:16]}"
    store.put(f"{folder}/{key}", [content])
    assert store.get(f"{folder}/{key}") == content
    first = key.split("/", 1)[0]
    assert store.names(folder) == [first]


def test_names_are_those_directly_below_and_sorted(store: Store) -> None:
    for key in ("a/2", "a/10", "a/1/x", "a/1/y", "ab/c", "a.b"):
        store.put(key, [b""])
    assert (store.names("a"), store.names("a/1"), store.names("none"), store.names("a/2")) == (
        ["1", "10", "2"],
        ["x", "y"],
        [],
        [],
    )


@pytest.mark.slow
def test_more_names_than_a_page_has(bucket: str, tmp_path: Path) -> None:
    store = open_store(f"{bucket}/{tmp_path.name}")
    expected = sorted(f"{index:x}" for index in range(1005))
    for name in expected:
        store.create(f"a/{name}", b"")
    assert store.names("a") == expected


@pytest.mark.parametrize(("url", "what"), [("file://", "folder"), ("s3://", "bucket")])
def test_an_address_of_nothing_is_refused(url: str, what: str) -> None:
    with pytest.raises(StoreError, match=f"the datastore {url} names no {what}"):
        open_store(url)


@pytest.mark.parametrize("url", ["", "/tmp/x", "gs://b", "file:/x", "s3:/b"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"the datastore must begin with file:// or s3://, not "):
        open_store(url)


def test_an_address_with_a_nul_character_is_refused() -> None:
    with pytest.raises(StoreError, match="holds a NUL character"):
        open_store("file:///a\0b")


def test_the_root_has_names_too(store: Store) -> None:
    assert store.names("") == []
    store.put("flow/run/step", [b"x"])
    assert store.names("") == ["flow"]


def test_the_root_of_a_bucket_has_names_too(bucket: str) -> None:
    store = open_store(bucket)
    store.put("flow-at-the-root/run/step", [b"x"])
    assert "flow-at-the-root" in store.names("")
