"""`depends` of a task: names of tasks, each with a result it may ask for, joined by `&&`, `||`, `!`."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(?P<task>[A-Za-z0-9][-A-Za-z0-9_]*)(?:\.(?P<result>\w*))?|(?P<mark>&&|\|\||!|\(|\))|(?P<stray>\S))"
)
RESULTS = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed")
OF_ITEMS = ("AnySucceeded", "AllFailed")


class Dependency(NamedTuple):
    """A task that is waited for, the result that is asked of it ("" for any good one), and its place."""

    task: str
    result: str
    start: int
    end: int


class Fault(NamedTuple):
    """Why a `depends` cannot be read, and where."""

    reason: str
    start: int
    end: int


def read_depends(text: str) -> tuple[list[Dependency], Fault | None]:
    """The dependencies in order, and the first fault."""
    found: list[Dependency] = []
    open_at: list[int] = []
    wants_task = True
    for match in _TOKEN.finditer(text):
        start = match.start(match.lastgroup or 0) if match["task"] is None else match.start("task")
        word = match[0].strip()
        place = (start, match.end())
        if match["stray"]:
            return found, Fault(_stray(text, start), start, start + 1)
        if match["task"]:
            if not wants_task:
                return found, Fault(f"`&&` or `||` is missing before `{word}`", *place)
            if match["result"] is not None and match["result"] not in RESULTS:
                return found, Fault(f"`{match['result']}` is no result of a task", *place)
            found.append(Dependency(match["task"], match["result"] or "", *place))
            wants_task = False
        elif word in {"!", "("}:
            if not wants_task:
                return found, Fault(f"`&&` or `||` is missing before `{word}`", *place)
            open_at += [start] * (word == "(")
        elif wants_task:
            return found, Fault(f"a task is missing before `{word}`", *place)
        elif word == ")":
            if not open_at:
                return found, Fault("`)` closes nothing", *place)
            open_at.pop()
        else:
            wants_task = True
    if open_at:
        return found, Fault("`(` is not closed", open_at[-1], open_at[-1] + 1)
    return found, Fault("it ends where a task is missing", 0, len(text)) if wants_task else None


def _stray(text: str, at: int) -> str:
    if text[at] in "&|":
        return f"`{text[at]}` is written twice: `{text[at] * 2}`"
    return "tasks are joined by `&&` or `||`" if text[at] == "," else f"`{text[at]}` means nothing in it"
