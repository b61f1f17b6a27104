"""A method's body as a control-flow graph of what it does to artifacts.

The front end builds it from syntax once, so that no pass looks at `ast`. Block 0 is the entry.
An edge is taken when a block's events are done; a block without successors ends the method, by
returning or by raising. Inside `try`, each event that may raise ends its block, with an edge to
the handlers.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.ir.values import Value
    from flowc.source import Span


@dataclass(frozen=True, slots=True)
class Read:
    """`self.name` is read. `guarded`: in a `try`, or behind `hasattr`/`getattr` with a default."""

    name: str
    span: Span
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """`self.name` is assigned; `self.n += 1` is a `Read` and a `Write`."""

    name: str
    span: Span
    value: Value


@dataclass(frozen=True, slots=True)
class Delete:
    """`del self.name`. `guarded`: in a `try` that catches what it raises."""

    name: str
    span: Span
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """`hasattr(self, 'name')` was true: on this path the artifact is there, whoever assigned it."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Mutate:
    """The value of `self.name` may change in place (`self.xs.append(1)`, `fill(self.xs)`, `ys = self.xs`).

    It is no assignment; what was known of a list, set, dict or object is no longer known.
    """

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`self.method(…)`: a method of the class, whose body acts on the same artifacts."""

    method: str
    span: Span


@dataclass(frozen=True, slots=True)
class InputRead:
    """An artifact of a join's inputs: `inputs.a.x`, `inputs[0].x`, or `i.x` for `i in inputs`.

    `branch` is the step named, the index, or None for any of them; `name` is None where only the
    branch is named.
    """

    branch: str | int | None
    name: str | None
    span: Span
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """`self.merge_artifacts(inputs, include=…, exclude=…)`; None where the list is not static or absent.

    `static` is False where the lists cannot be folded: anything may be merged. `fault` says what is
    wrong with the arguments, and what to write instead.
    """

    span: Span
    include: tuple[str, ...] | None
    exclude: tuple[str, ...] | None
    static: bool = True
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TaskRead:
    """`self.input`, `self.index` or `self.foreach_stack`: something of the task, no artifact."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Escape:
    """Code the compiler cannot see through (`setattr`, `__dict__`, `self` passed on): verdicts become "may"."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Next:
    """A `self.next` call: the arm of the step's transition that this place takes, by its key.

    A switch stands as several in a row, one for each arm it may take.
    """

    span: Span
    key: str


Event: TypeAlias = (
    Read | Write | Delete | Present | Mutate | Call | InputRead | Merge | TaskRead | Escape | Next
)


class Ending(Enum):
    """How control leaves a block."""

    FLOW = "flow"  # to its successors
    RETURN = "return"
    RAISE = "raise"  # `raise`, `sys.exit`, an endless loop


@dataclass(frozen=True, slots=True)
class BodyBlock:
    """Events in order, then one of `successors` (indices into `MethodBody.blocks`)."""

    events: tuple[Event, ...]
    successors: tuple[int, ...]
    ending: Ending = Ending.FLOW


@dataclass(frozen=True, slots=True)
class MethodBody:
    """A method's control-flow graph."""

    name: str
    span: Span
    blocks: tuple[BodyBlock, ...]
