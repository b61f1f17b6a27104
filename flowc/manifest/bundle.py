"""What a compilation gives: files of a bundle, and the stream that goes to standard output."""

from __future__ import annotations

from flowc.records import dataclass


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle: a path inside the bundle's folder and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """`stream` is what `flowc compile` prints without `-o`; `files` what it writes with it."""

    files: tuple[BundleFile, ...]
    stream: bytes


@dataclass(frozen=True, slots=True)
class Code:
    """The embedded code: a deterministic zip (shim and the flow's import closure), or nothing.

    `archive` is empty when the image holds the code; `sha256` is hex, over the archive.
    """

    archive: bytes
    sha256: str
    names: tuple[str, ...]
