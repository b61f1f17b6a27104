"""The targets, one row each. A row imports its backend only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.backends.base import Backend


def _argo() -> Backend:
    from flowc.backends.argo.emit import ARGO

    return ARGO


def _stepfunctions() -> Backend:
    from flowc.backends.stepfunctions.emit import STEPFUNCTIONS

    return STEPFUNCTIONS


BACKENDS: Mapping[str, Callable[[], Backend]] = {
    "argo": _argo,
    "stepfunctions": _stepfunctions,
}


def backend(name: str) -> Backend:
    """The backend of a target; `name` is a key of `BACKENDS`."""
    return BACKENDS[name]()
