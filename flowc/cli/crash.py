"""FC901: what is shown when flowc itself fails."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from flowc import __version__
from flowc.diagnostics import catalog
from flowc.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Sink


@contextmanager
def crashes_recorded(path: str, root: str | None, sink: Sink) -> Iterator[None]:
    """A block in which an exception is a bug of flowc: it becomes FC901 of the file `path`, and the block ends.

    With FLOWC_DEBUG it is raised, for its traceback.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get("FLOWC_DEBUG"):
            raise
        record_crash(error, SourceFile(path, "", root), sink)


def record_crash(error: BaseException, file: SourceFile, sink: Sink) -> None:
    """Add FC901 for an exception met while `file` was read."""
    python = "{}.{}.{}".format(*sys.version_info)
    sink.report(
        catalog.INTERNAL_ERROR,
        Span(file, 0, 0),
        f"flowc failed in `{_place(error)}` with {type(error).__name__}: {_first_line(error)}",
        notes=[f"flowc {__version__} on Python {python}; this is a bug of flowc, not of the flow"],
        helps=["report it with this message, the flow if you can share it, and what FLOWC_DEBUG=1 shows"],
    )


def report_crash(error: BaseException) -> None:
    """Print FC901 of no particular file on standard error."""
    from flowc.cli.output import print_diagnostics
    from flowc.diagnostics.model import Sink

    sink = Sink()
    record_crash(error, SourceFile("flowc", ""), sink)
    print_diagnostics(list(sink), "text", sys.stderr)


def _place(error: BaseException) -> str:
    """The innermost place in flowc's own code: the stage and the line."""
    import traceback

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(package):
            module = frame.filename[len(package) :].replace(os.sep, "/").removesuffix(".py")
            return f"{module}:{frame.lineno}"
    return "flowc"


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else "no message"
