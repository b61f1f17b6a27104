"""`flowc run`: a flow on this machine, each task its own process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowc.cli.options import configure, entry_of, flow_option, format_option, run_setting_options
from flowc.cli.reading import read_project
from flowc.cli.running.carry_out import Asked, carry_out, run_options, words_to_resume
from flowc.cli.running.command import FlowCommand, option_names, others
from flowc.cli.running.parameters import parameter_values
from flowc.launch.server_process import started_ahead

if TYPE_CHECKING:
    from flowc.cli.options import Entry
    from flowc.ir.program import Program

_HELP = """Run the flow in FILE on this machine; `@kubernetes` and `@batch` send a step's tasks to a cluster.

Parameters are given as options by their own names, before or after FILE, or as variables
METAFLOW_RUN_NAME; `flowc run FILE --help` lists them. Artifacts go to the configured datastore when it is a
file:// one, else to .flowc/store in the project's folder.

\b
Examples:
  flowc run flow.py
  flowc run flow.py --alpha 0.1 --max-workers 4
  flowc run flow.py --with retry:times=2 --tag nightly
  flowc run flow.py --with kubernetes:memory=8000   every task as a pod
"""


# Words that are left over are reported after the options beside them, whose fault they may be.
@click.command("run", cls=FlowCommand, help=_HELP, context_settings={"allow_extra_args": True})
@click.argument("file", type=click.Path())
@flow_option
@run_options
@run_setting_options
@format_option
@click.pass_context
def command(ctx: click.Context, /, *, file: str, flow: str | None, form: str, **flags: object) -> int:
    """See the help above."""
    ctx.with_resource(started_ahead(str(flags["isolate"])))
    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    project, program = read_project(entry, configuration, flow, form, os.environ)
    if program is None:
        return 1
    values = _parameter_values(ctx, program, entry)
    again = words_to_resume(file, flow, flags)
    return carry_out(Asked(project, program, configuration, flags, again), values, form)


def _parameter_values(ctx: click.Context, program: Program, entry: Entry) -> dict[str, object]:
    """What the command line and the environment give the flow; a usage error where something is wrong."""
    folder = os.path.dirname(os.path.join(entry.root, entry.path))
    parameters = program.graph.parameters.values()
    values = parameter_values(parameters, others(ctx), os.environ, option_names(ctx), folder)
    if ctx.args:
        raise click.UsageError(
            f"nothing takes the word `{ctx.args[0]}`: parameters are given as `--name value`"
        )
    return values
