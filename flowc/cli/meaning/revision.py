"""A project as git has it at a revision, in a folder of its own that goes away again.

Invariant: the working tree, the index and the refs of the repository are only read.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from flowc.cli.project import find_root

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def at_revision(path: str, revision: str) -> Iterator[str]:
    """The path of the file `path` in a copy of its repository at `revision`. Raises UsageError."""
    folder = os.path.dirname(os.path.abspath(path))
    top = _git(folder, "rev-parse", "--show-toplevel", fault=f"`{path}` is in no git repository").strip()
    fault = f"git knows no revision `{revision}`"
    commit = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", fault=fault
    )
    whole = os.path.realpath(top)
    file = os.path.relpath(os.path.realpath(path), whole)
    root = os.path.relpath(os.path.realpath(find_root(folder)), whole)
    missing = f"there is no `{path}` at `{revision}`"
    with tempfile.TemporaryDirectory(prefix="flowc-diff-") as copy:
        packed = os.path.join(copy, "project.tar")
        _git(top, "archive", "--format=tar", "-o", packed, commit.strip(), "--", root, fault=missing)
        with tarfile.open(packed) as archive:
            archive.extractall(os.path.join(copy, "tree"), filter="data")
        if not os.path.isfile(os.path.join(copy, "tree", file)):
            raise click.UsageError(missing)
        # The project begins where it does in the working tree.
        os.makedirs(os.path.join(copy, "tree", root, ".git"), exist_ok=True)
        yield os.path.join(copy, "tree", file)


def _git(folder: str, *words: str, fault: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise click.UsageError("`--git` needs git, which is not installed here") from None
    if done.returncode != 0:
        raise click.UsageError(fault)
    return os.fsdecode(done.stdout)
