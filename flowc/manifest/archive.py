"""The code that a manifest carries: one zip of the shim and the flow's own files, the same bytes everywhere.

The archive is a Python application (`python shim.pyz`): `__main__.py`, the part of flowc that runs
in a container, and below `code/` the project's files by their path from its root. Members are
stored, sorted, dated 1980 and readable by all. The format is written here, since importing
`zipfile` takes longer than compiling a small flow.

Invariant: the same files give the same bytes, whatever the machine, its clock and its file system.
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from typing import TYPE_CHECKING

from flowc import contract
from flowc.manifest.bundle import Code
from flowc.manifest.digest import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAIN = b"import sys\n\nfrom flowc.runtime.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SHIM_MODULES = ("__init__.py", "contract.py", "dsl.py", "records.py")
_SHIM_PACKAGE = "runtime"

_VERSION = 20  # of the format: what a plain stored member needs
_MADE_BY_UNIX = (3 << 8) | _VERSION
_UTF8 = 0x0800
_DATE = (1 << 5) | 1  # 1 January 1980, the format's first day
_MODE = (0o100644 << 16) & 0xFFFFFFFF
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")


def embedded_code(files: Mapping[str, bytes]) -> Code:
    """The archive of the shim and the project's `files`, which are named by their path from its root."""
    members = {"__main__.py": _MAIN, **shim_files()}
    members |= {f"{contract.CODE_FOLDER}/{name}": content for name, content in files.items()}
    archive = stored_zip(members)
    return Code(archive, sha256_hex(archive), tuple(sorted(files)))


def shim_files() -> dict[str, bytes]:
    """The modules of flowc that run in a container, by their path inside the archive."""
    names = list(_SHIM_MODULES)
    for folder, _, inside in os.walk(os.path.join(_PACKAGE, _SHIM_PACKAGE)):
        below = os.path.relpath(folder, _PACKAGE).replace(os.sep, "/")
        names += [f"{below}/{name}" for name in inside if name.endswith(".py")]
    return {f"flowc/{name}": _read(name) for name in sorted(names)}


def stored_zip(members: Mapping[str, bytes]) -> bytes:
    """A zip of `members`, without compression, sorted by name."""
    locals_, centrals, offset = [], [], 0
    for name in sorted(members):
        content = members[name]
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8
        same = (flags, 0, 0, _DATE, crc32(content), len(content), len(content), len(encoded), 0)
        local = _LOCAL.pack(b"PK\x03\x04", _VERSION, *same) + encoded + content
        central = _CENTRAL.pack(b"PK\x01\x02", _MADE_BY_UNIX, _VERSION, *same, 0, 0, 0, _MODE, offset)
        locals_.append(local)
        centrals.append(central + encoded)
        offset += len(local)
    directory = b"".join(centrals)
    count = len(centrals)
    return (
        b"".join(locals_)
        + directory
        + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    )


def _read(name: str) -> bytes:
    with open(os.path.join(_PACKAGE, name), "rb") as stream:
        # A checkout on another system may have other line ends; the archive has one kind.
        return stream.read().replace(b"\r\n", b"\n")
