"""Mutexes and semaphores: each says what it locks by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_SOURCES = ("configMapKeyRef", "database")


def check_locks(findings: Findings, holder: Mapping, owner: str) -> None:
    """Report FC704 and FC721 for the `synchronization` of `holder`, which stands at `findings`."""
    locks = mapping(holder.get("synchronization"))
    for index, mutex in mappings(locks.get("mutexes")):
        if not text(mutex.get("name")):
            message, remedy = f"a mutex of {owner} has no `name`", "add `name`"
            findings.report(
                catalog.MISSING_FIELD, ("synchronization", "mutexes", index), message, remedy, at_key=True
            )
    for index, semaphore in mappings(locks.get("semaphores")):
        path: Path = ("synchronization", "semaphores", index)
        sources = [source for source in _SOURCES if semaphore.get(source) is not None]
        if not sources:
            message = f"a semaphore of {owner} does not say where its limit stands"
            remedy = "add `configMapKeyRef` with `name` and `key`"
            findings.report(catalog.MISSING_FIELD, path, message, remedy, at_key=True)
        elif len(sources) > 1:
            message = f"a semaphore of {owner} has both `{sources[0]}` and `{sources[1]}`"
            findings.report(catalog.EXCLUSIVE_FIELDS, (*path, sources[1]), message, "keep one", at_key=True)
