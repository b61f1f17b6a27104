"""An artifact's value, from the entry that a record has of it.

A value whose class a flow's file defines needs that file as a module; where it cannot be imported
the error names it.
"""

from __future__ import annotations

from flowc.runtime.client.errors import ArtifactUnreadable
from flowc.runtime.store import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from flowc.runtime.client.stored import Record
    from flowc.runtime.store import Store


def load_value(store: Store, entry: Record, shown_as: str) -> Any:
    """The value. Raises ArtifactUnreadable, which calls the artifact `shown_as`."""
    try:
        return _load(store, entry)
    except ModuleNotFoundError as error:
        raise ArtifactUnreadable(_without_module(shown_as, entry, error)) from error
    except (StoreError, KeyError) as error:
        raise ArtifactUnreadable(
            f"`{shown_as}` cannot be read: {error}; `flowc verify` looks through the run"
        ) from error
    except Exception as error:
        # What a class does to make an instance is the user's code.
        kind = entry.get("type")
        raise ArtifactUnreadable(
            f"`{shown_as}`, a value of type {kind}, cannot be loaded: {type(error).__name__}: {error}"
        ) from error


def _load(store: Store, entry: Record) -> Any:
    from flowc.runtime.artifacts import load_artifact

    try:
        return load_artifact(store, dict(entry))
    except ModuleNotFoundError as error:
        if error.name != "metaflow":
            raise
    # The value's class lives in a flow file that imports `metaflow`, which is not installed here.
    from flowc.runtime.api.modules import install_metaflow

    install_metaflow()
    return load_artifact(store, dict(entry))


def _without_module(shown_as: str, entry: Record, error: ModuleNotFoundError) -> str:
    kind, wanted = str(entry.get("type", "?")), str(error.name)
    remedy = (
        f"add the folder of {wanted}.py to PYTHONPATH"
        if kind.startswith(f"{wanted}.")
        else "install it, or add its folder to PYTHONPATH"
    )
    return f"`{shown_as}`, a value of type {kind}, needs the module `{wanted}`, which cannot be imported here: {remedy}"


def entries_of(record: Record) -> Mapping[str, Record]:
    """The artifacts that a record names, by name in order; what is no entry is left out."""
    found = record.get("artifacts")
    if not isinstance(found, dict):
        return {}
    return {name: entry for name, entry in sorted(found.items()) if isinstance(entry, dict)}
