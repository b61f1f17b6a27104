"""A run from its options to its exit code: what `flowc run` and `flowc resume` do alike.

Lines of tasks and the live view go to standard output, flowc's own words to standard error.
"""

from __future__ import annotations

import gc
import getpass
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from flowc.cli.options import words_of_run
from flowc.cli.output import say, write
from flowc.cli.running.endings import say_done, say_failed, say_interrupted, say_stuck
from flowc.cli.running.local_secrets import with_local_secrets
from flowc.cli.running.remote import refuse_unsendable, remote_steps, where_steps_run
from flowc.cli.running.reuse import changes, code_digests
from flowc.cli.running.start import checked_tags, datastore_of, keep_out_of_git, new_run_id, triggers_of
from flowc.compiler import embed
from flowc.frontend.project.outside import outside_imports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.cli.configuration.load import Configuration
    from flowc.frontend.project.modules import Project
    from flowc.ir.program import Program
    from flowc.local.report import Report
    from flowc.local.run import LocalRun

F = TypeVar("F", bound="Callable[..., object]")


class Asked(NamedTuple):
    """What a command line asks to be run. `again` are the words of a `flowc resume` that goes on with it.

    `origin_code` are the digests of the files of the run that is resumed.
    """

    project: Project
    program: Program
    configuration: Configuration
    flags: Mapping[str, object]
    again: tuple[str, ...]
    origin_code: Mapping[str, str] = {}


def run_options(function: F) -> F:
    """Add the options of a run that are no settings."""
    options = (
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="Mark the run; may be repeated."),
        click.option(
            "--trigger",
            "triggers",
            multiple=True,
            metavar="FLOW/RUN",
            help="Let `current.trigger` say that the end of this run started it; may be repeated.",
        ),
        click.option(
            "--run-id-file", metavar="FILE", help="Write the run's id here before the first task starts."
        ),
        click.option(
            "--isolate",
            type=click.Choice(("fork", "spawn")),
            default="fork",
            show_default=True,
            help="Fork tasks from a warm process where that is safe, or start each anew.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print what tasks print, and failures."),
        click.option("--namespace", hidden=True),
        click.option("--max-log-size", hidden=True),
    )
    for option in reversed(options):
        function = option(function)
    return function


def carry_out(
    asked: Asked,
    parameters: Mapping[str, object],
    form: str,
    *,
    origin: str | None = None,
    from_step: str | None = None,
) -> int:
    """Run the program; the exit code: 0, 1 where a task failed, 2 for trouble, 128 and more after a signal.

    `form` is how diagnostics are shown.
    """
    run = _local_run(asked, parameters, origin, from_step)
    if refuse_unsendable(run, form):
        return 1
    quiet = bool(asked.flags.get("quiet"))
    _say_ignored(asked.flags)
    gc.enable()  # a run may take days; commands that end at once do without
    keep_out_of_git(run.datastore)
    if not quiet:
        say(_beginning(run))
        for line in where_steps_run(run):
            say(line)
        for line in changes(asked.origin_code, run.code, run.origin or ""):
            say(line)
    return _ended(run, asked.again, quiet=quiet)


def _local_run(
    asked: Asked, parameters: Mapping[str, object], origin: str | None, from_step: str | None
) -> LocalRun:
    """What the scheduler is given; a usage error for tags, secrets or a file that cannot be."""
    from flowc.local.run import LocalRun

    flags, configuration = asked.flags, asked.configuration
    program = with_local_secrets(asked.program, configuration, os.environ)
    remote = remote_steps(program)
    datastore = datastore_of(configuration, flags.get("datastore"), remote=bool(remote))
    return LocalRun(
        program=program,
        settings=configuration.settings,
        datastore=datastore,
        triggers=triggers_of(datastore, flags.get("triggers")),
        tags=checked_tags(flags.get("tags")),
        run_id=new_run_id(program.graph.name, flags.get("run_id_file")),
        root=configuration.root,
        parameters=parameters,
        origin=origin,
        from_step=from_step,
        user=_user(),
        isolate=str(flags.get("isolate")),
        code=code_digests(asked.project),
        preload=_preload(asked.project, program),
        remote=remote,
        archive=embed(asked.project, configuration.settings) if remote else None,
    )


def _ended(run: LocalRun, again: tuple[str, ...], *, quiet: bool) -> int:
    """Run to the end, and say how that came."""
    from flowc.local.early import Interrupted
    from flowc.local.run import TaskFailed
    from flowc.local.session import run_locally

    report = _report(run)
    try:
        try:
            run_locally(run, report)
        finally:
            report.close()
    except TaskFailed as failure:
        return say_failed(failure, run, report.progress, again)
    except Interrupted as failure:
        return say_interrupted(failure, run, report.progress, again)
    except _troubles() as error:
        return say_stuck(error, run, report.progress, again)
    return 0 if quiet else say_done(run, report.progress)


def _troubles() -> tuple[type[Exception], ...]:
    """What keeps a run from going on and is no fault of a task."""
    from flowc.launch.base import LaunchFault
    from flowc.runtime.origin import OriginFault
    from flowc.runtime.store import StoreError

    return LaunchFault, OriginFault, StoreError


def _beginning(run: LocalRun) -> str:
    what = f"Run {run.run_id} of {run.program.graph.name}"
    if run.origin is None:
        return f"{what} begins."
    place = f" from `{run.from_step}` on" if run.from_step else ""
    return f"{what} resumes {run.origin}{place}."


def _report(run: LocalRun) -> Report:
    from flowc.local.report import Live, Plain

    def to_output(text: str) -> None:
        write(sys.stdout, text)

    if not (sys.stdout.isatty() and sys.stderr.isatty()) or os.environ.get("TERM") == "dumb":
        return Plain(run.program, run.run_id, to_output)
    return Live(run.program, run.run_id, to_output, _columns)


def _columns() -> int:
    return os.get_terminal_size(sys.stdout.fileno()).columns or 80


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return ""


def _preload(project: Project, program: Program) -> tuple[str, ...]:
    """What may be imported once for all tasks: nothing where a step's own variables may shape an import."""
    specs = [step.spec for step in program.graph.steps.values()]
    return () if any(spec.environment or spec.secrets for spec in specs) else outside_imports(project)


def words_to_resume(file: str, flow: str | None, flags: Mapping[str, object]) -> tuple[str, ...]:
    """What of a command line a `flowc resume` of its run must repeat to find it and to go on in its way."""
    return (file, *(() if flow is None else ("--flow", flow)), *words_of_run(flags))


def _say_ignored(flags: Mapping[str, object]) -> None:
    """Tell that options of Metaflow's command line were taken and change nothing."""
    for name in ("namespace", "max_log_size"):
        if flags.get(name) is not None:
            say(f"flowc: `--{name.replace('_', '-')}` is Metaflow's and changes nothing here")
