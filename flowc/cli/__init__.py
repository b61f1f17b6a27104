"""The command line: one command a file, imported when it is called."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 clean, 1 a fault of the flow, 2 of the call or of flowc."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) == 2 and words[0] == "step" and not words[1].startswith("-"):
        # A task in its container: it needs no command line, and its own Python may be an older one.
        from flowc.runtime.main import main as run_task

        return run_task(words)
    if sys.version_info < (3, 11):  # noqa: UP036 - the runtime runs on 3.9, and with it this module
        sys.stderr.write("flowc: the command line needs Python 3.11 or later (steps run on 3.9 and later)\n")
        return 2
    if arguments is None:
        if sys.getfilesystemencoding() == "ascii" and os.environ.get("PYTHONUTF8") != "1":
            _begin_anew_in_utf8()
        if None in (sys.stdin, sys.stdout, sys.stderr):
            from flowc.runtime.output import open_streams

            open_streams()
        # The process ends with the command, so nothing it makes need be collected: on a flow of
        # 10,000 steps the collector would take half of the time.
        import atexit
        import gc

        gc.disable()
        # Nor does it look through what is left at the end.
        atexit.register(gc.freeze)
    try:
        from flowc.cli.group import run
    except KeyboardInterrupt:
        return 130

    return run(arguments)


def _begin_anew_in_utf8() -> None:
    """Where the locale knows ASCII alone, no name or value of a flow beyond it could be read or passed on.

    Python itself takes UTF-8 there, unless PYTHONUTF8 and PYTHONCOERCECLOCALE keep it from it. Where its
    command line does (`-X utf8=0`), beginning anew changes nothing, and is not tried twice.
    """
    os.environ["PYTHONUTF8"] = "1"  # for tasks too, whose files and folders are the flow's
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - this very process
