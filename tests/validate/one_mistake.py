"""Manifests with one mistake each, as text: a base, what is changed in it, and what is to be found.

A case in `corpus/*.txt`:

    == a title
    base: dag.yaml
    - depends: load.Succeeded
    + depends: laod.Succeeded
    ! 12:20 FC712 depends on `laod`

`-` and `+` replace text of the base (lines of `+` together replace lines of `-`); `!` is a finding:
line and column, code, a part of its message. A case without `!` is clean.
"""

from __future__ import annotations

import os
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")


class Case(NamedTuple):
    """One manifest: its name as a file, its text, and the findings expected of it."""

    title: str
    file: str
    text: str
    expected: list[tuple[str, str, str]]


def cases() -> list[Case]:
    """Every case of the corpus."""
    found = []
    for name in sorted(os.listdir(CORPUS)):
        if name.endswith(".txt"):
            with open(os.path.join(CORPUS, name), encoding="utf-8") as stream:
                found += [_case(part) for part in stream.read().split("\n== ")[1:]]
    return found


def _case(part: str) -> Case:
    title, *lines = part.rstrip("\n").split("\n")
    bases = [line.removeprefix("base: ") for line in lines if line.startswith("base: ")]
    with open(os.path.join(CORPUS, bases[0]), encoding="utf-8") as stream:
        text = stream.read()
    old = [line[2:] for line in lines if line.startswith("- ")]
    new = [line[2:] for line in lines if line.startswith("+ ")]
    replaced = "\n".join(old)
    assert text.count(replaced) == 1 or not old, (
        f"{title}: `{replaced}` stands {text.count(replaced)} times in {bases[0]}"
    )
    text = text.replace(replaced, "\n".join(new)) if old else text
    expected = []
    for line in lines:
        if line.startswith("! "):
            place, code, message = line[2:].split(" ", 2)
            expected.append((place, code, message))
    return Case(title, bases[0], text, expected)
