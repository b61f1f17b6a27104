"""What encloses the code being read, and the ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowc.frontend.body.builder import Function
    from flowc.source import Span


class Loop:
    """Where `break` and `continue` go."""

    __slots__ = ("after", "again")

    def __init__(self, after: int, again: int) -> None:
        self.after = after
        self.again = again


class Catch:
    """A `try` body with handlers. `exits`: they catch `SystemExit` too."""

    __slots__ = ("exits", "handlers")

    def __init__(self, handlers: int, *, exits: bool) -> None:
        self.handlers = handlers
        self.exits = exits


class Finally:
    """A `finally` on the way out: a block for each way that control leaves through it."""

    __slots__ = ("pending",)

    def __init__(self) -> None:
        self.pending: dict[Exit, int] = {}


class Inlined:
    """The body of a local function, read where it is called: `return` ends it at `after`."""

    __slots__ = ("after", "function")

    def __init__(self, after: int, function: Function) -> None:
        self.after = after
        self.function = function


Frame = Loop | Catch | Finally | Inlined


class Exit:
    """A way out of enclosing statements."""

    __slots__ = ("kind", "span")
    RETURN, RAISE, LEAVE, BREAK, CONTINUE, NORMAL = range(6)  # LEAVE: SystemExit

    def __init__(self, kind: int, span: Span | None = None) -> None:
        self.kind = kind
        self.span = span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exit) and self.kind == other.kind

    def __hash__(self) -> int:
        return self.kind


def way_out(frames: Sequence[Frame], way: Exit, block: Callable[[], int]) -> int | None:
    """The block to which a way leads, the next `finally` on it first; None where it ends the method.

    `block` makes a new one.
    """
    for frame in reversed(frames):
        match frame:
            case Finally():
                return _through(frame, way, block)
            case Loop() if way.kind in (Exit.BREAK, Exit.CONTINUE):
                return frame.after if way.kind == Exit.BREAK else frame.again
            case Catch() if way.kind == Exit.RAISE or (way.kind == Exit.LEAVE and frame.exits):
                return frame.handlers
            case Inlined() if way.kind == Exit.RETURN:
                return frame.after
            case _:
                continue
    return None


def caught_by(frames: Sequence[Frame], block: Callable[[], int]) -> int | None:
    """The block that is entered when something here raises; None outside of every `try`."""
    for frame in reversed(frames):
        if isinstance(frame, Catch):
            return frame.handlers
        if isinstance(frame, Finally):
            return _through(frame, Exit(Exit.RAISE), block)
    return None


def _through(frame: Finally, way: Exit, block: Callable[[], int]) -> int:
    if way not in frame.pending:
        frame.pending[way] = block()
    return frame.pending[way]
