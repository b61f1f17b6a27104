"""Records behave as the standard frozen dataclasses do; each case is asked of both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest

from flowc import records

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@records.dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    left: T
    right: int = 2


@records.dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    a: int
    b: list[int] = records.field(default_factory=list)


@records.dataclass(frozen=True, slots=True)
class Empty:
    """Nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class StandardPair(Generic[T]):
    left: T
    right: int = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StandardNamed:
    a: int
    b: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class StandardEmpty:
    """Nothing."""


@pytest.mark.parametrize(
    "ask",
    [
        lambda pair, _n, _e: pair(1) == pair(1, 2),
        lambda pair, _n, _e: pair(1) == pair(1, right=3),
        lambda pair, _n, _e: pair(left=1).right,
        lambda pair, _n, _e: len({pair(1), pair(1), pair(2)}),
        lambda pair, _n, _e: pair(1) == 1,
        lambda _p, named, _e: named(a=1).b,
        lambda _p, named, _e: named(a=1).b is named(a=1).b,
        lambda _p, named, _e: dataclasses.replace(named(a=1), b=[2]).b,
        lambda pair, _n, _e: [f.name for f in dataclasses.fields(pair)],
        lambda _p, named, _e: [(f.name, f.type, f.kw_only) for f in dataclasses.fields(named)],
        lambda _p, named, _e: dataclasses.asdict(named(a=1, b=[1])),
        lambda _p, _n, empty: (empty() == empty(), hash(empty()) == hash(empty()), empty.__doc__),
        lambda pair, named, empty: (pair.__match_args__, named.__match_args__, empty.__match_args__),
        lambda pair, _n, _e: copy.copy(pair([1])).left,
        lambda pair, _n, _e: copy.deepcopy(pair([1])).left,
        lambda pair, _n, _e: pickle.loads(pickle.dumps(pair("x"))).left,  # noqa: S301 - our own
        lambda pair, _n, _e: hasattr(pair(1), "__dict__"),
        lambda pair, _n, _e: repr(pair("x")).removeprefix("Standard"),
    ],
)
def test_like_the_standard_ones(ask: Callable[[Any, Any, Any], object]) -> None:
    assert ask(Pair, Named, Empty) == ask(StandardPair, StandardNamed, StandardEmpty)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pair, _: pair(),
        lambda pair, _: pair(1, 2, 3),
        lambda pair, _: pair(1, left=1),
        lambda pair, _: pair(1, middle=1),
        lambda _, named: named(1),
        lambda _, named: named(b=[1]),
        lambda _, named: hash(named(a=1)),
    ],
)
def test_refused_like_the_standard_ones(wrong: Callable[[Any, Any], object]) -> None:
    for classes in ((Pair, Named), (StandardPair, StandardNamed)):
        with pytest.raises(TypeError):
            wrong(*classes)


def test_a_field_never_changes() -> None:
    pair = Pair(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pair.left = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del pair.left


def test_patterns() -> None:
    match Pair("x", 3):
        case Pair(left, 3):
            assert left == "x"
        case _:
            raise AssertionError


def test_replace_keeps_the_rest() -> None:
    assert records.replace(Named(a=1, b=[5]), a=2) == Named(a=2, b=[5])
