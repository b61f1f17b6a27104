"""`flowc undeploy`: take away what `flowc deploy` made."""

from __future__ import annotations

import click

from flowc.cli.deploying.engine import (
    context_option,
    dry_run_option,
    engine_command,
    open_cluster,
)
from flowc.cli.deploying.inputs import flow_meant
from flowc.cli.deploying.outcomes import printed
from flowc.cli.options import flow_option, submit_setting_options, target_option
from flowc.cli.output import counted, say

_HELP = """Take away what `flowc deploy` made of the flow in FILE, or of the one deployed as NAME.

Results stay in the datastore. Embedded code stays too, since runs may need it: on Argo `flowc gc` removes what
no run names, on Step Functions it is left in S3.

\b
Examples:
  flowc undeploy flow.py --target argo --dry-run
  flowc undeploy train --target stepfunctions
"""


@click.command("undeploy", help=_HELP)
@click.argument("file", metavar="FILE|NAME")
@target_option
@dry_run_option
@click.option("--force", is_flag=True, help="Also while runs are under way.")
@context_option
@flow_option
@submit_setting_options
@engine_command
def command(
    *, file: str, target: str | None, flow: str | None, context: str | None, dry_run: bool, force: bool,
    **flags: object,
) -> int:  # fmt: skip
    """See the help above."""
    meant = flow_meant(file, target, flow, flags)
    if meant is None:
        return 1
    if meant.target == "argo":
        from flowc.deploy.argo.remove import code_of, undeploy

        cluster = open_cluster(context, meant.settings.argo.namespace)
        printed(undeploy(cluster, meant.name, dry_run=dry_run, force=force), would=dry_run)
        left = code_of(cluster, meant.name)
        if left:
            stay = "stays" if len(left) == 1 else "stay"
            say(f"{counted(len(left), 'ConfigMap')} with code {stay}; `flowc gc` removes what no run needs")
        return 0
    from flowc.deploy.stepfunctions.account import open_account
    from flowc.deploy.stepfunctions.remove import undeploy as undeploy_stack

    undeploy_stack(open_account(), meant.name, say, dry_run=dry_run, force=force)
    return 0
