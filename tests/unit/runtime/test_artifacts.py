"""Artifacts: what is stored is what comes back, and what cannot be stored is named."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.runtime import artifacts
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from pathlib import Path

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Buffer:
    """A value that hands its memory out of band, as arrays do."""

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self.content = content

    def __reduce_ex__(self, _protocol: object) -> tuple[object, ...]:
        return Buffer, (pickle.PickleBuffer(self.content),)


@given(plain)
def test_a_value_comes_back(value: object) -> None:
    assert artifacts.unframe(b"".join(bytes(piece) for piece in artifacts.frame("x", value))) == value


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_buffers_come_back_aligned(contents: list[bytes]) -> None:
    framed = b"".join(bytes(p) for p in artifacts.frame("x", [Buffer(bytearray(c)) for c in contents]))
    assert [bytes(buffer.content) for buffer in artifacts.unframe(framed)] == contents


@given(st.binary(max_size=100), st.lists(st.integers(0, 100)))
def test_the_digest_does_not_depend_on_the_pieces(content: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(content), *(c for c in cuts if c < len(content))})
    pieces: list[bytes | memoryview] = [content[a:b] for a, b in pairwise(places)]
    assert artifacts.digest(pieces) == artifacts.digest([content])


def test_chunks_are_hashed_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "CHUNK", 4)
    assert artifacts.digest([b"abcd", b"ef"]) == artifacts.digest([b"ab", b"cdef"])
    assert artifacts.digest([b"abcdef"]) != artifacts.digest([b"abcdeg"])


def test_small_values_share_an_object_and_large_ones_are_named_by_content(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    writer = artifacts.ArtifactWriter(store, "F", "F/r/s/r/attempts/a")
    entries = {n: writer.save(n, v) for n, v in {"a": 1, "b": "two", "big": bytes(100_000)}.items()}
    writer.close()
    assert entries["a"]["object"] == entries["b"]["object"] == "F/r/s/r/attempts/a/small"
    assert entries["big"]["object"].endswith(entries["big"]["digest"])
    assert {name: artifacts.load_artifact(store, entry) for name, entry in entries.items()} == {
        "a": 1,
        "b": "two",
        "big": bytes(100_000),
    }


def test_an_item_is_read_alone(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    items = artifacts.ArtifactWriter(store, "F", "F/a").save_items(["x", [1, 2], None])
    assert [artifacts.load_item(store, items, i) for i in range(3)] == ["x", [1, 2], None]


def test_a_corrupt_object_is_found(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    writer = artifacts.ArtifactWriter(store, "F", "F/a")
    entry = writer.save("big", bytes(100_000))
    path = tmp_path / entry["object"]
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ValueError, match="is corrupt"):
        artifacts.load_artifact(store, entry)


def test_a_value_that_cannot_be_pickled_is_named() -> None:
    with pytest.raises(artifacts.UnpicklableArtifact, match=r"artifact `f` cannot be stored: .*function"):
        artifacts.frame("f", lambda: None)
