"""Python's operators on constants, with bounded work and results that no machine changes.

Everything here raises `Refused`, with the reason in a user's words, where the result would be
too large, depends on the machine, or where Python itself would raise.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from flowc.frontend.folding.limits import (
    MAX_ITEMS,
    RAISES,
    Iterated,
    Refused,
    TooManyItems,
    bounded,
    raised,
    require_bits,
    require_narrow,
    require_ordered,
    require_small,
    require_text,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.values import Constant


# Any operand is tried: what Python does not take raises, and that is the answer.
_COMPUTE: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: operator.contains,
    ast.Subscript: operator.getitem,
}


# --------------------------------------------------------------------------- binary operators
def binary(sign: ast.operator, left: Constant, right: Constant) -> Constant:
    """`left sign right`."""
    if isinstance(sign, ast.MatMult):
        raise Refused("matrix multiplication is not computed")
    if isinstance(left, Iterated) or isinstance(right, Iterated):
        raise Refused("an iterator has no operators")
    require = _REQUIREMENTS.get(type(sign))
    try:
        if require is not None:
            require(left, right)
        return bounded(_COMPUTE[type(sign)](left, right))
    except RAISES as error:
        raise raised(error) from None


def _require_sum(left: Constant, right: Constant) -> None:
    if isinstance(left, (str, bytes)) and isinstance(right, (str, bytes)):
        require_text(len(left) + len(right))


def _require_product(left: Constant, right: Constant) -> None:
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, (str, bytes)) and isinstance(times, int):
            require_text(len(sequence) * times)
        if (
            isinstance(sequence, (list, tuple))
            and isinstance(times, int)
            and len(sequence) * times > MAX_ITEMS
        ):
            raise TooManyItems(len(sequence) * times, type(sequence).__name__)
    if isinstance(left, int) and isinstance(right, int):
        require_bits(left.bit_length() + right.bit_length())


def _require_power(left: Constant, right: Constant) -> None:
    if isinstance(left, complex) or isinstance(right, complex):
        raise Refused("powers of complex numbers are not computed")
    if isinstance(left, int) and isinstance(right, int):
        require_bits(left.bit_length() * abs(right))
    elif isinstance(left, float) and isinstance(right, int) and abs(right) <= 1 << 10:
        pass
    elif isinstance(left, (int, float)) and isinstance(right, (int, float)):
        raise Refused("such a power differs from machine to machine")


def _require_shift(left: Constant, right: Constant) -> None:
    if isinstance(left, int) and isinstance(right, int):
        require_bits(left.bit_length() + right)


def _require_remainder(left: Constant, right: Constant) -> None:
    """`%` also formats text."""
    if isinstance(left, (str, bytes)):
        require_ordered(right)
        if isinstance(left, str):
            require_narrow(left)
            if "*" in left:
                raise Refused("a width given by `*` is not computed")


_REQUIREMENTS: dict[type[ast.operator], Callable[[Constant, Constant], None]] = {
    ast.Add: _require_sum,
    ast.Mult: _require_product,
    ast.Pow: _require_power,
    ast.LShift: _require_shift,
    ast.Mod: _require_remainder,
}


# --------------------------------------------------------------------------- unary operators, comparisons
def unary(sign: ast.unaryop, operand: Constant) -> Constant:
    """`-x`, `+x`, `~x`, `not x`."""
    if isinstance(sign, ast.Invert) and isinstance(operand, bool):
        raise Refused("`~` of a truth value is deprecated")
    try:
        if isinstance(sign, ast.Not):
            return not truth(operand)
        made: Constant = _COMPUTE[type(sign)](operand)
    except RAISES as error:
        raise raised(error) from None
    return made


def compare(sign: ast.cmpop, left: Constant, right: Constant) -> bool:
    """One comparison of a chain."""
    require_small(left)
    require_small(right)
    if isinstance(left, Iterated) or (
        isinstance(right, Iterated) and not isinstance(sign, (ast.In, ast.NotIn))
    ):
        raise Refused("iterators are not compared")
    try:
        match sign:
            case ast.Is() | ast.IsNot():
                return _is_same(left, right) == isinstance(sign, ast.Is)
            case ast.In():
                return _contains(right, left)
            case ast.NotIn():
                return not _contains(right, left)
            case _:
                ordered: bool = _COMPUTE[type(sign)](left, right)
                return ordered
    except RAISES as error:
        raise raised(error) from None


def _is_same(left: Constant, right: Constant) -> bool:
    """Identity is a matter of the language only for None and truth values."""
    for value in (left, right):
        if value is None or isinstance(value, bool):
            return left is right
    raise Refused("the identity of such values is not defined")


def _contains(container: Constant, item: Constant) -> bool:
    if isinstance(container, range) and not isinstance(item, int):
        raise Refused("only whole numbers are looked for in a range")
    found: bool = _COMPUTE[ast.In](container, item)
    return found


# --------------------------------------------------------------------------- text and items
def as_text(value: Constant, conversion: int, specification: str) -> str:
    """One `{value!conversion:specification}` of an f-string; `conversion` is -1 or a letter's code."""
    require_ordered(value)
    require_narrow(specification)
    try:
        match chr(conversion) if conversion >= 0 else "":
            case "r":
                return format(repr(value), specification)
            case "s":
                return format(str(value), specification)
            case "a":
                return format(ascii(value), specification)
            case _:
                return format(value, specification)
    except RAISES as error:
        raise raised(error) from None


def subscript(value: Constant, key: Constant) -> Constant:
    """`value[key]`."""
    if isinstance(value, Iterated):
        raise Refused("an iterator has no items by index")
    try:
        found: Constant = _COMPUTE[ast.Subscript](value, key)
    except RAISES as error:
        raise raised(error) from None
    return found
