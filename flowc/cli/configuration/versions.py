"""Whether a version satisfies a requirement like `>=0.2,<1` (releases only, as flowc is numbered)."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"\s*(~=|==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?\s*$")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


class BadSpecifierError(ValueError):
    """A requirement that cannot be read; the text names the part."""


def satisfies(version: str, specifier: str) -> bool:
    """Whether `version` meets every clause; a bare version means exactly that one."""
    match = _RELEASE.match(version)
    have = _numbers(match[0] if match else "0")
    return all(_meets(have, clause) for clause in specifier.split(","))


def _meets(have: tuple[int, ...], clause: str) -> bool:
    if clause.strip()[:1].isdigit():
        clause = "==" + clause.strip()
    match = _CLAUSE.match(clause)
    if match is None or (match[3] and match[1] not in {"==", "!="}):
        raise BadSpecifierError(f"`{clause.strip()}` is no clause like `>=0.2`")
    sign, want = match[1], _numbers(match[2])
    if match[3]:
        return (have[: len(want)] == want) == (sign == "==")
    size = max(len(have), len(want))
    left, right = _padded(have, size), _padded(want, size)
    match sign:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case "<":
            return left < right
        case ">":
            return left > right
        case _:  # ~=: at least, with all but the last number the same
            return left >= right and have[: len(want) - 1] == want[:-1]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _padded(numbers: tuple[int, ...], size: int) -> tuple[int, ...]:
    return numbers + (0,) * (size - len(numbers))
