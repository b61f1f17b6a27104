"""Judging manifests together: each object by itself, then what objects say of one another.

Invariant: what is said depends on the files given alone, never on their order or on a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.validate.argo.objects import check_object
from flowc.validate.kinds import MACHINE, TEMPLATE, Collection, collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.diagnostics.model import Sink
    from flowc.source import SourceFile


def validate_files(files: Iterable[SourceFile], sink: Sink) -> Collection:
    """Report everything that is wrong in the files; what they hold is given back."""
    collection = collect(files, sink)
    for known in collection.known:
        if known.kind == MACHINE:
            from flowc.validate.asl.machine import check_machine

            check_machine(known.findings)
        elif known.kind == TEMPLATE:
            from flowc.validate.cloudformation.template import check_template

            check_template(known, collection)
        else:
            check_object(known, collection)
    return collection
