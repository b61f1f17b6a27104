"""`flowc gc`: remove embedded code that nothing names any more."""

from __future__ import annotations

import click

from flowc.cli.deploying.engine import (
    context_option,
    dry_run_option,
    engine_command,
    namespace_option,
    open_cluster,
)
from flowc.cli.deploying.outcomes import printed
from flowc.cli.deploying.remote import configured_namespace
from flowc.cli.output import say

_HELP = """Remove the ConfigMaps of embedded code that neither a WorkflowTemplate nor a run of the namespace names.

Those younger than an hour stay: what names them may be on its way. In AWS there is nothing to remove: earlier
revisions of job definitions cost nothing and are named by runs that somebody may redrive, and code in S3 stays,
since a bucket may serve accounts whose runs cannot be seen from here.
"""


@click.command("gc", help=_HELP)
@dry_run_option
@context_option
@namespace_option
@click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME].")
@engine_command
def command(*, dry_run: bool, context: str | None, namespace: str | None, profile: str | None) -> int:
    """See the help above."""
    from flowc.deploy.argo.remove import collect

    cluster = open_cluster(context, configured_namespace(namespace, profile))
    if not printed(collect(cluster, dry_run=dry_run), would=dry_run):
        say(f"nothing is left over in the namespace {cluster.namespace}")
    return 0
