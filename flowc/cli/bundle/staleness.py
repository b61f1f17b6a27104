"""`flowc compile --check`: whether committed manifests are current, and what would change, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowc.cli.bundle.destination import stale_files
from flowc.cli.bundle.difference import describe
from flowc.cli.output import write

if TYPE_CHECKING:
    from typing import TextIO

    from flowc.cli.bundle.destination import Destination
    from flowc.compiler import Compilation

_MOST_LINES = 12  # of one file; the rest is counted


def check_bundle(done: Compilation, destination: Destination, recompile: str, stream: TextIO) -> int:
    """Say what is stale; the exit code: 0 current, 1 stale."""
    stale = list(stale_files(done, destination))
    for path, committed, current in stale:
        if current is None:
            write(stream, f"{path} is no longer part of the bundle\n")
        elif committed is None:
            write(stream, f"{path} is missing\n")
        else:
            _show(path, committed, current, done, stream)
    if stale:
        write(stream, f"run `{recompile}`\n")
    return 1 if stale else 0


def _show(path: str, committed: bytes, current: bytes, done: Compilation, stream: TextIO) -> None:
    lines = describe(os.path.basename(path), committed, current, done.program)
    head = f"{path} is stale:"
    if len(lines) == 1:
        write(stream, f"{head} {lines[0]}\n")
        return
    write(stream, f"{head}\n")
    for line in lines[:_MOST_LINES]:
        write(stream, f"  {line}\n")
    if len(lines) > _MOST_LINES:
        write(stream, f"  and {len(lines) - _MOST_LINES} more differences\n")
