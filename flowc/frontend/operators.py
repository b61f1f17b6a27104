"""Python's operators on constants, with bounded work and results that no machine changes.

Everything here raises `Refused`, with the reason in a user's words, where the result would be
too large, depends on the machine, or where Python itself would raise.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.values import Constant

MAX_BITS = 4096
MAX_TEXT = 1 << 20
MAX_ITEMS = 10_000
MAX_WIDTH = 100_000  # of a padded field

# What evaluating a constant expression may raise; anything else is our own fault.
RAISES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, MemoryError)


class Refused(Exception):  # noqa: N818 - no error of the user: the value is only not known
    """A value cannot be computed; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyItems(Refused):
    """A container of `kind` ("" where the caller knows it) would be too large to build; its length is known."""

    def __init__(self, length: int, kind: str = "") -> None:
        super().__init__(f"it has {length} items, more than the {MAX_ITEMS} that are computed")
        self.length = length
        self.kind = kind


class ConfigDict(dict["Constant", "Constant"]):
    """The value of a Config: a dict whose keys are attributes too."""


class Iterated(list["Constant"]):
    """What `zip`, `enumerate`, `dict.items` and the like give: items to iterate over, no value to keep."""

    def __init__(self, kind: str, items: list[Constant]) -> None:
        super().__init__(items)
        self.kind = kind


def truth(value: Constant) -> bool:
    """Whether a condition holds; an iterator is true, empty or not, and a view of a dict is not."""
    if isinstance(value, Iterated) and not value.kind.startswith("dict"):
        return True
    return bool(value)


def raised(error: BaseException) -> Refused:
    """The reason when evaluating would raise `error`."""
    return Refused(f"it raises `{type(error).__name__}`")


def items_of(value: Constant) -> list[Constant]:
    """The items that iterating over `value` gives, where their order and number permit."""
    if isinstance(value, (set, frozenset)) and len(value) > 1:
        raise Refused("the order of a set changes from run to run")
    if not isinstance(value, (str, bytes, range, tuple, list, set, frozenset, dict)):
        raise Refused("it is not iterable")
    try:
        size = len(value)
    except OverflowError as error:
        raise raised(error) from None
    if size > MAX_ITEMS:
        raise TooManyItems(size)
    return list(value)


def require_small(value: Constant) -> int:
    """The number of values inside `value`, itself included; raises when it exceeds what is computed.

    Shared parts count each time they occur: a value of small parts may be of exponential size.
    """
    count = 0
    stack: list[Constant] = [value]
    while stack:
        count += 1
        if count > MAX_ITEMS:
            raise Refused(f"it holds more than the {MAX_ITEMS} values that are computed")
        match stack.pop():
            case Iterated() if count > 1:
                raise Refused("an iterator inside a container has no value to keep")
            case tuple(items) | list(items) | set(items) | frozenset(items):
                stack.extend(items)
            case dict(entries):
                stack.extend(entries.keys())
                stack.extend(entries.values())
    return count


def require_ordered(value: Constant) -> None:
    """Refuse a value whose text depends on the order of a set inside it."""
    require_small(value)
    stack: list[Constant] = [value]
    while stack:
        match stack.pop():
            case Iterated():
                raise Refused("the text of an iterator is an address")
            case set(items) | frozenset(items):
                if len(items) > 1:
                    raise Refused("the order of a set changes from run to run")
                stack.extend(items)
            case tuple(sequence) | list(sequence):
                stack.extend(sequence)
            case dict(entries):
                stack.extend(entries.values())


def bounded(value: Constant) -> Constant:
    """The value itself, unless it is larger than what is computed."""
    match value:
        case bool():
            return value
        case int() if value.bit_length() > MAX_BITS:
            raise Refused("the number is too large to be computed")
        case str() | bytes() if len(value) > MAX_TEXT:
            raise Refused("the text is too long to be computed")
        case tuple() | list() | set() | frozenset() | dict() if len(value) > MAX_ITEMS:
            raise TooManyItems(len(value), type(value).__name__)
    return value


# --------------------------------------------------------------------------- binary operators
def _add(left: Constant, right: Constant) -> Constant:
    if isinstance(left, (str, bytes)) and isinstance(right, (str, bytes)):
        _require_text(len(left) + len(right))
    return left + right  # type: ignore[operator]


def _multiply(left: Constant, right: Constant) -> Constant:
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, (str, bytes)) and isinstance(times, int):
            _require_text(len(sequence) * times)
        if isinstance(sequence, (list, tuple)) and isinstance(times, int) and len(sequence) * times > MAX_ITEMS:
            raise TooManyItems(len(sequence) * times, type(sequence).__name__)
    if isinstance(left, int) and isinstance(right, int):
        _require_bits(left.bit_length() + right.bit_length())
    return left * right  # type: ignore[operator]


def _power(left: Constant, right: Constant) -> Constant:
    if isinstance(left, complex) or isinstance(right, complex):
        raise Refused("powers of complex numbers are not computed")
    if isinstance(left, int) and isinstance(right, int):
        _require_bits(left.bit_length() * abs(right))
    elif isinstance(left, float) and isinstance(right, int) and abs(right) <= 1 << 10:
        pass
    elif isinstance(left, (int, float)) and isinstance(right, (int, float)):
        raise Refused("such a power differs from machine to machine")
    return left**right  # type: ignore[operator]


def _shift_left(left: Constant, right: Constant) -> Constant:
    if isinstance(left, int) and isinstance(right, int):
        _require_bits(left.bit_length() + right)
    return left << right  # type: ignore[operator]


def _remainder(left: Constant, right: Constant) -> Constant:
    if isinstance(left, (str, bytes)):
        require_ordered(right)
        if isinstance(left, str):
            require_narrow(left)
            if "*" in left:
                raise Refused("a width given by `*` is not computed")
    return left % right  # type: ignore[operator]


def _require_bits(bits: int) -> None:
    if bits > MAX_BITS:
        raise Refused("the number is too large to be computed")


def _require_text(size: int) -> None:
    if size > MAX_TEXT:
        raise Refused("the text is too long to be computed")


def require_narrow(pattern: str) -> None:
    """Refuse a format whose fields may be wider than `MAX_WIDTH`: any longer run of digits in it."""
    digits = 0
    for c in pattern:
        digits = digits + 1 if c.isdecimal() else 0
        if digits >= len(str(MAX_WIDTH)):
            raise Refused("the field is too wide to be computed")


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
    if isinstance(left, Iterated) or (isinstance(right, Iterated) and not isinstance(operator, (ast.In, ast.NotIn))):
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


def copied(value: Constant) -> Constant:
    """A copy that shares no container with `value`; what is immutable all through is returned as it is."""
    match value:
        case ConfigDict():
            return ConfigDict({key: copied(inner) for key, inner in value.items()})
        case dict():
            return {key: copied(inner) for key, inner in value.items()}
        case list():
            return [copied(inner) for inner in value]
        case tuple():
            return tuple(copied(inner) for inner in value)
        case set():
            return set(value)
        case _:
            return value
