"""`flowc cancel`: stop a run on an engine."""

from __future__ import annotations

import click

from flowc.cli.deploying.engine import context_option, dry_run_option, engine_command, namespace_option
from flowc.cli.deploying.remote import remote_run
from flowc.cli.output import say

_HELP = """Stop RUN: its tasks end, and what has finished is kept, so that another run can resume it.

The flow's exit hook runs on Argo, unless --no-hooks; Step Functions runs none for a run that is stopped.

\b
Examples:
  flowc cancel argo-train-x7k2p
  flowc submit train --target argo --origin-run argo-train-x7k2p      # and go on later
"""


@click.command("cancel", help=_HELP)
@click.argument("run")
@click.option("--no-hooks", is_flag=True, help="argo: end it without its exit hook.")
@dry_run_option
@context_option
@namespace_option
@click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME].")
@engine_command
def command(
    *,
    run: str,
    no_hooks: bool,
    dry_run: bool,
    context: str | None,
    namespace: str | None,
    profile: str | None,
) -> int:
    """See the help above."""
    remote = remote_run(run, context, namespace, profile)
    status = remote.look()
    if status.state.ended:
        say(f"{status.run_id} has ended already: {status.state.value}")
    elif dry_run:
        say(f"{status.run_id} would be stopped: it is {status.state.value}")
    else:
        remote.cancel(not no_hooks)
        say(f"{status.run_id} is being stopped; `flowc status {status.run_id}` tells when it has ended")
    return 0
