"""The options that several commands share, and what they ask of the configuration.

Flags carry text; `entries` makes values of it, as it does for environment variables, so that a
setting takes the same words everywhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from flowc.cli.configuration.entries import TARGETS, entries
from flowc.cli.configuration.load import Asked, Configuration, load_configuration, setting_from_text
from flowc.cli.project import find_root, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowc.source import Sources

F = TypeVar("F", bound="Callable[..., object]")

# Flag → setting, what stands for its value in the help, and the help.
_TEXT_FLAGS = (
    ("--image", "image", "IMAGE", "The container image of every step that names none."),
    ("--datastore", "datastore", "URL", "Where artifacts go: s3://bucket/prefix or file:///folder."),
    ("--code", "code", "embed|image", "Embed the code in the bundle, or expect it in the image."),
    ("--max-workers", "max_workers", "N", "Tasks at once in a run (16)."),
    ("--max-num-splits", "max_num_splits", "N", "Items of one foreach (100)."),
    ("--max-visits", "max_visits", "N", "Passes of one loop (50)."),
    ("--branch", "branch", "NAME", "The branch of @project."),
    ("--name", "name", "NAME", "The base of every object's name, instead of the flow's."),
    ("--namespace", "argo.namespace", "NAME", "argo: the namespace written into the objects."),
    ("--service-account", "argo.service_account", "NAME", "argo: an existing service account."),
    ("--job-queue", "stepfunctions.job_queue", "ARN", "stepfunctions: the AWS Batch job queue."),
    ("--partition", "stepfunctions.partition", "NAME", "stepfunctions: aws, aws-cn or aws-us-gov."),
    ("--max-peak-tasks", "max_peak_tasks", "N", "Refuse flows with a higher peak of tasks."),
    ("--max-peak-cpu", "max_peak_cpu", "CORES", "Likewise of CPU cores."),
    ("--max-peak-memory", "max_peak_memory", "SIZE", "Likewise of memory: 64000 (MB) or 64GiB."),
    ("--max-peak-gpu", "max_peak_gpu", "N", "Likewise of GPUs."),
)


# What shapes a run on this machine; the rest is for manifests.
_RUN_FLAGS = frozenset(
    "--datastore --max-workers --max-num-splits --max-visits --branch --image --service-account --job-queue".split()
)
# What names a deployed flow and its place, or is an input that its manifest left open.
_SUBMIT_FLAGS = frozenset({"--image", "--datastore", "--branch", "--name", "--namespace"})
# What a run of a deployed flow cannot be given: it is in the manifest.
SHAPING_FLAGS = frozenset(flag for flag, *_ in _TEXT_FLAGS) - _SUBMIT_FLAGS
SHAPING_FLAGS |= {"--with", "--include", "--config", "--config-value"}

_WITH = click.option(
    "--with",
    "decorators",
    multiple=True,
    metavar="DECORATOR",
    help="Attach a decorator to every step that lacks it: retry:times=2.",
)
_PRODUCTION = click.option("--production", is_flag=True, help="Deploy @project as production.")
_INCLUDE = click.option("--include", multiple=True, metavar="PATH", help="Embed this file or folder too.")
_CONFIGS = (
    click.option(
        "--config",
        "config_files",
        multiple=True,
        nargs=2,
        metavar="NAME PATH",
        help="A Config's value from a file.",
    ),
    click.option(
        "--config-value", multiple=True, nargs=2, metavar="NAME VALUE", help="A Config's value itself."
    ),
)
_GENERAL = (
    click.option("--set", "set_", multiple=True, metavar="KEY=VALUE", help="Any setting of [tool.flowc]."),
    click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME]."),
)


def setting_options(function: F) -> F:
    """Add every flag that is a setting, `--env` and `--set`."""
    flags = [_text_option(*row) for row in _TEXT_FLAGS]
    return _with_options(function, (*flags, _WITH, _PRODUCTION, _INCLUDE, *_CONFIGS, *_GENERAL))


def run_setting_options(function: F) -> F:
    """Add the flags that a run on this machine heeds."""
    flags = [_text_option(*row) for row in _TEXT_FLAGS if row[0] in _RUN_FLAGS]
    return _with_options(function, (*flags, _WITH, _PRODUCTION, *_CONFIGS, *_GENERAL))


def submit_setting_options(function: F) -> F:
    """Add the flags that tell which deployed flow is meant, and what it asks for."""
    flags = [_text_option(*row) for row in _TEXT_FLAGS if row[0] in _SUBMIT_FLAGS]
    return _with_options(function, (*flags, _PRODUCTION, *_GENERAL))


def resume_setting_options(function: F) -> F:
    """Add the flags that may differ from those of the run to resume, whose configurations are kept."""
    flags = [_text_option(*row) for row in _TEXT_FLAGS if row[0] in _RUN_FLAGS]
    return _with_options(function, (*flags, _WITH, _PRODUCTION, *_GENERAL))


def _text_option(flag: str, _: str, metavar: str, text: str) -> Callable[[F], F]:
    return click.option(flag, _variable(flag), metavar=metavar, help=text)


def _with_options(function: F, options: Sequence[Callable[[F], F]]) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def flow_option(function: F) -> F:
    """Add `--flow`."""
    return click.option("--flow", metavar="NAME", help="Which flow, where the file has several.")(function)


def format_option(function: F) -> F:
    """Add `--format` for diagnostics."""
    from flowc.diagnostics.render import FORMATS

    choice = click.Choice(FORMATS)
    return click.option(
        "--format", "form", type=choice, default="text", show_default=True, help="How diagnostics are shown."
    )(function)


def quiet_option(function: F) -> F:
    """Add `--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="Print only diagnostics and the product.")(
        function
    )


class Entry(NamedTuple):
    """A flow file of the command line: its project's root and its path from there."""

    root: str
    path: str


def entry_of(path: str) -> Entry:
    """The flow file `path`; a usage error where it cannot be one."""
    if os.path.isdir(path):
        raise click.UsageError(
            f"`{path}` is a folder; give one flow file (`flowc check {path}` takes folders)"
        )
    if not os.path.exists(path):
        raise click.UsageError(f"there is no file `{path}`")
    root = find_root(os.path.dirname(os.path.abspath(path)))
    return Entry(root, inside(root, path))


def configure(root: str, flags: Mapping[str, object], sources: Sources | None = None) -> Configuration:
    """The configuration of the project at `root` under the flags of the command line."""
    profile = flags.get("profile")
    asked = Asked(profile if isinstance(profile, str) else None, dict(_asked(root, flags)))
    return load_configuration(root, asked, os.environ, sources)


def _asked(root: str, flags: Mapping[str, object]) -> Mapping[str, object]:
    values: dict[str, object] = {}
    for flag, key, _, _ in _TEXT_FLAGS:
        text = flags.get(_variable(flag))
        if isinstance(text, str):
            values[key] = setting_from_text(key, text, f"`{flag}`")
    if flags.get("production"):
        values["production"] = True
    for text in _several(flags, "set_"):
        key, equals, value = str(text).partition("=")
        key = _known(key.strip(), has_value=bool(equals))
        values[key] = setting_from_text(key, value, f"`--set {key}`")
    if decorators := _several(flags, "decorators"):
        values["with"] = decorators
    if include := _several(flags, "include"):
        values["include"] = tuple(inside(root, str(path)) for path in include)
    if configs := _several(flags, "config_files"):
        values["configs"] = {name: inside(root, path) for name, path in configs}
    if configs := _several(flags, "config_value"):
        values["config_values"] = dict(configs)
    return values


def words_of_run(flags: Mapping[str, object]) -> list[str]:
    """The settings of a run that these flags gave, as words of another command line."""
    words = []
    for flag, *_ in _TEXT_FLAGS:
        text = flags.get(_variable(flag))
        if flag in _RUN_FLAGS and isinstance(text, str):
            words += [flag, text]
    for flag, name in (("--set", "set_"), ("--with", "decorators")):
        words += [word for text in _several(flags, name) for word in (flag, str(text))]
    profile = flags.get("profile")
    words += ["--env", profile] if isinstance(profile, str) else []
    return [*words, "--production"] if flags.get("production") else words


def _several(flags: Mapping[str, object], name: str) -> tuple[tuple[str, str], ...]:
    found = flags.get(name)
    return found if isinstance(found, tuple) else ()


def _known(key: str, *, has_value: bool) -> str:
    from flowc.diagnostics.suggest import nearest

    if key not in entries():
        near = nearest(key, entries())
        hint = f"; did you mean `{near}`?" if near else ""
        raise click.UsageError(f"`--set {key}`: there is no such setting{hint}")
    if not has_value:
        raise click.UsageError(f"`--set {key}` needs a value: `--set {key}=…`")
    return key


def _variable(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def target_option(function: F) -> F:
    """Add `--target` of a command that takes one."""
    return click.option(
        "-t", "--target", type=click.Choice(TARGETS), multiple=True, callback=_only_target,
        help="The engine; needed unless one is configured.",
    )(function)  # fmt: skip


def _only_target(_context: click.Context, _option: click.Parameter, asked: Sequence[str]) -> str | None:
    """The flag's value; where it is given twice, the last one does not just win."""
    if len(set(asked)) > 1:
        from flowc.diagnostics.wording import listed

        raise click.UsageError(f"one target at a time, not both {listed(asked)}")
    return asked[0] if asked else None


def target_of(asked: str | None, configuration: Configuration) -> str:
    """The one target of a command: the flag's, else the only one configured."""
    if asked is not None:
        return asked
    if len(configuration.targets) == 1:
        return configuration.targets[0]
    raise click.UsageError("choose a target: " + " or ".join(f"`--target {name}`" for name in TARGETS))
