"""The folder or file that a bundle is written to, and whether what stands there is current.

A folder remembers in `.flowc-bundle` which bundle each file belongs to, so that a file which the
newest bundle no longer has can be removed, and nothing else ever is.

Invariant: only files that a bundle names are written, only files that `.flowc-bundle` names for
the same flow and target are removed; each file is replaced whole.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.atomic import write_file
from flowc.cli.output import counted, say
from flowc.manifest.bundle import BundleFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.compiler import Compilation
    from flowc.target.settings import Settings

RECORD = ".flowc-bundle"
_HEAD = "# Written by flowc: which bundle (target, flow) each file of this folder belongs to.\n"
_FILE_ENDINGS = (".yaml", ".yml", ".json")


class Destination(NamedTuple):
    """Where a bundle goes: the path of -o, and whose bundle it is."""

    path: str
    target: str
    flow: str

    @property
    def is_file(self) -> bool:
        """Whether the stream goes into one file: the path ends like a manifest and is no folder."""
        return self.path.endswith(_FILE_ENDINGS) and not os.path.isdir(self.path)

    @property
    def owner(self) -> str:
        """The bundle's name in the record."""
        return f"{self.target} {self.flow}"


def write_bundle(done: Compilation, destination: Destination, settings: Settings) -> Iterator[str]:
    """Write, remove what is outdated, and say what was done and what comes next."""
    files = _files(done, destination)
    folder = "" if destination.is_file else destination.path
    if not destination.is_file:
        if os.path.exists(destination.path) and not os.path.isdir(destination.path):
            raise click.UsageError(f"`{destination.path}` is a file; `-o` takes a folder, or a file ending in .yaml")
        _refuse_taken(destination, files)
    for file in files:
        write_file(os.path.join(folder, file.path), file.content)
    removed = [] if destination.is_file else _update_record(destination, files)
    yield _written_line(destination, files)
    if removed:
        yield f"removed {', '.join(removed)}, of an older bundle"
    yield _peak(done, settings)
    yield from _next_line(destination)


def stale_files(done: Compilation, destination: Destination) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    """Each file that is not as it would be written: its path, the committed bytes, the current ones."""
    folder = "" if destination.is_file else destination.path
    files = _files(done, destination)
    for file in files:
        path = os.path.join(folder, file.path)
        committed = read_bytes(path)
        if committed != file.content:
            yield path, committed, file.content
    if not destination.is_file:
        names = {file.path for file in files}
        for name in _owned(destination):
            path = os.path.join(folder, name)
            if name not in names and os.path.exists(path):
                yield path, read_bytes(path), None


def read_bytes(path: str) -> bytes | None:
    """The content of a file; None where there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise click.UsageError(f"cannot read `{path}`: {error.strerror}") from None


def _files(done: Compilation, destination: Destination) -> tuple[BundleFile, ...]:
    if destination.is_file:
        return (BundleFile(destination.path, done.bundle.stream),)
    return done.bundle.files


def _read_record(folder: str) -> dict[str, str]:
    """Owner by file name; empty for a folder that flowc has not written to."""
    content = read_bytes(os.path.join(folder, RECORD))
    lines = content.decode(errors="replace").splitlines() if content else []
    rows = (line.split(" ", 2) for line in lines if not line.startswith("#"))
    return {row[2]: f"{row[0]} {row[1]}" for row in rows if len(row) == 3 and _is_inside(row[2])}


def _is_inside(name: str) -> bool:
    """Whether a name of the record is a file of the folder: a record edited by hand removes nothing else."""
    return not os.path.isabs(name) and ".." not in name.split("/")


def _owned(destination: Destination) -> list[str]:
    return sorted(name for name, owner in _read_record(destination.path).items() if owner == destination.owner)


def _refuse_taken(destination: Destination, files: tuple[BundleFile, ...]) -> None:
    """Two bundles share a folder only where their files have different names."""
    record = _read_record(destination.path)
    for file in files:
        owner = record.get(file.path, destination.owner)
        if owner != destination.owner:
            target, flow = owner.split(" ", 1)
            message = f"`{os.path.join(destination.path, file.path)}` belongs to the {target} bundle of `{flow}`"
            raise click.UsageError(f"{message}; choose another folder for `{destination.flow}`")


def _update_record(destination: Destination, files: tuple[BundleFile, ...]) -> list[str]:
    """Remove this bundle's outdated files and write the record anew; the names removed."""
    record: Mapping[str, str] = _read_record(destination.path)
    names = {file.path for file in files}
    removed = []
    for name in _owned(destination):
        path = os.path.join(destination.path, name)
        if name not in names and os.path.isfile(path):
            os.unlink(path)
            removed.append(name)
    kept = {name: owner for name, owner in record.items() if owner != destination.owner}
    rows = sorted(f"{owner} {name}\n" for name, owner in (kept | dict.fromkeys(names, destination.owner)).items())
    write_file(os.path.join(destination.path, RECORD), (_HEAD + "".join(rows)).encode())
    return removed


def _written_line(destination: Destination, files: tuple[BundleFile, ...]) -> str:
    size = sum(len(file.content) for file in files)
    if destination.is_file:
        return f"{destination.path}  ({_size(size)})"
    names = " · ".join(file.path for file in files)
    return f"{destination.path.rstrip('/')}/  {names}   ({counted(len(files), 'file')}, {_size(size)})"


def _size(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:,.0f} KB"


def _peak(done: Compilation, settings: Settings) -> str:
    from flowc.cli.stats import peak_line

    return peak_line(done.certificate, settings)


def _next_line(destination: Destination) -> Iterator[str]:
    """What to type next."""
    if destination.target == "argo":
        option = "-f" if destination.is_file else "-k"
        yield f"apply: kubectl apply --server-side {option} {destination.path}"
