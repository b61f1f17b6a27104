"""The part of a source file that a diagnostic speaks of, drawn with its labels.

    9 |     self.next(self.a, self.b)
      |     ^^^^      ------  ------ second
      |     |         |
      |     |         first
      |     primary

A label on one line is underlined; the rightmost one's text stands beside it, the others hang
below, from right to left. A label over several lines is a bracket in the margin, opened by `/`
or by a rule from the margin to its first character, closed by a rule to its last one.

Invariant: a drawn line is never wider than the window, except by the text of its labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics.render.cells import cut_cells, lay_out, plain, text_width
from flowc.diagnostics.render.style import paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Label
    from flowc.source import SourceFile, Span

_WHOLE_BRACKET = 6  # a bracket of at most so many lines is shown whole
_CONTEXT = 20  # cells kept around the marks of a line too long to be shown whole


class Mark(NamedTuple):
    """A label in cells: lines from 1, cells from 0, the end exclusive."""

    first: int
    start: int
    last: int
    end: int
    text: str
    style: str

    @property
    def sign(self) -> str:
        """What underlines it."""
        return "-" if self.style == "secondary" else "^"


class Row(NamedTuple):
    """Signs at their cells of the page, then text at its own cell. The page begins with the margin."""

    signs: dict[int, tuple[str, str]]
    text: str = ""
    at: int = 0
    style: str = ""


class Window(NamedTuple):
    """The visible part of a line: its text, the line's cell it begins with, where that is on the page."""

    text: str
    first: int
    at: int

    def place(self, cell: int) -> int:
        """Where a cell of the line stands on the page, at most one beyond the visible part."""
        return min(max(cell - self.first, 0), text_width(self.text)) + self.at


def draw(
    file: SourceFile, labels: list[tuple[Label, str]], gutter: int, columns: int, *, colour: bool
) -> Iterator[str]:
    """The lines of an excerpt: `labels` with their styles, `gutter` digits for line numbers."""
    marks = [_mark(file, label, style) for label, style in labels]
    brackets = _columns([m for m in marks if m.first != m.last])
    singles = [m for m in marks if m.first == m.last]
    margin = 2 * len({column for _, column in brackets})
    bar = paint("|", "gutter", colour=colour)
    before = 0
    for number in _lines_shown(marks):
        if before and number > before + 1:
            yield _gap(brackets, before, number, gutter, colour=colour)
        before = number
        here = [m for m in singles if m.first == number]
        focus = [m.start for m in here] + _bracket_cells(brackets, number)
        window = _window(file.line(number), focus, margin, columns - gutter - margin - 3)
        side = _margin(brackets, number, file)
        head = paint(f"{number:>{gutter}}", "gutter", colour=colour)
        yield f"{head} {bar} {_paint_signs(side, margin, colour=colour)}{window.text}".rstrip()
        for row in (*_under(here, window), *_bracket_rows(brackets, number, file, window)):
            signs = _open_beside(brackets, number) | row.signs
            line = _paint_signs(signs, row.at if row.text else 0, colour=colour)
            yield f"{' ' * gutter} {bar} {line}{paint(row.text, row.style, colour=colour)}".rstrip()


def widest_line_number(labels: list[tuple[Label, str]]) -> int:
    """The last line that any of the labels touches."""
    return max(_last_line(label.span) for label, _ in labels)


def _last_line(span: Span) -> int:
    return span.file.place(max(span.start, min(span.end, len(span.file.text)) - 1))[0]


def _mark(file: SourceFile, label: Label, style: str) -> Mark:
    size = len(file.text)
    start = min(label.span.start, size)
    first, column = file.place(start)
    last = _last_line(label.span)
    end = min(max(label.span.end, start), size)
    cells = lay_out(file.line(first))[1]
    begin = cells[min(column - 1, len(cells) - 1)]
    last_cells = cells if last == first else lay_out(file.line(last))[1]
    stop = last_cells[min(end - file.line_starts[last - 1], len(last_cells) - 1)]
    if last == first:
        stop = max(stop, begin + 1)
    return Mark(first, begin, last, max(stop, 1), plain(label.text), style)


def _columns(brackets: list[Mark]) -> list[tuple[Mark, int]]:
    """A margin column for each bracket: the first one free from its first line on."""
    ends: list[int] = []
    placed: list[tuple[Mark, int]] = []
    for mark in sorted(brackets, key=lambda m: (m.first, -m.last)):
        free = next((i for i, end in enumerate(ends) if end < mark.first), len(ends))
        ends[free : free + 1] = [mark.last]
        placed.append((mark, free))
    return placed


def _lines_shown(marks: list[Mark]) -> list[int]:
    lines: set[int] = set()
    for mark in marks:
        if mark.last - mark.first < _WHOLE_BRACKET:
            lines.update(range(mark.first, mark.last + 1))
        else:
            lines.update((mark.first, mark.first + 1, mark.last - 1, mark.last))
    # A single line left out takes no more room than its mark would.
    lines.update(n + 1 for n in list(lines) if n + 2 in lines)
    return sorted(lines)


def _gap(brackets: list[tuple[Mark, int]], before: int, after: int, gutter: int, *, colour: bool) -> str:
    open_here = {2 * c: ("|", m.style) for m, c in brackets if m.first <= before and m.last >= after}
    bar = paint("|", "gutter", colour=colour)
    if not open_here:
        return f"{' ' * gutter} {bar}"
    dots = paint("...".ljust(gutter + 3), "gutter", colour=colour)
    return f"{dots}{_paint_signs(open_here, 0, colour=colour)}".rstrip()


def _bracket_cells(brackets: list[tuple[Mark, int]], number: int) -> list[int]:
    return [m.start for m, _ in brackets if m.first == number] + [
        m.end for m, _ in brackets if m.last == number
    ]


def _window(line: str, focus: list[int], margin: int, columns: int) -> Window:
    """The part of a line to show: all of it, or what surrounds the marks, with `…` where it is cut."""
    printed, cells = lay_out(line)
    total = cells[-1]
    columns = max(columns, 3 * _CONTEXT)
    if total <= columns:
        return Window(printed, 0, margin)
    first = min(focus, default=0)
    first = 0 if first <= columns - 2 * _CONTEXT else min(first - _CONTEXT, total - columns + 1)
    room = columns - (first > 0)
    cut = first + room < total
    part = cut_cells(printed, first, first + room - cut)
    return Window(("…" if first else "") + part + ("…" if cut else ""), first, margin + (first > 0))


def _margin(brackets: list[tuple[Mark, int]], number: int, file: SourceFile) -> dict[int, tuple[str, str]]:
    signs = {}
    for mark, column in brackets:
        if mark.first < number <= mark.last:
            signs[2 * column] = ("|", mark.style)
        elif mark.first == number and _opens_line(mark, file):
            signs[2 * column] = ("/", mark.style)
    return signs


def _opens_line(mark: Mark, file: SourceFile) -> bool:
    line = file.line(mark.first)
    return lay_out(line[: len(line) - len(line.lstrip())])[1][-1] >= mark.start


def _open_beside(brackets: list[tuple[Mark, int]], number: int) -> dict[int, tuple[str, str]]:
    """The margin beside the annotation rows of line `number`: brackets that go on below the line."""
    return {2 * c: ("|", m.style) for m, c in brackets if m.first <= number <= m.last}


def _under(marks: list[Mark], window: Window) -> list[Row]:
    """The underlines of a line and the texts below it."""
    if not marks:
        return []
    ordered = sorted(marks, key=lambda m: (m.start, m.end))
    signs: dict[int, tuple[str, str]] = {}
    for mark in sorted(ordered, key=lambda m: m.sign == "^"):  # the primary is drawn last, over the others
        begin, end = window.place(mark.start), window.place(mark.end)
        signs.update(dict.fromkeys(range(begin, max(end, begin + 1)), (mark.sign, mark.style)))
    beside = max(ordered, key=lambda m: (m.end, m.start))
    hanging = [m for m in ordered if m is not beside and m.text]
    rows = [Row(signs, beside.text, max(signs) + 2, beside.style)]
    if hanging:
        rows.append(Row({window.place(m.start): ("|", m.style) for m in hanging}))
    while hanging:
        mark = hanging.pop()
        left = {window.place(m.start): ("|", m.style) for m in hanging if m.start < mark.start}
        rows.append(Row(left, mark.text, window.place(mark.start), mark.style))
    return rows


def _bracket_rows(
    brackets: list[tuple[Mark, int]], number: int, file: SourceFile, window: Window
) -> Iterator[Row]:
    """The rules that open and close brackets on a line."""
    for mark, column in brackets:
        if mark.first == number and not _opens_line(mark, file):
            yield _rule(mark, column, window.place(mark.start), "", corner=" ")
    for mark, column in reversed(brackets):
        if mark.last == number:
            yield _rule(mark, column, window.place(mark.end - 1), mark.text, corner="|")


def _rule(mark: Mark, column: int, target: int, text: str, *, corner: str) -> Row:
    signs = dict.fromkeys(range(2 * column + 1, target), ("_", mark.style))
    signs[2 * column] = (corner, mark.style)
    signs[target] = (mark.sign, mark.style)
    return Row(signs, text, target + 2, mark.style)


def _paint_signs(signs: dict[int, tuple[str, str]], length: int, *, colour: bool) -> str:
    """Signs at their cells, blanks between, at least `length` cells; neighbours of one style share a colour."""
    size = max(length, max(signs, default=-1) + 1)
    out: list[str] = []
    run, style = "", ""
    for cell in range(size):
        char, wanted = signs.get(cell, (" ", style if cell not in signs else ""))
        if wanted != style:
            out.append(paint(run, style, colour=colour) if style else run)
            run, style = "", wanted
        run += char
    out.append(paint(run, style, colour=colour) if style else run)
    return "".join(out)
