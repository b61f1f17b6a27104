"""The shape of a diagnostic, and the sink that collects them.

A user's fault is never raised: a stage reports it to the sink and goes on with what it has, so
that everything wrong in a file is shown at once. Our own faults are exceptions.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowc.source import Span


class Severity(Enum):
    """How bad it is: only errors stop the compiler."""

    ERROR = "error"
    WARNING = "warning"


class Applicability(Enum):
    """Whether `flowc check --fix` may apply a fix by itself."""

    SAFE = "safe"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of fault. `code` is `FC` and three digits, `name` kebab-case, `summary` one line."""

    code: str
    name: str
    severity: Severity
    summary: str


@dataclass(frozen=True, slots=True)
class Label:
    """A place and a few words on its part in the fault ("" for none)."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that do not overlap and together mend one diagnostic."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One fault in one place.

    `message` stands alone, names things in backticks and says what is wrong, not what to do.
    `notes` add facts; `helps` say what to do next.
    """

    rule: Rule
    severity: Severity
    message: str
    primary: Label
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    fix: Fix | None = None


class Sink:
    """Collects diagnostics; the same fault at the same place is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, str], Diagnostic] = {}

    def report(
        self,
        rule: Rule,
        where: Span | Label,
        message: str,
        *,
        secondary: Sequence[Label] = (),
        notes: Sequence[str] = (),
        helps: Sequence[str] = (),
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Record one fault. `severity` overrides the rule's (a target's rule while no target is chosen)."""
        primary = where if isinstance(where, Label) else Label(where)
        found = Diagnostic(
            rule=rule,
            severity=severity or rule.severity,
            message=message,
            primary=primary,
            secondary=tuple(secondary),
            notes=tuple(notes),
            helps=tuple(helps),
            fix=fix,
        )
        self.adopt((found,))

    def adopt(self, found: Iterable[Diagnostic]) -> None:
        """Take over what another sink collected."""
        for diagnostic in found:
            span = diagnostic.primary.span
            key = (diagnostic.rule.code, span.file.path, span.start, diagnostic.message)
            self._found.setdefault(key, diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """In source order: by file, place and code."""
        return iter(sorted(self._found.values(), key=_place))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether anything found stops the compiler."""
        return any(d.severity is Severity.ERROR for d in self._found.values())


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.primary.span
    return span.file.path, span.start, span.end, diagnostic.rule.code
