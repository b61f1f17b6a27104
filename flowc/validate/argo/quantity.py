"""Amounts of resources as Kubernetes writes them, as exact numbers."""

from __future__ import annotations

import re
from fractions import Fraction

_AMOUNT = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?")
_POWERS = {"n": -3, "u": -2, "m": -1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def amount(value: object) -> Fraction | None:
    """What is asked for, in the resource's own unit; None for what is no amount."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    match = _AMOUNT.fullmatch(str(value))
    if match is None or len(match[2]) > 60:
        return None
    sign, digits, unit = match.groups()
    size = Fraction(digits.rstrip(".")) * _factor(unit or "")
    return -size if sign == "-" else size


def _factor(unit: str) -> Fraction:
    if unit.endswith("i"):
        return Fraction(1024 ** (" KMGTPE".index(unit[0])))
    if unit in _POWERS:
        return Fraction(1000) ** _POWERS[unit]
    return Fraction(10) ** int(unit[1:]) if unit else Fraction(1)
