"""Records behave as the standard frozen dataclasses do; each case is asked of both."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest

from flowc import records

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def classes(module: Any) -> SimpleNamespace:  # noqa: ANN401 - `records` or `dataclasses`
    """The same classes, made by one module or the other."""

    @module.dataclass(frozen=True, slots=True)
    class Pair(Generic[T]):
        left: T
        right: int = 2

    @module.dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        a: int
        b: list[int] = module.field(default_factory=list)

    @module.dataclass(frozen=True, slots=True)
    class Shown:
        x: int

        def __repr__(self) -> str:
            return f"x is {self.x}"

    @module.dataclass(frozen=True, slots=True, eq=False, repr=False)
    class Itself:
        x: int

    @module.dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    return SimpleNamespace(Pair=Pair, Named=Named, Shown=Shown, Itself=Itself, Empty=Empty)


RECORDS, STANDARD = classes(records), classes(dataclasses)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda of: of.Pair(1) == of.Pair(1, 2), True),
        (lambda of: of.Pair(1) == of.Pair(1, right=3), False),
        (lambda of: of.Pair(1) == (1, 2), False),
        (lambda of: of.Pair(left=1).right, 2),
        (lambda of: len({of.Pair(1), of.Pair(1), of.Pair(2)}), 2),
        (lambda of: of.Pair.__match_args__, ("left", "right")),
        (lambda of: hasattr(of.Pair(1), "__dict__"), False),
        (lambda of: repr(of.Pair("x")), "classes.<locals>.Pair(left='x', right=2)"),
        (lambda of: of.Named(a=1).b, []),
        (lambda of: of.Named(a=1).b is of.Named(a=1).b, False),
        (lambda of: of.Named.__match_args__, ()),
        (lambda of: repr(of.Shown(1)), "x is 1"),
        (lambda of: of.Itself(1) == of.Itself(1), False),
        (lambda of: "x=1" in repr(of.Itself(1)), False),
        (lambda of: of.Empty() == of.Empty(), True),
        (lambda of: len({of.Empty(), of.Empty()}), 1),
        (lambda of: of.Empty.__doc__, "Nothing."),
    ],
)
def test_like_the_standard_ones(ask: Callable[[Any], object], answer: object) -> None:
    assert ask(RECORDS) == ask(STANDARD) == answer


@pytest.mark.parametrize(
    "wrong",
    [
        lambda of: of.Pair(),
        lambda of: of.Pair(1, 2, 3),
        lambda of: of.Pair(1, left=1),
        lambda of: of.Pair(1, middle=1),
        lambda of: of.Named(1),
        lambda of: of.Named(b=[1]),
        lambda of: hash(of.Named(a=1)),
    ],
)
@pytest.mark.parametrize("of", [RECORDS, STANDARD])
def test_refused_like_by_the_standard_ones(wrong: Callable[[Any], object], of: SimpleNamespace) -> None:
    with pytest.raises(TypeError):
        wrong(of)


@pytest.mark.parametrize("of", [RECORDS, STANDARD])
def test_a_field_never_changes(of: SimpleNamespace) -> None:
    pair = of.Pair(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pair.left = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del pair.left
    assert pair == of.Pair(1)


def test_a_pattern_names_fields_by_place() -> None:
    match RECORDS.Pair("x", 3):
        case RECORDS.Pair(left, 3):
            assert left == "x"
        case _:
            raise AssertionError


def test_replace_keeps_the_rest() -> None:
    named = RECORDS.Named(a=1, b=[5])
    assert records.replace(named, a=2) == RECORDS.Named(a=2, b=[5])
    with pytest.raises(TypeError):
        records.replace(named, c=2)


def test_overwrite_changes_the_record_itself() -> None:
    named = RECORDS.Named(a=1, b=[5])
    records.overwriter(RECORDS.Named, "a")(named, 2)
    assert named == RECORDS.Named(a=2, b=[5])
