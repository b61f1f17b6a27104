"""SHA-256 without OpenSSL, whose loading takes longer than hashing what a small flow or task has.

Python's own is several times slower on large inputs: those go to `hashlib`.
"""

try:
    from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]  # Python 3.12
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found,no-redef,unused-ignore]
    except ImportError:
        from hashlib import sha256

__all__ = ["sha256"]
