"""`flowc submit`: a run of a deployed flow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.deploying.engine import context_option, dry_run_option, engine_command
from flowc.cli.deploying.inputs import Start, flow_meant
from flowc.cli.options import flow_option, quiet_option, submit_setting_options, target_option
from flowc.cli.output import say, write
from flowc.cli.running.command import FlowCommand
from flowc.cli.running.start import checked_tags

if TYPE_CHECKING:
    from flowc.cli.deploying.inputs import Meant
    from flowc.cli.deploying.remote import Remote

_HELP = """Start a run of a deployed flow: of the one in FILE, or the one deployed as NAME. Its id is printed.

Parameters are given as options by their own names, as to `flowc run`. With --origin-run the new run takes
over what that one finished, wherever it was made, and has its parameters; --from STEP runs that step and all
that follows it again.

\b
Examples:
  flowc submit flow.py --target argo --alpha 0.1 --wait
  flowc submit train --target stepfunctions --alpha 0.1
  flowc submit flow.py --target argo --origin-run argo-train-x7k2p --from fit

\b
Exit codes: 0 started (--wait: succeeded), 1 failed or cancelled, 2 trouble.
"""


@click.command("submit", cls=FlowCommand, help=_HELP, context_settings={"allow_extra_args": True})
@click.argument("file", metavar="FILE|NAME")
@target_option
@click.option("--origin-run", metavar="RUN", help="The run to resume.")
@click.option("--from", "from_step", metavar="STEP", help="The step to run again; with --origin-run.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Mark the run; may be repeated.")
@click.option("--wait", is_flag=True, help="Wait for the end, with a line for what changes.")
@dry_run_option
@context_option
@flow_option
@submit_setting_options
@quiet_option
@click.pass_context
@engine_command
def command(
    ctx: click.Context,
    /,
    *,
    file: str,
    target: str | None,
    flow: str | None,
    wait: bool,
    quiet: bool,
    **flags: object,
) -> int:
    """See the help above."""
    flags["tags"] = checked_tags(flags.get("tags"))
    start = Start(**{name: flags.pop(name) for name in Start._fields})  # type: ignore[arg-type]
    if start.from_step is not None and start.origin_run is None:
        raise click.UsageError("`--from` needs `--origin-run`: it says which run's results are taken over")
    meant = flow_meant(file, target, flow, flags)
    if meant is None:
        return 1
    remote = _start(ctx, meant, start)
    if remote is None:
        return 0
    write(sys.stdout, remote.run_id + "\n")
    if not wait:
        if not quiet:
            say(f"how far it is: flowc status {remote.run_id}")
        return 0
    from flowc.cli.deploying.follow import follow

    return follow(remote, quiet=quiet).exit_code


def _start(ctx: click.Context, meant: Meant, start: Start) -> Remote | None:
    """The run, started; None where it was only to be shown. Raises DeployFault."""
    if meant.target == "argo":
        from flowc.cli.deploying.on_argo import start_run
    else:
        from flowc.cli.deploying.on_stepfunctions import start_run
    return start_run(ctx, meant, start)
