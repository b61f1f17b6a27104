"""The digest of an object: chunks of 16 MiB, hashed apart, whatever pieces they come in."""

from __future__ import annotations

import hashlib
import sys
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowc.runtime.store import digest as module
from flowc.runtime.store.digest import digest, digest_beside


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(module, "ALONE", 20)
    monkeypatch.setattr(module, "LITTLE", 5)
    monkeypatch.delitem(sys.modules, "_hashlib", raising=False)  # as if OpenSSL were not loaded


def as_the_rule_says(content: bytes) -> str:
    chunks = [content[start : start + module.CHUNK] for start in range(0, len(content), module.CHUNK)]
    return hashlib.sha256(b"".join(hashlib.sha256(chunk).digest() for chunk in chunks)).hexdigest()


@pytest.mark.usefixtures("small_chunks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200)))
def test_pieces_do_not_matter(content: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(content), *(c for c in cuts if c < len(content))})
    pieces = [memoryview(content)[a:b] for a, b in pairwise(places)]
    assert digest(pieces) == digest_beside(pieces, lambda: None) == as_the_rule_says(content)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, hashlib.sha256().hexdigest()),
        (16 << 20, hashlib.sha256(hashlib.sha256(bytes(16 << 20)).digest()).hexdigest()),
        ((16 << 20) + 1, as_the_rule_says(bytes((16 << 20) + 1))),
    ],
)
def test_chunks_are_of_16_mib(size: int, expected: str) -> None:
    assert digest([bytes(size)]) == expected


@pytest.mark.usefixtures("small_chunks")
def test_an_error_of_the_work_beside_is_raised() -> None:
    def fail() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        digest_beside([bytes(1000)], fail)


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_whose_thread_failed_is_hashed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_hash_some", lambda *_: None)
    assert digest_beside([bytes(1000)], lambda: None) == as_the_rule_says(bytes(1000))
