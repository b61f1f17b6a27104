"""`flowc run`: a flow on this machine, each task its own process."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.options import configure, entry_of, flow_option, format_option, setting_options
from flowc.cli.output import say, write
from flowc.cli.reading import read_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.ir.program import Program

_HELP = """Run the flow in FILE on this machine.

Parameters are given as options by their own names. Artifacts go to the configured datastore when
it is a file:// one, else to .flowc/store in the project's folder.

\b
Examples:
  flowc run flow.py
  flowc run flow.py --alpha 0.1 --max-workers 4
"""

_CONTEXT = {"ignore_unknown_options": True, "allow_extra_args": True}


@click.command("run", help=_HELP, context_settings=_CONTEXT)
@click.argument("file", type=click.Path())
@click.option("--run-id-file", metavar="FILE", help="Write the run's id here before the first task starts.")
@flow_option
@setting_options
@format_option
@click.pass_context
def command(
    ctx: click.Context, /, *, file: str, run_id_file: str | None, flow: str | None, form: str, **flags: object
) -> int:
    """See the help above."""
    from flowc.local.scheduler import LocalRun, TaskFailed, run_locally

    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    program = read_program(entry, configuration, flow, form)
    if program is None:
        return 1
    run_id = f"{program.graph.name.lower()}-{secrets.token_hex(3)}"
    if run_id_file is not None:
        with open(run_id_file, "w", encoding="utf-8") as stream:
            stream.write(run_id)
    run = LocalRun(
        program=program,
        settings=configuration.settings,
        datastore=_datastore(configuration.settings.datastore, entry.root),
        run_id=run_id,
        root=entry.root,
        parameters=_encoded(_parameters(program, ctx.args)),
        say=_print_line,
    )
    try:
        run_locally(run)
    except TaskFailed as failure:
        say(f"Workflow failed.\n    Step failure:\n    Step {failure.step} failed: {failure}.")
        return 1
    except KeyboardInterrupt:
        say(f"Workflow {run_id} was interrupted.")
        return 130
    say(f"Run {run_id} is done.")
    return 0


def _print_line(line: str) -> None:
    write(sys.stdout, line + "\n")


def _datastore(configured: str | None, root: str) -> str:
    if configured is not None and configured.startswith("file://"):
        return configured
    return "file://" + os.path.join(root, ".flowc", "store")


def _parameters(program: Program, arguments: Sequence[str]) -> Mapping[str, str]:
    """`--name value` and `--name=value` of the flow's own parameters; a usage error for any other word."""
    known = {f"--{parameter.name}": parameter.name for parameter in program.graph.parameters.values()}
    known |= {option.replace("_", "-"): name for option, name in known.items()}
    values: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option not in known:
            raise click.UsageError(_unknown(option, known))
        if not equals:
            try:
                value = next(words)
            except StopIteration:
                raise click.UsageError(f"`{option}` needs a value") from None
        values[known[option]] = value
    missing = [p.name for p in program.graph.parameters.values() if p.required and p.name not in values]
    if missing:
        raise click.UsageError(f"the flow's parameter `--{missing[0]}` is required")
    return values


def _unknown(option: str, known: Mapping[str, str]) -> str:
    from flowc.diagnostics.suggest import nearest

    near = nearest(option, known)
    hint = f"; did you mean `{near}`?" if near else ""
    return f"neither flowc nor the flow has an option `{option}`{hint}"


def _encoded(values: Mapping[str, str]) -> str:
    return base64.b64encode(json.dumps(values).encode()).decode()
