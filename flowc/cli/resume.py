"""`flowc resume`: a new run that takes over what an earlier one finished, and runs the rest."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowc.cli.options import configure, entry_of, flow_option, format_option, resume_setting_options
from flowc.cli.output import say
from flowc.cli.reading import analyze_entry, shown
from flowc.cli.running.carry_out import Asked, carry_out, run_options, words_to_resume
from flowc.cli.running.command import FlowCommand, option_names, others
from flowc.cli.running.origin import find_origin, with_configs_of
from flowc.cli.running.parameters import spellings
from flowc.cli.running.remote import remote_steps
from flowc.cli.running.start import datastore_of
from flowc.diagnostics.suggest import nearest
from flowc.dsl import MetaflowException
from flowc.launch.server_process import started_ahead

if TYPE_CHECKING:
    from flowc.ir.program import Program

_HELP = """Resume a run of the flow in FILE: a new run takes over every task that the other one finished, and runs
the rest. With STEP, that step and all that follows it run again.

The parameters are those of the run that is resumed; the code is the file's as it is now. The run may have
been made on Argo or Step Functions, where the datastore is shared.

\b
Examples:
  flowc resume flow.py                              the newest run of the flow
  flowc resume flow.py --origin-run-id train-3f2a1c
  flowc resume flow.py fit --max-num-splits 200     from the step `fit` on
"""


class _Resume(FlowCommand):
    """Knows the flow's parameters only to refuse them: they are those of the run that is resumed."""

    takes_parameters = False


@click.command("resume", cls=_Resume, help=_HELP)
@click.argument("file", type=click.Path())
@click.argument("step", required=False)
@click.option("--origin-run-id", metavar="ID", help="The run to resume; by default the flow's newest.")
@flow_option
@run_options
@resume_setting_options
@format_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    file: str,
    step: str | None,
    origin_run_id: str | None,
    flow: str | None,
    form: str,
    **flags: object,
) -> int:
    """See the help above."""
    from flowc.runtime.store import StoreError

    ctx.with_resource(started_ahead(str(flags["isolate"])))
    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    analysis = analyze_entry(entry, configuration, flow, os.environ)
    resumed = analysis.program
    if resumed is None or not resumed.graph.configs:
        resumed = shown(analysis, form)
    if resumed is None:
        return 1
    _refuse_others(ctx, resumed)
    try:
        remote = bool(remote_steps(resumed))
        datastore = datastore_of(configuration, flags.get("datastore"), remote=remote)
        origin = find_origin(datastore, resumed, origin_run_id, step)
        if resumed.graph.configs:
            configuration = with_configs_of(origin, resumed, configuration)
            analysis = analyze_entry(entry, configuration, flow, os.environ)
            resumed = shown(analysis, form)
    except (StoreError, MetaflowException) as error:
        raise click.ClickException(str(error)) from error
    if resumed is None:
        return 1
    if not origin.ending and not flags.get("quiet"):
        say(f"flowc: nothing tells that the run {origin.run_id} ended: it was killed, or still runs")
    again = words_to_resume(file, flow, flags)
    code = origin.description.get("code") or {}
    asked = Asked(analysis.project, resumed, configuration, flags, again, code)
    return carry_out(asked, {}, form, origin=origin.run_id, from_step=step)


def _refuse_others(ctx: click.Context, program: Program) -> None:
    """A usage error for parameters, which the run to resume has, and for what nobody knows."""
    parameters = {spelling for p in program.graph.parameters.values() for spelling in spellings(p.name)}
    for option, _, _ in others(ctx):
        if option in (*parameters, "--config", "--config-value"):
            raise click.UsageError(
                f"`{option}` cannot be given to `flowc resume`: parameters and configurations are those of the run "
                "that is resumed; `flowc run` starts one with others"
            )
        near = nearest(option, option_names(ctx))
        hint = f"; did you mean `{near}`?" if near else ""
        raise click.UsageError(f"`flowc resume` has no option `{option}`{hint}")
