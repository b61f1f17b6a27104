"""`metaflow.exception`: every name of Metaflow's, with its arguments, and nothing lost in a pickle."""

from __future__ import annotations

import pickle

import pytest

from flowc.runtime.api import exceptions
from flowc.runtime.api.exceptions import (
    ExternalCommandFailed,
    InvalidDecoratorAttribute,
    MetaflowException,
    MetaflowNamespaceMismatch,
    MetaflowNotFound,
    MetaflowUnknownUser,
    ParameterFieldFailed,
    UnhandledInMergeArtifactsException,
)

MADE = [
    (MetaflowException("why"), "why"),
    (MetaflowException(), ""),
    (MetaflowException("why", 3, "f.py"), "why"),
    (ExternalCommandFailed("why"), "why"),
    (MetaflowNotFound("why"), "why"),
    (MetaflowNamespaceMismatch("user:a"), "Object not in namespace 'user:a'"),
    (MetaflowUnknownUser(), "no environment variable ($USER, $USERNAME, …) says who runs the flow"),
    (InvalidDecoratorAttribute("retry", "tims", ["times"]), "@retry has no attribute `tims`; it has: times"),
    (ParameterFieldFailed("p", "default"), "the `default` of parameter `p` raised"),
    (UnhandledInMergeArtifactsException("why", ["a", "b"]), "why"),
]


@pytest.mark.parametrize(("error", "text"), MADE, ids=lambda each: type(each).__name__)
def test_an_exception_says_the_same_after_a_pickle(error: MetaflowException, text: str) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(again), str(again), again.message, again.headline) == (
        type(error),
        text,
        text,
        error.headline,
    )
    assert vars(again) == vars(error)


@pytest.mark.metaflow
def test_metaflows_exceptions_are_all_there() -> None:
    theirs = pytest.importorskip("metaflow.exception")
    names = [name for name in vars(theirs) if not name.startswith("_") and name not in ("sys", "traceback")]
    for name in names:
        ours, there = getattr(exceptions, name), getattr(theirs, name)
        assert getattr(ours, "headline", None) == getattr(there, "headline", None)
        if isinstance(there, type) and issubclass(there, theirs.MetaflowException):
            assert issubclass(ours, MetaflowException)
