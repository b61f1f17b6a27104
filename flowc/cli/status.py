"""`flowc status`: how far a run on an engine is."""

from __future__ import annotations

import click

from flowc.cli.deploying.engine import context_option, engine_command, namespace_option
from flowc.cli.deploying.remote import remote_run

_HELP = """Show how far RUN is, as its engine says: `argo-…` on the cluster of the kubeconfig, `sfn-…` in AWS.

A run of Step Functions whose flow its id does not tell is written NAME/RUN. What tasks left is in the
datastore: `flowc show`, `flowc logs` and `flowc dump` read it.

\b
Examples:
  flowc status argo-train-x7k2p
  flowc status sfn-train-3f2a1c --json | jq -r .state

\b
Exit codes: 0 pending, running or succeeded, 1 failed or cancelled, 2 trouble.
"""


@click.command("status", help=_HELP)
@click.argument("run")
@click.option("--wait", is_flag=True, help="Wait for the end, with a line for what changes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/status.schema.json).")
@context_option
@namespace_option
@click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME].")
@engine_command
def command(
    *, run: str, wait: bool, as_json: bool, context: str | None, namespace: str | None, profile: str | None
) -> int:
    """See the help above."""
    from flowc.cli.deploying.follow import follow
    from flowc.cli.deploying.states import print_status, status_document
    from flowc.cli.results.documents import print_document

    remote = remote_run(run, context, namespace, profile)
    status = follow(remote, quiet=False) if wait else remote.look()
    if as_json:
        print_document(status_document(status))
    elif not wait:
        print_status(status)
    return status.exit_code if status.state.ended else 0
