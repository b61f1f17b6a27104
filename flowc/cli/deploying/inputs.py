"""The inputs of a run on an engine: typed values of the command line, from a flow's file or what was deployed.

Invariant: what is unknown, of a wrong type or missing is refused here, before anything starts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.backends.naming import flow_name
from flowc.cli.deploying.files import with_files_sent
from flowc.cli.options import SHAPING_FLAGS, configure, entry_of, target_of
from flowc.cli.output import say
from flowc.cli.project import find_root
from flowc.cli.running.command import option_names, others
from flowc.cli.running.origin import find_origin
from flowc.cli.running.parameters import parameter_values, spellings
from flowc.cli.running.reuse import changes, code_digests
from flowc.deploy.faults import DeployFault
from flowc.ir.params import Parameter, ParameterType
from flowc.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowc.frontend.project.modules import Project
    from flowc.ir.program import Program
    from flowc.target.settings import Settings


class Meant(NamedTuple):
    """The deployed flow that a command means. `program` is None where its name alone was given."""

    target: str
    name: str
    settings: Settings
    project: Project | None
    program: Program | None
    folder: str


class Start(NamedTuple):
    """How a run is to be started."""

    origin_run: str | None
    from_step: str | None
    tags: tuple[str, ...]
    context: str | None
    dry_run: bool


def flow_meant(word: str, target: str | None, flow: str | None, flags: Mapping[str, object]) -> Meant | None:
    """The flow of a file, else the one deployed under the name; None after an error in the file."""
    if not word.endswith(".py") and not os.path.exists(word):
        configuration = configure(find_root(os.getcwd()), flags)
        return Meant(target_of(target, configuration), word, configuration.settings, None, None, os.getcwd())
    from flowc.cli.reading import read_project

    entry = entry_of(word)
    configuration = configure(entry.root, flags)
    chosen = target_of(target, configuration)
    project, program = read_project(entry, configuration, flow, "text")
    if program is None:
        return None
    folder = os.path.dirname(os.path.join(entry.root, entry.path))
    return Meant(
        chosen, flow_name(program, configuration.settings), configuration.settings, project, program, folder
    )


def declared(name: str, kind: str, *, required: bool) -> Parameter:
    """A parameter as the deployed flow declares it."""
    types = {each.value: each for each in ParameterType}
    nowhere = Span(SourceFile("", ""), 0, 0)
    return Parameter(
        attribute=name, name=name, span=nowhere, type=types.get(kind, ParameterType.STR),
        default=None, required=required, help="", separator=",",
    )  # fmt: skip


def run_values(
    ctx: click.Context, meant: Meant, deployed: Collection[Parameter], start: Start
) -> dict[str, object]:
    """The values of the run's parameters that the command line gives; none where it resumes another run.

    That run's parameters count then, and giving one is an error. Usage errors and DeployFault say what is wrong.
    """
    if start.origin_run is None:
        return _given(ctx, meant, deployed, dry_run=start.dry_run)
    _refuse_parameters(ctx, deployed)
    for line in _origin_notes(meant, start.origin_run, start.from_step):
        say(line)
    return {}


def _given(
    ctx: click.Context, meant: Meant, deployed: Collection[Parameter], *, dry_run: bool
) -> dict[str, object]:
    """The values that are given, by parameter.

    Where the flow's file is given its own parameters count, and must be those of the deployed flow. Files
    of this machine are sent to the datastore, unless it is a `dry_run`.
    """
    wanted = list(meant.program.graph.parameters.values()) if meant.program else list(deployed)
    _refuse_shaping(ctx, wanted)
    values = parameter_values(wanted, others(ctx), os.environ, option_names(ctx), meant.folder)
    known = {parameter.name for parameter in deployed}
    needed = {parameter.name for parameter in deployed if parameter.required}
    stale = sorted(values.keys() - known) or sorted(needed - values.keys())
    if stale:
        raise DeployFault(
            f"the deployed `{meant.name}` was made from another flow than this one: they differ in the parameter "
            f"`{stale[0]}`; `flowc deploy` brings it up to date"
        )
    return with_files_sent(meant, wanted, values, dry_run=dry_run)


def _refuse_shaping(ctx: click.Context, wanted: Iterable[Parameter]) -> None:
    """What only a new manifest can have is met with the command that makes one."""
    own = {spelling for parameter in wanted for spelling in spellings(parameter.name)}
    for option, _, _ in others(ctx):
        if option in SHAPING_FLAGS - own:
            raise click.UsageError(
                f"`{option}` is part of what was deployed: give it to `flowc deploy`, and then start a run"
            )


def _refuse_parameters(ctx: click.Context, parameters: Iterable[Parameter]) -> None:
    """A run that resumes another one has that run's parameters."""
    named = {spelling for parameter in parameters for spelling in spellings(parameter.name)}
    for option, _, _ in others(ctx):
        if option in named:
            raise click.UsageError(
                f"`{option}` cannot be given with `--origin-run`: parameters are those of the run that is resumed"
            )
        raise click.UsageError(f"neither flowc nor the flow has an option `{option}`")


def tell_other_code(meant: Meant, deployed_sha256: object) -> None:
    """Say so where the deployed code is not that of the file and its imports."""
    if meant.project is None or not isinstance(deployed_sha256, str):
        return
    from flowc.compiler import embed

    if embed(meant.project, meant.settings).sha256 not in {"", deployed_sha256}:
        say(
            f"flowc: `{meant.name}` was deployed from other code than this, and runs that; `flowc deploy` brings it "
            "up to date"
        )


def _origin_notes(meant: Meant, origin_run: str, from_step: str | None) -> list[str]:
    """What is to be said of the run to resume; a usage error where it cannot be.

    Only where the flow's file and a datastore are known can this be told before the run begins.
    """
    from flowc.runtime.store import StoreError

    if meant.program is None or meant.project is None or meant.settings.datastore is None:
        return []
    try:
        origin = find_origin(meant.settings.datastore, meant.program, origin_run, from_step)
        return changes(origin.description.get("code") or {}, code_digests(meant.project), origin_run)
    except StoreError as error:
        return [f"flowc: the run {origin_run} could not be looked at from here ({error}); the new run will"]
