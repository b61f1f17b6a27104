"""The bounds of what is computed, and the values that exist only while computing.

Everything here raises `Refused`, with the reason in a user's words, where a result would be too
large or depends on the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


class PathText(str):
    """The text of a `pathlib.Path`."""

    __slots__ = ()


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


def require_bits(bits: int) -> None:
    """Refuse a whole number of so many bits."""
    if bits > MAX_BITS:
        raise Refused("the number is too large to be computed")


def require_text(size: int) -> None:
    """Refuse a text of so many characters."""
    if size > MAX_TEXT:
        raise Refused("the text is too long to be computed")


def require_narrow(pattern: str) -> None:
    """Refuse a format whose fields may be wider than `MAX_WIDTH`: any longer run of digits in it."""
    digits = 0
    for c in pattern:
        digits = digits + 1 if c.isdecimal() else 0
        if digits >= len(str(MAX_WIDTH)):
            raise Refused("the field is too wide to be computed")


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
