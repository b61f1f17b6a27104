"""Where the runs are: the datastore that a script, a notebook or a step reads from.

FLOWC_DATASTORE says it; else what runs of this machine write to: a folder that is configured under
[tool.flowc] (on a Python that reads TOML), or the nearest `.flowc/store` upward. Where neither is, an
s3:// address that is configured.
"""

from __future__ import annotations

import os
import stat

from flowc import contract
from flowc.runtime.api.exceptions import MetaflowNotFound
from flowc.runtime.client.errors import NoDatastore
from flowc.runtime.store import StoreError, open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from flowc.runtime.store import Store

LOCAL_STORE = os.path.join(".flowc", "store")  # below a project's root
_FILES = ("flowc.toml", "pyproject.toml")

_chosen: list[str] = []  # what `choose` said, if anything
_open: dict[str, Store] = {}


def choose(url: str | None) -> None:
    """Read from this datastore from now on; None for the one that is found."""
    _chosen[:] = [] if url is None else [url]


def current_datastore() -> str:
    """The address of the datastore that is read. Raises NoDatastore."""
    return _chosen[0] if _chosen else find_datastore(os.getcwd(), os.environ)


def current_store() -> Store:
    """The store at that address, opened once. Raises NoDatastore, MetaflowNotFound."""
    url = current_datastore()
    if url not in _open:
        try:
            _open[url] = open_store(url)
        except StoreError as error:
            raise MetaflowNotFound(str(error)) from error
    return _open[url]


def find_datastore(folder: str, environ: Mapping[str, str]) -> str:
    """The datastore for someone who works in `folder`. Raises NoDatastore."""
    asked = environ.get(contract.ENV_DATASTORE)
    found = [asked] if asked else known_datastores(folder, _configured(folder, environ.get("FLOWC_ENV")))
    if not found:
        raise NoDatastore(
            f"nothing says where the runs are: set {contract.ENV_DATASTORE} (file:///folder or s3://bucket/prefix) "
            f"or `datastore` under [tool.flowc], or work below the folder that has {LOCAL_STORE}"
        )
    return found[0]


def known_datastores(folder: str, configured: str | None) -> list[str]:
    """The datastores around `folder`, the one first that a run of this machine writes to.

    That is a configured folder; but a configured s3:// address is for deployed flows, as long as
    there are runs of this machine.
    """
    near = nearest_store(folder)
    order = [configured, near] if configured and configured.startswith("file://") else [near, configured]
    return [url for url in order if url]


def nearest_store(folder: str) -> str | None:
    """The address of the nearest `.flowc/store` at or above `folder`."""
    for at in _upward(folder):
        place = os.path.join(at, LOCAL_STORE)
        if is_there(place):
            return "file://" + place
    return None


def is_there(folder: str) -> bool:
    """Whether there is such a folder, or may be one where only others may look: reading it says so."""
    try:
        return stat.S_ISDIR(os.stat(folder).st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _configured(folder: str, profile: str | None) -> str | None:
    for at in _upward(folder):
        for name in _FILES:
            path = os.path.join(at, name)
            if os.path.isfile(path):
                return _datastore_of(_settings(path), profile)
    return None


def _settings(path: str) -> Mapping[str, Any]:
    """Flowc's settings in a project's file; none where it cannot be read, which `flowc check` reports."""
    import importlib

    try:
        with open(path, "rb") as stream:
            content: dict[str, Any] = importlib.import_module("tomllib").load(stream)  # Python 3.11
    except (ImportError, OSError, ValueError):
        return {}
    return content if path.endswith(_FILES[0]) else _table(_table(content, "tool"), "flowc")


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _datastore_of(settings: Mapping[str, Any], profile: str | None) -> str | None:
    chosen = _table(_table(settings, "env"), profile) if profile else {}
    found = chosen.get("datastore", settings.get("datastore"))
    return found if isinstance(found, str) else None


def _upward(folder: str) -> Iterator[str]:
    at = os.path.abspath(folder)
    while True:
        yield at
        parent = os.path.dirname(at)
        if parent == at:
            return
        at = parent
