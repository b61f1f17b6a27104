"""A difference of two flows as text for a terminal, Markdown for a pull request, JSON for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowc.cli.meaning.facts import NONE
from flowc.cli.stats import cores, memory
from flowc.diagnostics.render.cells import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.cli.meaning.changes import Change, Difference, Word
    from flowc.passes.bounds import Certificate

VERSION = 1
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_LONGEST = 24  # a subject that is longer does not move the others


def text(difference: Difference) -> str:
    """One line for each step, split or the flow that changed, and one for the peak."""
    if difference.same:
        return f"{plain(difference.flow)}: both mean the same\n"
    names = [plain(change.subject) for change in difference.changes]
    column = max((len(name) for name in names if len(name) <= _LONGEST), default=0)
    lines = [
        f"{_SIGNS[change.kind]} {name.ljust(column)}  {plain(' · '.join(_parts(change)))}".rstrip()
        for name, change in zip(names, difference.changes, strict=True)
    ]
    return "\n".join([*lines, _peak(difference)]) + "\n"


def markdown(difference: Difference) -> str:
    """A heading, a list of what changed, and the peak."""
    head = f"### {_code(difference.flow)}\n\n"
    if difference.same:
        return f"{head}Both mean the same.\n"
    lines = [_line(change) for change in difference.changes]
    return f"{head}{''.join(lines)}\n{_peak(difference)}\n"


def _line(change: Change) -> str:
    parts = ", ".join(map(_code, _parts(change)))
    return f"- {change.kind} {_code(change.subject)}{': ' if parts else ''}{parts}\n"


def document(difference: Difference) -> str:
    """The document that schemas/diff.schema.json describes, ended by a newline."""
    made = {
        "version": VERSION,
        "flow": difference.flow,
        "same": difference.same,
        "changes": [
            {
                "kind": change.kind,
                "subject": change.subject,
                "place": change.place,
                "words": [
                    {"word": w.word, "old": _or_null(w.old), "new": _or_null(w.new)} for w in change.words
                ],
            }
            for change in difference.changes
        ],
        "peak": {"old": _certificate(difference.old), "new": _certificate(difference.new)},
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Difference], str]] = {"text": text, "markdown": markdown, "json": document}


# --------------------------------------------------------------------------- words
def _parts(change: Change) -> list[str]:
    if change.kind == "changed":
        return [f"{word.word} {_arrow(word.old, word.new)}" for word in change.words]
    words = [_fact(word) for word in change.words if word.word != "next"]
    return [part for part in (change.place, *words) if part]


def _fact(word: Word) -> str:
    value = word.old if word.new == NONE else word.new
    match word.word:
        case "cpu":
            return f"{value} cpu"
        case "memory":
            return value
        case name:
            return name if value == "yes" else f"{name} {value}"


def _arrow(old: str, new: str) -> str:
    """`60000 → 120000 MB`: a unit that both have stands once."""
    amount, blank, unit = old.partition(" ")
    if blank and amount.isdigit() and new.partition(" ")[2] == unit:
        return f"{amount} → {new}"
    return f"{old} → {new}"


def _peak(difference: Difference) -> str:
    old, new = difference.old, difference.new
    tasks = f"{_plain_count(old.peak_tasks, new.peak_tasks)} tasks"
    parts = [f"peak {tasks} (same)" if old.peak_tasks == new.peak_tasks else f"peak {tasks}"]
    for word, before, after in (
        ("vCPU", cores(old.peak_cpu_millis), cores(new.peak_cpu_millis)),
        ("memory", memory(old.peak_memory_mb), memory(new.peak_memory_mb)),
        ("GPU", str(old.peak_gpu), str(new.peak_gpu)),
    ):
        if before != after:
            parts.append(f"{word} {before} → {after}")
    parts.append(f"at most {_plain_count(old.total_tasks, new.total_tasks)} tasks")
    return " · ".join(parts)


def _plain_count(old: int, new: int) -> str:
    return f"{new:,}" if old == new else f"{old:,} → {new:,}"


def _or_null(value: str) -> str | None:
    return None if value == NONE else value


def _code(words: str) -> str:
    """Text of a flow as a code span: it is no markup, no mention and no link."""
    return f"`{plain(words).replace('`', chr(39)) or ' '}`"


def _certificate(peak: Certificate) -> dict[str, int]:
    return {
        "tasks": peak.peak_tasks,
        "cpu_millis": peak.peak_cpu_millis,
        "memory_mb": peak.peak_memory_mb,
        "gpu": peak.peak_gpu,
        "total_tasks": peak.total_tasks,
    }
