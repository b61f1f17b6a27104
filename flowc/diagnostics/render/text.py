"""Diagnostics for people: message, source excerpt with labels, facts and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics.model import Applicability
from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.render.excerpt import draw, widest_line_number
from flowc.diagnostics.render.style import paint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Diagnostic, Label
    from flowc.diagnostics.render import Look
    from flowc.source import SourceFile


def render(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """All of them, a blank line between two."""
    return "\n".join("\n".join(_one(d, look)) + "\n" for d in diagnostics)


def _one(diagnostic: Diagnostic, look: Look) -> Iterator[str]:
    severity = diagnostic.severity.value
    head = paint(f"{severity}[{diagnostic.rule.code}]", severity, colour=look.colour)
    message = paint(f": {plain(diagnostic.message)}", "bold", colour=look.colour)
    yield head + message
    files = _by_file(diagnostic)
    drawable = [labels for file, labels in files if file.text]
    gutter = max((len(str(widest_line_number(labels))) for labels in drawable), default=1)
    bar = " " * (gutter + 1) + paint("|", "gutter", colour=look.colour)
    for index, (file, labels) in enumerate(files):
        arrow = paint("-->" if index == 0 else ":::", "gutter", colour=look.colour)
        yield f"{' ' * gutter}{arrow} {_place(file, labels[0][0], look)}"
        if file.text:
            yield bar
            yield from draw(file, labels, gutter, look.columns, colour=look.colour)
    facts = list(_facts(diagnostic))
    if facts and drawable:
        yield bar
    for fact in facts:
        yield from _fact(fact, gutter, look)


def _by_file(diagnostic: Diagnostic) -> list[tuple[SourceFile, list[tuple[Label, str]]]]:
    """Labels with their styles, by file; the primary's file and the primary itself come first."""
    files: dict[str, tuple[SourceFile, list[tuple[Label, str]]]] = {}
    first = [(diagnostic.primary, diagnostic.severity.value)]
    for label, style in first + [(label, "secondary") for label in diagnostic.secondary]:
        file = label.span.file
        files.setdefault(file.path, (file, []))[1].append((label, style))
    return list(files.values())


def _place(file: SourceFile, label: Label, look: Look) -> str:
    path = plain(look.display(file))
    if not file.text:
        return path
    line, column = file.place(label.span.start)
    return f"{path}:{line}:{column}"


def _facts(diagnostic: Diagnostic) -> Iterator[str]:
    yield from diagnostic.notes
    for text in diagnostic.helps:
        yield f"help: {text}"
    fix = diagnostic.fix
    if fix is None:
        return
    if fix.applicability is Applicability.SAFE:
        yield f"fix available: {_inner(fix.title)}; run `flowc check --fix`"
    else:
        yield f"suggestion: {_inner(fix.title)}"


def _inner(title: str) -> str:
    """A title that follows a colon."""
    return title[:1].lower() + title[1:]


def _fact(fact: str, gutter: int, look: Look) -> Iterator[str]:
    """`= help: …`; further lines stand under the first one's text."""
    lines = fact.split("\n")
    head, colon, rest = lines[0].partition(": ")
    indent = len(head) + 2 if colon and head == "help" else 0
    if colon and head == "help":
        first = paint("help", "help", colour=look.colour) + ": " + plain(rest)
    else:
        first = plain(lines[0])
    yield f"{' ' * (gutter + 1)}{paint('=', 'gutter', colour=look.colour)} {first}"
    for line in lines[1:]:
        yield f"{' ' * (gutter + 3 + indent)}{plain(line)}".rstrip()
