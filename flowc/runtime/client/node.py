"""What flows, runs, steps, tasks and artifacts have in common: a path, a parent, children by name, tags.

A namespace is a tag; while one is chosen, only runs that carry it are seen. None is chosen at first,
unlike in Metaflow, since runs that an engine starts are nobody's.
"""

from __future__ import annotations

from flowc.runtime.api.exceptions import (
    MetaflowInvalidPathspec,
    MetaflowNamespaceMismatch,
    MetaflowNotFound,
)
from flowc.runtime.client import place
from flowc.runtime.client.errors import NoChild, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from flowc.runtime.store import Store

_namespace: list[str] = []


def namespace(ns: str | None) -> str | None:
    """See only runs with this tag from now on; all of them for None."""
    _namespace[:] = [] if ns is None else [ns]
    return ns


def get_namespace() -> str | None:
    """The namespace that was chosen; None for all runs."""
    return _namespace[0] if _namespace else None


def default_namespace() -> str | None:
    """See all runs again."""
    return namespace(None)


def metadata(ms: str) -> str:
    """Read from another datastore: `file:///folder`, `s3://bucket/prefix`, or `local@FOLDER` for a folder's own."""
    kind, at, folder = ms.partition("@")
    if at and kind == "local":
        found = place.nearest_store(folder)
        if found is None:
            raise MetaflowInvalidPathspec(f"there is no {place.LOCAL_STORE} in {folder} or above it")
        ms = found
    elif "://" not in ms or kind == "service":
        raise MetaflowInvalidPathspec(
            f"`{ms}` is no datastore of flowc: give file:///folder, s3://bucket/prefix or local@FOLDER"
        )
    place.choose(ms)
    return get_metadata()


def get_metadata() -> str:
    """The address of the datastore that is read."""
    return place.current_datastore()


def default_metadata() -> str:
    """Read again from where the environment and the project say."""
    place.choose(None)
    return get_metadata()


class MetaflowObject:
    """The base of what a path names. Children are found by `[name]`, by `in` and in turn."""

    _shape = ""  # a path of this kind, for messages
    _kind = ""

    def __init__(
        self,
        pathspec: str,
        attempt: int | None = None,
        *,
        _store: Store | None = None,
        _namespace_check: bool = True,
    ) -> None:
        parts = pathspec.split("/")
        if len(parts) != self._shape.count("/") + 1 or not all(parts):
            name = type(self).__name__
            raise MetaflowInvalidPathspec(
                f"{name}('{pathspec}') is no {self._kind}: write {name}('{self._shape}')"
            )
        self.id = parts[-1]
        self._parts = tuple(parts)
        self._attempt = attempt
        self._namespace_check = _namespace_check
        self._store = place.current_store() if _store is None else _store
        if _store is None:
            self._require()

    def _require(self) -> None:
        """Raise MetaflowNotFound unless this object is in the datastore; objects made from a listing are."""

    def _names(self) -> Iterable[str]:
        """The names of the children."""
        return ()

    def _child(self, name: str) -> Any:
        """The child of a name that is known to be one."""
        raise NotImplementedError

    @property
    def pathspec(self) -> str:
        """`flow/run/step/path/artifact`, as far as this object goes."""
        return "/".join(self._parts)

    @property
    def path_components(self) -> list[str]:
        """The parts of `pathspec`."""
        return list(self._parts)

    @property
    def parent(self) -> Any:
        """What this object is part of; None for a flow."""
        return None

    @property
    def created_at(self) -> datetime | None:
        """When this object began, in local time."""
        return self.parent.created_at if self.parent else None

    @property
    def tags(self) -> frozenset[str]:
        """The tags of the run, the user's and the system's."""
        return self.system_tags | self.user_tags

    @property
    def user_tags(self) -> frozenset[str]:
        """The tags that the user gave the run."""
        return self.parent.user_tags if self.parent else frozenset()

    @property
    def system_tags(self) -> frozenset[str]:
        """`user:NAME` where known, and `runtime:NAME` of the engine."""
        return self.parent.system_tags if self.parent else frozenset()

    def _require_namespace(self) -> None:
        """Raise MetaflowNamespaceMismatch for what the chosen namespace hides."""
        if self._namespace_check and not self.is_in_namespace():
            raise MetaflowNamespaceMismatch(str(get_namespace()))

    def is_in_namespace(self) -> bool:
        """Whether the run carries the chosen namespace, if any, as a tag."""
        chosen = get_namespace()
        return chosen is None or chosen in self.tags

    def __iter__(self) -> Iterator[Any]:
        return (self._child(name) for name in self._names())

    def __contains__(self, name: object) -> bool:
        return name in list(self._names())

    def __getitem__(self, name: str) -> Any:
        known = list(self._names())
        if name not in known:
            raise NoChild(f"{self!r} has no `{name}`{did_you_mean(str(name), known)}")
        return self._child(name)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._names())

    def __reduce__(self) -> Any:
        return (type(self), (self.pathspec, self._attempt))

    def __repr__(self) -> str:
        attempt = "" if self._attempt is None else f", attempt={self._attempt}"
        return f"{type(self).__name__}('{self.pathspec}'{attempt})"


def require_child(parent: MetaflowObject, child: MetaflowObject) -> None:
    """Raise MetaflowNotFound unless the parent is there and has this child."""
    parent._namespace_check = child._namespace_check
    parent._require()
    known = list(parent._names())
    if child.id not in known:
        raise MetaflowNotFound(f"{parent!r} has no {child._kind} `{child.id}`{did_you_mean(child.id, known)}")


def moment(seconds: float | None) -> datetime | None:
    """A record's time as Metaflow gives times: local, without a zone."""
    from datetime import datetime

    try:
        return None if seconds is None else datetime.fromtimestamp(seconds)  # noqa: DTZ006 - Metaflow's
    except (OverflowError, ValueError, OSError):  # a clock that jumped out of the calendar
        return None
