"""`flowc compile`: one flow to the manifests of one target."""

from __future__ import annotations

import sys

import click

from flowc.backends.table import backend
from flowc.cli.options import (
    configure,
    entry_of,
    flow_option,
    format_option,
    quiet_option,
    setting_options,
    target_of,
    target_option,
)
from flowc.cli.output import say, write_bytes
from flowc.cli.reading import compile_entry

_HELP = """Turn the flow in FILE into manifests for one target.

Without -o the manifests go to standard output: for Argo a stream that `kubectl apply --server-side
-f -` takes, for Step Functions the state machine. With -o DIR a whole bundle is written, with
kustomization.yaml or a CloudFormation template; with -o FILE (.yaml, .json) the stream.

\b
Examples:
  flowc compile flow.py --target argo | kubectl apply --server-side -f -
  flowc compile flow.py --target argo -o deploy/train
  flowc compile flow.py --target stepfunctions --image registry.example.com/me/train:1.4 --datastore s3://data/flows -o deploy/
  flowc compile flow.py --target argo -o deploy/train --check     # in CI: are the committed files current?

\b
Exit codes: 0 written (--check: current), 1 an error in the flow (--check: stale), 2 a wrong call.
"""


@click.command("compile", help=_HELP)
@click.argument("file", type=click.Path())
@target_option
@click.option(
    "-o", "--output", metavar="DIR|FILE", help="Write a bundle into a folder, or the stream into a file."
)
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 1 and show what is stale.")
@flow_option
@setting_options
@format_option
@quiet_option
def command(
    *, file: str, target: str | None, output: str | None, check_only: bool, flow: str | None, form: str, quiet: bool,
    **flags: object,
) -> int:  # fmt: skip
    """See the help above."""
    if check_only and output in {None, "-"}:
        raise click.UsageError("`--check` compares with the files of `-o`: say where they are")
    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    chosen = target_of(target, configuration)
    done = compile_entry(entry, configuration, backend(chosen), flow, form)
    if done is None:
        return 1
    if output is None or output == "-":
        write_bytes(done.bundle.stream)
        return 0
    from flowc.cli.bundle.destination import Destination, write_bundle
    from flowc.cli.bundle.staleness import check_bundle

    destination = Destination(output, chosen, done.program.graph.name)
    if check_only:
        return check_bundle(done, destination, _without_check(), sys.stdout)
    for line in write_bundle(done, destination, configuration.settings):
        if not quiet:
            say(line)
    return 0


def _without_check() -> str:
    """The command line that writes what this one checks."""
    import shlex

    words = click.get_current_context().obj or ("compile", "…")
    return shlex.join(["flowc", *(word for word in words if word != "--check")])
