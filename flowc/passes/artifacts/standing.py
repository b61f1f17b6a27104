"""Where each name stands at a place of a method, and how the places of paths come together.

Invariant: every mask but `proven` and `met` is an upper bound, those two are lower bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Case(NamedTuple):
    """A path on which the condition of the step's switch has the value of one arm."""

    arm: str


class Standing(NamedTuple):
    """Masks of names at a place; `met` is a mask of blocks that every path to here went through."""

    untouched: int
    assigned: int = 0
    deleted: int = 0
    merged: int = 0
    hidden: int = 0
    proven: int = 0
    met: int = 0

    @property
    def exposed(self) -> int:
        """Names that may be what the method found."""
        return self.untouched | self.deleted

    def beside(self, other: Standing) -> Standing:
        """What holds where two paths meet."""
        return Standing(
            untouched=self.untouched | other.untouched,
            assigned=self.assigned | other.assigned,
            deleted=self.deleted | other.deleted,
            merged=self.merged | other.merged,
            hidden=self.hidden | other.hidden,
            proven=self.proven & other.proven,
            met=self.met & other.met,
        )

    def with_assigned(self, bit: int) -> Standing:
        """What holds after the name is assigned."""
        return Standing(
            untouched=self.untouched & ~bit,
            assigned=self.assigned | bit,
            deleted=self.deleted & ~bit,
            merged=self.merged & ~bit,
            hidden=self.hidden & ~bit,
            proven=self.proven,
            met=self.met,
        )


def united(standings: Iterable[Standing]) -> Standing | None:
    """What holds where several paths meet; None for no path."""
    found: Standing | None = None
    for other in standings:
        found = other if found is None else found.beside(other)
    return found


# Paths are kept apart by the arm that they take: by the key of the `self.next` passed, before it by
# the value that the switch's condition was given last, None where there is neither.
Keyed = dict["str | Case | None", Standing]


def composed(at: Standing, call: Standing) -> Standing:
    """What holds after a helper that leaves `call`, called where `at` holds."""
    kept = call.untouched
    return Standing(
        untouched=at.untouched & kept,
        assigned=call.assigned | (at.assigned & (kept | call.merged)),
        deleted=call.deleted | (at.deleted & kept),
        merged=(at.merged & kept) | ((at.exposed | at.merged) & call.merged),
        hidden=call.hidden | (at.hidden & (kept | call.merged)),
        proven=(at.proven & ~call.deleted) | call.proven,
        met=at.met,
    )


def meet_keyed(left: Keyed, right: Keyed) -> Keyed:
    """Standings of two ways into a place, key by key."""
    met = dict(left)
    for key, standing in right.items():
        there = met.get(key)
        both = standing if there is None else united((there, standing))
        if both is not None:
            met[key] = both
    return met
