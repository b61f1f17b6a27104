"""JSONata, in the few shapes that flowc writes.

Nothing of the flow's text enters an expression but step names, escaped to ASCII, and the keys of
`contract`: neither can hold a quote.

A width is the number of tasks that a region may run at once. What is known while compiling stays a
number; the rest is computed by the engine, from a variable that each scope names anew. Shares of
shares need no nested expression, since ⌊⌊w/a⌋/b⌋ = ⌊w/(a·b)⌋.
"""

from __future__ import annotations

from typing import TypeAlias

# A number, or ⌊variable / divisor⌋.
Width: TypeAlias = "int | tuple[str, int]"


def evaluated(expression: str) -> str:
    """A field's value that the engine computes."""
    return "{% " + expression + " %}"


def quoted(text: str) -> str:
    """A JSONata string; `text` holds no quote and no backslash."""
    return f"'{text}'"


def joined(*parts: str) -> str:
    """Expressions joined as text."""
    return " & ".join(parts)


def width_expression(width: Width) -> str:
    """A width, where an expression goes on."""
    if isinstance(width, int):
        return str(width)
    variable, divisor = width
    return f"${variable}" if divisor == 1 else f"$floor(${variable}/{divisor})"


def part(width: Width, count: int) -> Width:
    """The share of each of `count` regions side by side; at least 1, since a region is given what it needs."""
    if isinstance(width, int):
        return max(1, width // count)
    variable, divisor = width
    return variable, divisor * count


def least(*terms: int | str | None) -> int | str:
    """The smallest of numbers and expressions that are all at least 1; None is no limit."""
    numbers = [term for term in terms if isinstance(term, int)]
    others = [term for term in terms if isinstance(term, str)]
    if not others or 1 in numbers:
        return min(numbers)
    if not numbers and len(others) == 1:
        return others[0]
    return f"$min([{','.join([*others, *([str(min(numbers))] if numbers else [])])}])"


def divided(width: Width, count: int | str) -> int | str:
    """⌊width / count⌋ where `count` may be an expression."""
    if isinstance(count, int):
        share = part(width, count)
        return share if isinstance(share, int) else width_expression(share)
    if isinstance(width, int):
        return f"$floor({width}/{count})"
    variable, divisor = width
    over = count if divisor == 1 else f"({divisor}*{count})"
    return f"$floor(${variable}/{over})"


def field(value: int | str) -> int | str:
    """A number as it is, an expression for the engine to compute."""
    return value if isinstance(value, int) else evaluated(value)
