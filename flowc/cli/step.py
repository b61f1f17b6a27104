"""`flowc step`: one task, as a manifest starts it in its container."""

from __future__ import annotations

import click

_HELP = """Run one task of a run: what a manifest starts in a container. NAME is the step.

Everything else is told by the environment (FLOWC_DATASTORE, FLOWC_RUN_ID, FLOWC_PATH, …), which manifests
and `flowc run` set. The exit code is the task's: 0, 1 where the step raised, 65 for a limit, 70 for the
datastore or the code, 71 for @timeout, 143 after SIGTERM.

\b
Examples:
  flowc step start
"""


@click.command("step", help=_HELP)
@click.argument("name")
def command(*, name: str) -> int:
    """See the help above. `flowc.cli.main` comes here for `--help` and faults alone."""
    from flowc.runtime.main import main

    return main(["step", name])
