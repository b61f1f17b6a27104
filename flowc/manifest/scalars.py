"""Strings and numbers as YAML that every reader takes for the same value.

YAML 1.1 readers and Go's disagree on what `1e3`, `08`, `y` or `.5e1` are, so a string stands bare
only where none of them can take it for anything else: words of letters, digits and `_ . / -` that
begin like a word, one space apart. Everything else is double-quoted on one line; text of several
lines is a literal block where it survives one byte for byte.

Invariant: a reader of YAML 1.1 or 1.2 reads back exactly the value written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite, isnan

_BARE = re.compile(r"(?:[A-Za-z_/]|\./|--?[A-Za-z])[A-Za-z0-9_./-]*(?: [A-Za-z0-9_./&|=!<>()+-]+)*")
_RESERVED = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf", "infinity")
)
# The characters that end a line or are not printable in one of the YAML versions, and the two of quoting.
# This pattern and the next are compiled when a text needs them: few do.
_ESCAPED = '[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]'
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
# What a literal block cannot carry: other line ends, the unprintable, blanks at either end of a line.
_NOT_LITERAL = (
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]|[ ]\n|[ ]\\Z|\n\n\\Z|\\A[ \n]"
)


@lru_cache(maxsize=1024)
def bare_or_quoted(text: str) -> str:
    """A string on one line. A manifest says few different words, so that most are remembered."""
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + re.sub(_ESCAPED, _escape, text) + '"'


def is_literal(text: str) -> bool:
    """Whether the text has lines and survives a literal block."""
    return "\n" in text and len(text) > 1 and re.search(_NOT_LITERAL, text) is None


def literal(text: str, indent: str) -> str:
    """A literal block: its indicator, then the lines, each after `indent`."""
    ended = text.endswith("\n")
    lines = (text[:-1] if ended else text).split("\n")
    return ("|\n" if ended else "|-\n") + "\n".join(indent + line if line else "" for line in lines)


def number(value: int | float) -> str:  # noqa: PYI041 - an int stays an int
    """An integer or float; a float always has the point and the sign of its exponent that YAML 1.1 wants."""
    if not isinstance(value, float):
        return str(value)
    if isnan(value):
        return ".nan"
    if not isfinite(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    return mantissa + (".0" if mark and "." not in mantissa else "") + mark + exponent


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    short = _SHORT.get(character)
    if short is not None:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
