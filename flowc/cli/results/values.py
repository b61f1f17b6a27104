"""Values of artifacts for `flowc dump`: which are wanted, and what loading each one gave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc.cli.results.documents import size_of
from flowc.runtime.client.errors import ArtifactUnreadable
from flowc.runtime.client.values import load_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.cli.results.documents import Document
    from flowc.runtime.store import Store


class Wanted(NamedTuple):
    """Which artifacts to show; values of more than `largest` bytes are not loaded (None: all are)."""

    include: frozenset[str]
    exclude: frozenset[str]
    private: bool
    largest: int | None

    def takes(self, name: str) -> bool:
        """Whether an artifact is shown at all; one that is asked for by name always is."""
        if self.include:
            return name in self.include and name not in self.exclude
        return name not in self.exclude and (self.private or not name.startswith("_"))


class Dumped(NamedTuple):
    """One artifact: its value if it was `loaded`, its repr as `text`, else the `fault` if it should have been."""

    name: str
    type: str
    size: int
    loaded: bool
    value: Any
    text: str
    fault: str


def dumped(store: Store, entries: Mapping[str, dict[str, object]], wanted: Wanted) -> Iterator[Dumped]:
    """The wanted artifacts by name; a value that cannot be loaded does not hide the others."""
    for name, entry in sorted(entries.items()):
        if not wanted.takes(name):
            continue
        count = size_of(entry)
        about = (name, str(entry.get("type", "")), count)
        if wanted.largest is not None and (count > wanted.largest or not wanted.largest):
            yield Dumped(*about, loaded=False, value=None, text="", fault="")
            continue
        try:
            value = load_value(store, entry, name)
            yield Dumped(*about, loaded=True, value=value, text=_repr(value), fault="")
        except ArtifactUnreadable as error:
            yield Dumped(*about, loaded=False, value=None, text="", fault=str(error))


def value_document(row: Dumped) -> Document:
    """As JSON: `value` where the value is JSON itself, `repr` for every value that was loaded."""
    document: Document = {"name": row.name, "type": row.type, "size": row.size}
    document["repr"] = row.text if row.loaded else None
    if row.loaded and _is_json(row.value):
        document["value"] = row.value
    if row.fault:
        document["fault"] = row.fault
    return document


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a class's own code
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def _is_json(value: object) -> bool:
    """Whether JSON says the same as the value; a tuple would come back as a list."""
    if value is None or type(value) in (bool, int, str):
        return True
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is list:
        return all(map(_is_json, value))
    return type(value) is dict and all(type(key) is str and _is_json(inner) for key, inner in value.items())
