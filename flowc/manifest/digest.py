"""SHA-256 without OpenSSL, whose loading takes a quarter of the time that a small flow compiles in."""

from __future__ import annotations

try:
    from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]  # Python 3.12
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found,no-redef,unused-ignore]
    except ImportError:
        from hashlib import sha256


def sha256_hex(content: bytes) -> str:
    """The digest, in hexadecimal digits."""
    digest: str = sha256(content).hexdigest()
    return digest
