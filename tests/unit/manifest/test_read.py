"""Committed files are read whatever they hold; what cannot be read is None, never the end of the process."""

from __future__ import annotations

import pytest

from flowc.manifest.read import read_documents


@pytest.mark.parametrize(
    ("name", "content", "documents"),
    [
        ("a.yaml", b"a: 1\n---\nb: [1, 2]\n", [{"a": 1}, {"b": [1, 2]}]),
        ("a.json", b'{"a": 1}', [{"a": 1}]),
        ("notes.txt", b"a: 1", None),
        ("a.yaml", b"a: [1", None),
        ("a.json", b"{", None),
        ("a.yaml", b"\xff\xfe\x00", None),
        ("a.yaml", b"[" * 100_000, None),
        ("a.json", b"[" * 100_000, None),
    ],
)
def test_documents(name: str, content: bytes, documents: list[object] | None) -> None:
    assert read_documents(name, content) == documents
