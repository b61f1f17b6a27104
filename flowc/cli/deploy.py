"""`flowc deploy`: a flow, or a bundle that was committed, to a cluster or an AWS account."""

from __future__ import annotations

import click

from flowc.cli.deploying.delivery import Manner, delivery_of
from flowc.cli.deploying.engine import context_option, dry_run_option, engine_command
from flowc.cli.options import flow_option, quiet_option, setting_options, target_option

_HELP = """Deploy the flow in SOURCE: its file, the folder of a bundle that `flowc compile -o` wrote, or a YAML stream.

For Argo every object is made what the bundle says by server-side apply, with the kubeconfig that kubectl
uses. For Step Functions the code and the state machine go to S3 and a CloudFormation stack `flowc-NAME` is
made or changed, with the credentials and region that the AWS tools use. Deploying the same bundle again
changes nothing.

\b
Examples:
  flowc deploy flow.py --target argo --env prod
  flowc deploy deploy/train --dry-run                 # a committed bundle
  flowc deploy flow.py --target stepfunctions --job-queue flows --image registry.example.com/me/train:1.4
"""


@click.command("deploy", help=_HELP)
@click.argument("source", type=click.Path())
@target_option
@dry_run_option
@click.option("--force", is_flag=True, help="argo: take over fields that other tools keep otherwise.")
@click.option(
    "--stack-parameter", "stack_parameters", multiple=True, metavar="NAME=VALUE",
    help="stepfunctions: a parameter of the CloudFormation template.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/deploy.schema.json).")
@context_option
@flow_option
@setting_options
@quiet_option
@engine_command
def command(
    *,
    source: str,
    target: str | None,
    flow: str | None,
    stack_parameters: tuple[str, ...],
    context: str | None,
    dry_run: bool,
    **flags: object,
) -> int:
    """See the help above."""
    given = dict(_pair(text) for text in stack_parameters)
    manner = Manner(dry_run, *(bool(flags.pop(name)) for name in Manner._fields[1:]))
    delivery = delivery_of(source, target, flow, flags)
    if delivery is None:
        return 1
    if delivery.target == "argo":
        from flowc.cli.deploying.to_argo import deploy

        return deploy(delivery, context, manner)
    from flowc.cli.deploying.to_stepfunctions import deploy as deploy_stack

    return deploy_stack(delivery, given, manner)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"`--stack-parameter {text}` needs a value: `--stack-parameter {text}=…`")
    return name, value
