"""What is wrong in the texts that an editor holds, saved or not, file by file.

Invariant: the disk is read only where no open text stands for it, and nothing is written.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowc.cli.checking import check_file, finish, without_bases
from flowc.cli.options import configure
from flowc.cli.project import find_root, inside
from flowc.source import Sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.diagnostics.model import Diagnostic


def find_all(
    texts: Mapping[str, str], targets: Sequence[str], profile: str | None
) -> dict[str, list[Diagnostic]]:
    """By file, the diagnostics of every flow among the open `texts`; both by absolute path.

    A flow's fault may lie in a file that is not open: a base class of another module, the
    configuration.
    """
    by_root: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        root = find_root(os.path.dirname(path))
        by_root.setdefault(root, {})[inside(root, path)] = text
    found: dict[str, list[Diagnostic]] = {}
    for root, inner in by_root.items():
        for diagnostic in _of_project(root, inner, targets, profile):
            path = os.path.join(root, diagnostic.primary.span.file.path)
            found.setdefault(path, []).append(diagnostic)
    return found


def _of_project(
    root: str, texts: Mapping[str, str], targets: Sequence[str], profile: str | None
) -> Sequence[Diagnostic]:
    try:
        configuration = configure(root, {"profile": profile}, Sources(root, texts))
    except click.UsageError:
        return ()  # a wrong call of this server's, not a fault of the text: `flowc check` says it
    checked = [check_file(path, configuration, targets, None, named=False) for path in texts]
    return finish(without_bases(checked))
