"""What is said of a manifest's line: the value, whose it is, the source behind it, and why it is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.project import displayed, find_root, inside
from flowc.cli.provenance.origin import origin_of
from flowc.cli.provenance.reasons import reason_for
from flowc.cli.provenance.spot import spot_of
from flowc.cli.provenance.steps import part_of
from flowc.contract import unescape_name
from flowc.diagnostics.model import Sink
from flowc.diagnostics.wording import shortened
from flowc.manifest.placed.document import shown
from flowc.manifest.placed.read import read_manifest
from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.cli.provenance.origin import Origin
    from flowc.cli.provenance.reasons import Reason
    from flowc.cli.provenance.spot import Spot
    from flowc.cli.provenance.steps import Part
    from flowc.source import Span


class Explanation(NamedTuple):
    """One line of a manifest, explained."""

    spot: Spot
    part: Part
    origin: Origin
    steps: tuple[str, ...]
    reason: Reason | None
    places: tuple[Span, ...]

    def text(self) -> str:
        """Some lines for people."""
        key = self.spot.document.key(self.spot.path)
        lines = [
            f"{displayed(key.file)}:{key.line}  {shown(self.spot.path)}",
            f"  {shortened(self.spot.line, _WIDTH)}",
            "",
        ]
        lines.append(f"of {self._owner()}")
        lines += [f"  --> {_place(span)}  {shortened(_first_line(span), _WIDTH)}" for span in self.places]
        if not self.places:
            lines.append(f"  {self._missing()}")
        if self.reason is not None:
            lines += ["", f"{self.reason.text[0].upper()}{self.reason.text[1:]}."]
        return "\n".join(lines) + "\n"

    def document(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "path": shown(self.spot.path),
            "part": {"kind": self.part.kind, "name": self.part.name} if self.part.kind else None,
            "flow": self.origin.graph.name if self.origin.graph else None,
            "steps": list(self.steps),
            "places": [_place(span) for span in self.places],
            "reason": self.reason.text if self.reason else None,
        }

    def _owner(self) -> str:
        named = f"{self.part.kind} `{self.part.name}`" if self.part.kind else "the whole flow"
        if not self.steps:
            return named
        many = ", ".join(f"`{step}`" for step in self.steps[:_MOST])
        more = f" and {len(self.steps) - _MOST} more" if len(self.steps) > _MOST else ""
        return f"{named}, for step{'s' if len(self.steps) > 1 else ''} {many}{more}"

    def _missing(self) -> str:
        if self.origin.graph is not None:
            return f"in {self.origin.file}"
        if not self.origin.file:
            return "the manifest does not say which flow it was made from"
        return f"made from {self.origin.file}, which is not here or does not compile"


_MOST = 5  # steps named one by one


def explain_line(path: str, line: int) -> Explanation:
    """Line `line`, from 1, of the manifest `path`. Raises UsageError where there is nothing to explain."""
    file = _read(path)
    count = len(file.text.splitlines())
    if not 0 < line <= count:
        raise click.UsageError(f"`{path}` has {count} lines, and no line {line}")
    sink = Sink()
    spot = spot_of(read_manifest(file, sink), line)
    if len(sink) and spot is None:
        raise click.UsageError(f"`{path}` cannot be read: {next(iter(sink)).message}")
    if spot is None:
        raise click.UsageError(f"line {line} of `{path}` holds no value: it is empty or a comment")
    part = part_of(spot)
    origin = origin_of(path, file.text)
    known = origin.graph.steps if origin.graph else None
    named = tuple(map(unescape_name, part.steps))
    steps = tuple(step for step in named if known is None or step in known)
    reason = reason_for(part)
    return Explanation(spot, part, origin, steps, reason, _places(origin, steps, reason))


def _read(path: str) -> SourceFile:
    try:
        with open(path, encoding="utf-8-sig") as stream:
            text = stream.read()
    except OSError as error:
        raise click.UsageError(f"`{path}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"`{path}` is not UTF-8 text") from error
    root = find_root(os.path.dirname(os.path.abspath(path)))
    return SourceFile(inside(root, path), text, root)


def _places(origin: Origin, steps: Sequence[str], reason: Reason | None) -> tuple[Span, ...]:
    """What decides the value, then the step itself; the flow's class where no step is concerned."""
    graph = origin.graph
    if graph is None:
        return ()
    found: list[Span | None] = []
    for step in (graph.steps[name] for name in steps[:_MOST]):
        found += [reason.of_step(step) if reason and reason.of_step else None, step.span]
    if not steps:
        found += [reason.of_flow(graph) if reason and reason.of_flow else None, graph.span]
    return tuple(dict.fromkeys(span for span in found if span is not None))


def _place(span: Span) -> str:
    line, column = span.file.place(span.start)
    return f"{displayed(span.file)}:{line}:{column}"


def _first_line(span: Span) -> str:
    return span.file.line(span.line).strip()


_WIDTH = 100
