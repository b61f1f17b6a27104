"""Tracebacks as a flow's author reads them: without flowc's own frames, which say nothing to a user."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from traceback import TracebackException

_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def user_traceback(error: BaseException) -> str:
    """The text of an exception and of those behind it. One with no frame but flowc's keeps them all."""
    import traceback

    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    for part in _chain(shown):
        users = [frame for frame in part.stack if not frame.filename.startswith(_OWN)]
        if users:
            part.stack = traceback.StackSummary.from_list(users)
    return "".join(shown.format())


def _chain(shown: TracebackException) -> list[TracebackException]:
    """An exception with those it was raised from or while handling."""
    found: list[TracebackException] = []
    waiting: list[TracebackException | None] = [shown]
    while waiting:
        part = waiting.pop()
        if part is not None and all(part is not other for other in found):
            found.append(part)
            waiting += [part.__cause__, part.__context__]
    return found
