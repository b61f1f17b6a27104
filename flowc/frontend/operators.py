"""Python's operators on constants, with bounded work and results that no machine changes.

Everything here raises `Refused`, with the reason in a user's words, where the result would be
too large, depends on the machine, or where Python itself would raise.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from flowc.frontend.limits import (
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


# --------------------------------------------------------------------------- binary operators
def _add(left: Constant, right: Constant) -> Constant:
    if isinstance(left, (str, bytes)) and isinstance(right, (str, bytes)):
        require_text(len(left) + len(right))
    return left + right  # type: ignore[operator]


def _multiply(left: Constant, right: Constant) -> Constant:
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
    return left * right  # type: ignore[operator]


def _power(left: Constant, right: Constant) -> Constant:
    if isinstance(left, complex) or isinstance(right, complex):
        raise Refused("powers of complex numbers are not computed")
    if isinstance(left, int) and isinstance(right, int):
        require_bits(left.bit_length() * abs(right))
    elif isinstance(left, float) and isinstance(right, int) and abs(right) <= 1 << 10:
        pass
    elif isinstance(left, (int, float)) and isinstance(right, (int, float)):
        raise Refused("such a power differs from machine to machine")
    return left**right  # type: ignore[operator]


def _shift_left(left: Constant, right: Constant) -> Constant:
    if isinstance(left, int) and isinstance(right, int):
        require_bits(left.bit_length() + right)
    return left << right  # type: ignore[operator]


def _remainder(left: Constant, right: Constant) -> Constant:
    if isinstance(left, (str, bytes)):
        require_ordered(right)
        if isinstance(left, str):
            require_narrow(left)
            if "*" in left:
                raise Refused("a width given by `*` is not computed")
    return left % right  # type: ignore[operator]


_BINARY: dict[type[ast.operator], Callable[[Constant, Constant], Constant]] = {
    ast.Add: _add,
    ast.Sub: lambda a, b: a - b,  # type: ignore[operator]
    ast.Mult: _multiply,
    ast.Div: lambda a, b: a / b,  # type: ignore[operator]
    ast.FloorDiv: lambda a, b: a // b,  # type: ignore[operator]
    ast.Mod: _remainder,
    ast.Pow: _power,
    ast.LShift: _shift_left,
    ast.RShift: lambda a, b: a >> b,  # type: ignore[operator]
    ast.BitAnd: lambda a, b: a & b,  # type: ignore[operator]
    ast.BitOr: lambda a, b: a | b,  # type: ignore[operator]
    ast.BitXor: lambda a, b: a ^ b,  # type: ignore[operator]
}


def binary(operator: ast.operator, left: Constant, right: Constant) -> Constant:
    """`left operator right`."""
    compute = _BINARY.get(type(operator))
    if compute is None:
        raise Refused("matrix multiplication is not computed")
    if isinstance(left, Iterated) or isinstance(right, Iterated):
        raise Refused("an iterator has no operators")
    try:
        return bounded(compute(left, right))
    except RAISES as error:
        raise raised(error) from None


def unary(operator: ast.unaryop, operand: Constant) -> Constant:
    """`-x`, `+x`, `~x`, `not x`."""
    try:
        match operator:
            case ast.Not():
                return not truth(operand)
            case ast.USub():
                return -operand  # type: ignore[operator]
            case ast.UAdd():
                return +operand  # type: ignore[operator]
            case _:
                if isinstance(operand, bool):
                    raise Refused("`~` of a truth value is deprecated")
                return ~operand  # type: ignore[operator]
    except RAISES as error:
        raise raised(error) from None


def compare(operator: ast.cmpop, left: Constant, right: Constant) -> bool:
    """One comparison of a chain."""
    require_small(left)
    require_small(right)
    if isinstance(left, Iterated) or (
        isinstance(right, Iterated) and not isinstance(operator, (ast.In, ast.NotIn))
    ):
        raise Refused("iterators are not compared")
    try:
        match operator:
            case ast.Is() | ast.IsNot():
                return _is_same(left, right) == isinstance(operator, ast.Is)
            case ast.In():
                return _contains(right, left)
            case ast.NotIn():
                return not _contains(right, left)
            case _:
                return _ORDERINGS[type(operator)](left, right)
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
    return item in container  # type: ignore[operator]


_ORDERINGS: dict[type[ast.cmpop], Callable[[Constant, Constant], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,  # type: ignore[operator]
    ast.LtE: lambda a, b: a <= b,  # type: ignore[operator]
    ast.Gt: lambda a, b: a > b,  # type: ignore[operator]
    ast.GtE: lambda a, b: a >= b,  # type: ignore[operator]
}


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
        return cast("Constant", value[key])  # type: ignore[index]
    except RAISES as error:
        raise raised(error) from None
