"""What the compiler knows of a value without running the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.source import Span

Constant: TypeAlias = (
    bool | int | float | complex | str | bytes | range | tuple["Constant", ...] | list["Constant"]
    | set["Constant"] | frozenset["Constant"] | dict["Constant", "Constant"] | None
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Const:
    """A value known in full."""

    value: Constant


@dataclass(frozen=True, slots=True)
class ParamRef:
    """The value of a flow parameter, known when a run starts."""

    name: str


@dataclass(frozen=True, slots=True)
class ConfigRef:
    """A value inside a `Config` that the compiler was not given: `path` are the keys to it."""

    name: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnvRef:
    """An environment variable read by the flow's own code: never taken from the compiler's."""

    name: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A value whose kind is known and whose contents are not.

    `kind` is the word for messages ("list", "set", "dict", "generator", "lambda", "open file", …);
    `length` the number of items, where known.
    """

    kind: str
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known statically, and why: `span` is the part to blame."""

    span: Span
    reason: str


Value: TypeAlias = Const | ParamRef | ConfigRef | EnvRef | Shape | Unknown


def length_of(value: Value) -> int | None:
    """The number of items a foreach over `value` makes; None where it is not known."""
    match value:
        case Const(
            value=str() | bytes() | range() | tuple() | list() | set() | frozenset() | dict() as items
        ):
            return len(items)
        case Shape(length=length):
            return length
        case _:
            return None
