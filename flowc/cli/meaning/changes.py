"""How two flows differ in what they mean: what is added, removed, and said otherwise.

Invariant: equal meanings have no change; nothing is both added and changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.meaning.facts import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.cli.meaning.facts import Meaning
    from flowc.passes.bounds import Certificate


class Word(NamedTuple):
    """One word of a subject, as it was and as it is."""

    word: str
    old: str
    new: str


class Change(NamedTuple):
    """What became of the flow, a step or a split: "added", "removed" or "changed".

    `place` says where an added or removed step stands; `words` of one are all that it says.
    """

    kind: str
    subject: str
    place: str
    words: tuple[Word, ...]


class Difference(NamedTuple):
    """All changes, and both peaks."""

    flow: str
    changes: tuple[Change, ...]
    old: Certificate
    new: Certificate

    @property
    def same(self) -> bool:
        """Whether both flows mean the same."""
        return not self.changes and self.old == self.new


def compare(old: Meaning, new: Meaning) -> Difference:
    """What changed from one flow to another: the flow itself, its steps, its splits."""
    changes = _changed(new.flow, {"name": old.flow, **old.said}, {"name": new.flow, **new.said})
    changes += _several(old.steps, new.steps, old, new)
    changes += _several(old.splits, new.splits, old, new)
    return Difference(new.flow, tuple(changes), old.peak, new.peak)


def _several(
    old: Mapping[str, Mapping[str, str]],
    new: Mapping[str, Mapping[str, str]],
    before: Meaning,
    after: Meaning,
) -> list[Change]:
    changes: list[Change] = []
    for name, said in new.items():
        if name in old:
            changes += _changed(name, old[name], said)
        else:
            words = tuple(Word(word, NONE, value) for word, value in said.items())
            changes.append(Change("added", name, _place(after, name), words))
    for name, said in old.items():
        if name not in new:
            words = tuple(Word(word, value, NONE) for word, value in said.items())
            changes.append(Change("removed", name, _place(before, name), words))
    return changes


def _changed(subject: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    words = tuple(
        Word(word, old.get(word, NONE), new.get(word, NONE))
        for word in dict.fromkeys((*new, *old))
        if old.get(word, NONE) != new.get(word, NONE)
    )
    return [Change("changed", subject, "", words)] if words else []


def _place(meaning: Meaning, name: str) -> str:
    before, after = meaning.around.get(name, ((), ()))
    if before and after:
        return f"between {', '.join(before)} and {', '.join(after)}"
    if before:
        return f"after {', '.join(before)}"
    return f"before {', '.join(after)}" if after else ""
