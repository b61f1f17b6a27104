"""What local names stand for while a method's body is read.

A name is followed only as far as it is certain: `this = self`, `model = inputs.fit`. One that is
bound in several places stands for what all of them agree on.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ast


class Kind(Enum):
    """What kind of thing a name stands for."""

    SELF = "the flow"
    CLASS = "the flow's class"
    SUPER = "super()"
    ATTRIBUTE = "self.name"  # of the flow; `names` are those it may be
    OVERRIDDEN = "super().name"
    INPUTS = "all inputs of a join"
    INPUT = "one input of a join"  # `names` is its step or index; empty for any
    SEQUENCE = "some inputs of a join"
    ROW = "a tuple"  # `parts` are its items
    ROWS = "several tuples"
    FUNCTION = "a function defined here"


class Ref(NamedTuple):
    """What an expression stands for."""

    kind: Kind
    names: tuple[str | int, ...] = ()
    parts: tuple[Ref | None, ...] = ()
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None


SELF = Ref(Kind.SELF)
ANY_INPUT = Ref(Kind.INPUT)


def element(ref: Ref | None) -> Ref | None:
    """What iterating over `ref` gives."""
    match ref:
        case Ref(Kind.INPUTS | Kind.SEQUENCE):
            return ANY_INPUT
        case Ref(Kind.ROWS, parts=parts):
            return Ref(Kind.ROW, parts=parts)
        case _:
            return None


def item(ref: Ref | None, index: int) -> Ref | None:
    """What item number `index` of `ref` is."""
    match ref:
        case Ref(Kind.INPUTS):
            return Ref(Kind.INPUT, (index,))
        case Ref(Kind.SEQUENCE):
            return ANY_INPUT
        case Ref(Kind.ROW, parts=parts):
            return parts[index] if -len(parts) <= index < len(parts) else None
        case Ref(Kind.ROWS):
            return element(ref)
        case _:
            return None


def agree(left: Ref | None, right: Ref | None) -> Ref | None:
    """What holds of a name that is one or the other."""
    if left == right:
        return left
    if left is None or right is None or left.kind is not right.kind:
        return None
    if left.kind is Kind.INPUT:
        return ANY_INPUT
    if left.kind is Kind.ATTRIBUTE:
        return Ref(Kind.ATTRIBUTE, tuple(dict.fromkeys(left.names + right.names)))
    return None
