"""The nearest known name to a misspelt one, for "did you mean".

Invariant: the answer depends on the words alone, never on the order of a set: the smallest
distance wins, then the smaller difference in length, then the alphabet; a short form comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 80  # beyond this a name is no misspelling of another, and comparing costs time


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` was probably meant to be; None where none is near enough.

    A third of the letters may differ (at least one), or letters be left out: `secs` for `seconds`.
    Case and `-` for `_` weigh nothing.
    """
    if len(word) > _LONGEST:
        return None
    plain = _plain(word)
    allowed = max(1, len(plain) // 3)
    best: tuple[int, int, str] | None = None
    for candidate in candidates:
        if candidate == word or len(candidate) > _LONGEST:
            continue
        distance = _distance(plain, _plain(candidate), allowed)
        if distance is None:
            continue
        rank = (distance, abs(len(candidate) - len(word)), candidate)
        if best is None or rank < best:
            best = rank
    return best[2] if best else None


def _distance(word: str, candidate: str, allowed: int) -> int | None:
    """How far a candidate is from a word; None for too far. A short form is farther than any misspelling."""
    if abs(len(candidate) - len(word)) <= allowed:
        distance = edit_distance(word, candidate, allowed)
        # A short word that shares no letter is no misspelling: `x` is not meant to be `y`.
        if distance <= allowed and distance < max(len(word), len(candidate)):
            return distance
    return allowed + 1 if _shortens(word, candidate) else None


def _shortens(word: str, candidate: str) -> bool:
    """Whether `word` is `candidate` with letters left out, though not the first and not most of them."""
    if not 3 <= len(word) <= len(candidate) <= 3 * len(word) or word[0] != candidate[0]:
        return False
    rest = iter(candidate)
    return all(letter in rest for letter in word)


def did_you_mean(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """A help line naming the nearest candidate in backticks, or no line."""
    found = nearest(word, candidates)
    return (f"did you mean `{found}`?",) if found else ()


def edit_distance(left: str, right: str, limit: int) -> int:
    """Letters to insert, delete, replace or swap with a neighbour; `limit + 1` for anything beyond `limit`."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row, before_last = row, [i], before
        before = above
        for j, b in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_")
