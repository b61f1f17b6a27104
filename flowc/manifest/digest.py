"""Digests of what a bundle holds."""

from __future__ import annotations

from flowc.runtime.sha256 import sha256


def sha256_hex(content: bytes) -> str:
    """The digest, in hexadecimal digits."""
    digest: str = sha256(content).hexdigest()
    return digest
