"""The folder or file that a bundle is written to, and whether what stands there is current.

A folder remembers in `.flowc-bundle` which files each bundle has, so that a file which the newest
one no longer has can be removed, and nothing else ever is. Flows share a folder where the names
of their files differ; kustomization.yaml then lists the files of all.

Invariant: only files that a bundle names are written, only files that `.flowc-bundle` names for
the same flow and target are removed; each file is replaced whole.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.bundle.atomic import write_file
from flowc.cli.output import counted
from flowc.manifest.bundle import BundleFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.compiler import Compilation
    from flowc.target.settings import Settings

RECORD = ".flowc-bundle"
_SHARED = "kustomization.yaml"
_HEAD = "# Written by flowc: the files of each bundle (target, flow) in this folder.\n"
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

    def inside(self, name: str) -> str:
        """The path of one of the bundle's files."""
        return name if self.is_file else os.path.join(self.path, name)


def write_bundle(done: Compilation, destination: Destination, settings: Settings) -> Iterator[str]:
    """Write, remove what is outdated, and say what was done and what comes next."""
    if not destination.is_file:
        if os.path.exists(destination.path) and not os.path.isdir(destination.path):
            raise click.UsageError(
                f"`{destination.path}` is a file; `-o` takes a folder, or a file ending in .yaml"
            )
        _refuse_taken(destination, done.bundle.files)
    files = bundle_files(done, destination)
    for file in files:
        write_file(destination.inside(file.path), file.content)
    removed = [] if destination.is_file else _update_record(destination, files)
    yield _written_line(destination, files)
    if removed:
        yield f"removed {', '.join(removed)}, of an older bundle"
    yield _peak(done, settings)
    yield from _next_line(destination)


def bundle_files(done: Compilation, destination: Destination) -> tuple[BundleFile, ...]:
    """The files as they are to stand in the destination."""
    if destination.is_file:
        return (BundleFile(destination.path, done.bundle.stream),)
    others = {
        owner: names for owner, names in read_record(destination.path).items() if owner != destination.owner
    }
    files = done.bundle.files
    if not any(_SHARED in names for names in others.values()):
        return files
    named = [file.path for file in files] + [name for names in others.values() for name in names]
    return tuple(_shared_list(named) if file.path == _SHARED else file for file in files)


def stale_files(
    done: Compilation, destination: Destination
) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    """Each file that is not as it would be written: its path, the committed bytes, the current ones."""
    files = bundle_files(done, destination)
    for file in files:
        path = destination.inside(file.path)
        committed = read_bytes(path)
        if committed != file.content:
            yield path, committed, file.content
    if not destination.is_file:
        names = {file.path for file in files}
        for name in sorted(read_record(destination.path).get(destination.owner, ())):
            path = destination.inside(name)
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


def _shared_list(names: list[str]) -> BundleFile:
    """The kustomization.yaml of several flows, the same whichever was compiled last."""
    from flowc.manifest.encode import encode_yaml

    listed = sorted({name for name in names if name.endswith(".yaml") and name != _SHARED})
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": listed,
    }
    header = ["Made by flowc from several flows. Change a flow and compile it again."]
    return BundleFile(_SHARED, encode_yaml(kustomization, header=header).encode())


def read_record(folder: str) -> dict[str, set[str]]:
    """The names of each bundle's files; empty for a folder that flowc has not written to."""
    content = read_bytes(os.path.join(folder, RECORD))
    record: dict[str, set[str]] = {}
    for line in content.decode(errors="replace").splitlines() if content else ():
        words = line.split(" ", 2)
        if len(words) == 3 and not line.startswith("#") and _is_inside(words[2]):
            record.setdefault(f"{words[0]} {words[1]}", set()).add(words[2])
    return record


def _is_inside(name: str) -> bool:
    """Whether a name of the record is a file of the folder: a record edited by hand removes nothing else."""
    return not os.path.isabs(name) and ".." not in name.replace("\\", "/").split("/")


def _refuse_taken(destination: Destination, files: tuple[BundleFile, ...]) -> None:
    """Two bundles share a folder only where their files have different names."""
    names = {file.path for file in files} - {_SHARED}
    for owner, owned in read_record(destination.path).items():
        taken = sorted(names & owned)
        if owner != destination.owner and taken:
            target, flow = owner.split(" ", 1)
            message = f"`{destination.inside(taken[0])}` belongs to the {target} bundle of `{flow}`"
            raise click.UsageError(f"{message}; choose another folder for `{destination.flow}`")


def _update_record(destination: Destination, files: tuple[BundleFile, ...]) -> list[str]:
    """Remove this bundle's outdated files and write the record anew; the names removed."""
    record: Mapping[str, set[str]] = read_record(destination.path)
    names = {file.path for file in files}
    removed = []
    for name in sorted(record.get(destination.owner, ())):
        path = destination.inside(name)
        if name not in names and os.path.isfile(path):
            os.unlink(path)
            removed.append(name)
    rows = sorted(
        f"{owner} {name}\n" for owner, owned in {**record, destination.owner: names}.items() for name in owned
    )
    write_file(destination.inside(RECORD), (_HEAD + "".join(rows)).encode())
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
