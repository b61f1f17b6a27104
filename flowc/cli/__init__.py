"""The command line: one command a file, imported when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 clean, 1 a fault of the flow, 2 of the call or of flowc."""
    if arguments is None:
        # The process ends with the command, so nothing it makes need be collected: on a flow of
        # 10,000 steps the collector would take half of the time.
        import atexit
        import gc

        gc.disable()
        # Nor does it look through what is left at the end.
        atexit.register(gc.freeze)
    from flowc.cli.group import run

    return run(arguments)
