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

    from flowc.runtime.client.facts import Record
    from flowc.runtime.store import Store


def load_value(store: Store, entry: Record, shown_as: str) -> Any:
    """The value. Raises ArtifactUnreadable, which calls the artifact `shown_as`."""
    from flowc.runtime.artifacts import UnreadableArtifact, load_artifact

    try:
        try:
            return load_artifact(store, entry, shown_as)
        except UnreadableArtifact as error:
            cause = error.__cause__
            if not isinstance(cause, ModuleNotFoundError) or cause.name != "metaflow":
                raise
        # The value's class lives in a flow file that imports `metaflow`, which is not installed here.
        from flowc.runtime.api.modules import install_metaflow

        install_metaflow()
        return load_artifact(store, entry, shown_as)
    except UnreadableArtifact as error:
        raise ArtifactUnreadable(str(error)) from error
    except StoreError as error:
        raise ArtifactUnreadable(f"`{shown_as}` cannot be loaded: {error}") from error
    except (KeyError, TypeError) as error:
        raise ArtifactUnreadable(
            f"`{shown_as}` cannot be loaded: its record is broken ({error!r})"
        ) from error


def entries_of(record: Record) -> Mapping[str, Record]:
    """The artifacts that a record names, by name in order; what is no entry is left out."""
    found = record.get("artifacts")
    if not isinstance(found, dict):
        return {}
    return {name: entry for name, entry in sorted(found.items()) if isinstance(entry, dict)}
