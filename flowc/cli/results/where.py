"""Which datastore, run, step and task a command means.

A run is `RUN`, `FLOW/RUN` or `latest`, and may go on with `/STEP` and `/PATH`. A flow's file before it
stands for its project and limits the flows, so that `python flow.py show latest` is of that flow.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, ParamSpec

import click

from flowc import contract
from flowc.dsl import MetaflowException
from flowc.runtime.client.errors import NoDatastore
from flowc.runtime.client.place import LOCAL_STORE, is_there, known_datastores
from flowc.runtime.client.stored import StoredRun, flow_names, run_ids, runs_newest_first
from flowc.runtime.store import StoreError, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowc.runtime.store import Store

P = ParamSpec("P")
LATEST = "latest"


class Results(NamedTuple):
    """A datastore, the flows in it that a command looks at, and other datastores where a run may be."""

    url: str
    store: Store
    flows: tuple[str, ...]
    others: tuple[str, ...] = ()


class Meant(NamedTuple):
    """What a RUN[/STEP[/PATH]] names."""

    run: StoredRun
    step: str | None
    path: str | None


def reading_command(function: Callable[P, int]) -> Callable[P, int]:
    """Add `--datastore` and `--env`; a datastore that cannot be read ends the command with its message."""

    @click.option(
        "--datastore", metavar="URL", help="Where the runs are: s3://bucket/prefix or file:///folder."
    )
    @click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME].")
    @functools.wraps(function)
    def run(*args: P.args, **options: P.kwargs) -> int:
        try:
            return function(*args, **options)
        except (StoreError, MetaflowException) as error:
            raise click.ClickException(str(error)) from error

    return run


def split_file(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """(the flow's file if the first word is one, the other words)."""
    if words and words[0].endswith(".py") and os.path.isfile(words[0]):
        return words[0], words[1:]
    return None, words


def open_results(file: str | None, datastore: str | None, profile: str | None) -> Results:
    """The datastore that the options, the environment and the project say. Raises StoreError, NoDatastore."""
    folder = os.path.dirname(os.path.abspath(file)) if file else os.getcwd()
    if file is not None and folder not in sys.path:
        # Values whose classes the file defines are loaded by its module's name.
        sys.path.insert(0, folder)
    first, *others = [datastore] if datastore else _datastores(folder, profile)
    store = open_store(first)
    root = first.removeprefix("file://")
    if root != first and not others and not is_there(root):
        raise NoDatastore(
            f"there is no folder {root}, so no run was made there; `--datastore URL` reads another place"
        )
    flows = flow_names(store)
    return Results(first, store, tuple(_defined_in(file, flows) if file else flows), tuple(others))


def read_meant(words: Sequence[str], datastore: str | None, profile: str | None) -> Meant:
    """What the words of a command mean: a flow's file or none, then RUN[/STEP[/PATH]]. Raises StoreError, NoDatastore."""
    file, rest = split_file(words)
    return find_meant(open_results(file, datastore, profile), only_word(rest, "RUN[/STEP[/PATH]]"))


def whole_run(results: Results, words: Sequence[str], command: str, what: str) -> StoredRun:
    """The run that a command's word names; a usage error that says `what` where it names a part of one."""
    run, step, _ = find_meant(results, only_word(words, "RUN"))
    if step is not None:
        raise click.UsageError(f"{what}: `flowc {command} {run.flow}/{run.run_id}`")
    return run


def only_word(words: Sequence[str], what: str) -> str:
    """The one word there must be; a usage error otherwise."""
    if len(words) == 1:
        return words[0]
    given = f"not {len(words)} words" if words else "and none was given; `latest` is the newest run"
    raise click.UsageError(f"this command takes one {what}, {given}")


def find_meant(results: Results, text: str) -> Meant:
    """The run, step and path that a text names; a usage error with the nearest names otherwise."""
    try:
        return _find_in(results, text)
    except _NoRunError as error:
        for url in results.others:
            try:
                store = open_store(url)
                return _find_in(Results(url, store, tuple(flow_names(store))), text)
            except _NoRunError:
                continue
            except StoreError as fault:
                raise click.UsageError(f"{error.message}; and {url} cannot be read: {fault}") from fault
        raise


class _NoRunError(click.UsageError):
    """The datastore has no such run."""


def _find_in(results: Results, text: str) -> Meant:
    parts = text.strip("/").split("/")
    flow = parts.pop(0) if len(parts) > 1 and parts[0] in results.flows else None
    run = _find_run(results, flow, parts[0])
    if len(parts) > 3:
        raise click.UsageError(f"`{text}` goes too deep: a task is RUN/STEP/PATH")
    step, path = (*parts[1:], None, None)[:2]
    if step is not None and step not in (known := run.steps()):
        raise click.UsageError(f"{_shown(run)} has no step `{step}`{_hint(step, known)}")
    if step is not None and path is not None and path not in (known := run.paths(step)):
        raise click.UsageError(f"{_shown(run)} has no task `{step}/{path}`{_hint(path, known)}")
    return Meant(run, step, path)


def newest_runs(results: Results, flows: Iterable[str]) -> list[StoredRun]:
    """The runs of some flows, the newest first."""
    runs = [run for flow in flows for run in runs_newest_first(results.store, flow)]
    return sorted(runs, key=lambda run: run.created or 0.0, reverse=True)


def _datastores(folder: str, profile: str | None) -> list[str]:
    from flowc.cli.options import configure
    from flowc.cli.project import find_root

    configured = configure(find_root(folder), {"profile": profile}).settings.datastore
    asked = configured and os.environ.get(contract.ENV_DATASTORE)
    found = [configured] if configured and asked else known_datastores(folder, configured)
    if not found:
        raise NoDatastore(
            f"there is no run here: no {LOCAL_STORE} in this folder or above it, and no `datastore` under [tool.flowc]; "
            "`flowc run` makes one, `--datastore URL` reads another one"
        )
    return found


def _defined_in(file: str, flows: Iterable[str]) -> list[str]:
    with open(file, encoding="utf-8", errors="replace") as stream:
        names = set(re.findall(r"^\s*class\s+(\w+)", stream.read(), re.MULTILINE))
    return [flow for flow in flows if flow in names]


def _find_run(results: Results, flow: str | None, run_id: str) -> StoredRun:
    flows = results.flows if flow is None else (flow,)
    if run_id == LATEST:
        runs = newest_runs(results, flows)
        if not runs:
            raise _NoRunError(f"there is no run in {results.url}")
        return runs[0]
    known = {name: run_ids(results.store, name) for name in flows}
    owners = [name for name in flows if run_id in known[name]]
    if len(owners) > 1:
        choice = " or ".join(f"`{name}/{run_id}`" for name in owners)
        raise click.UsageError(f"several flows have a run `{run_id}`: say {choice}")
    if not owners:
        raise _NoRunError(_no_run(results, run_id, [each for name in flows for each in known[name]]))
    return StoredRun(results.store, owners[0], run_id)


def _no_run(results: Results, run_id: str, known: list[str]) -> str:
    if run_id in results.flows:
        return f"`{run_id}` is a flow; its newest run is `{run_id}/{LATEST}`, and `flowc runs {run_id}` lists all"
    from flowc.diagnostics.suggest import nearest

    near = nearest(run_id, [*known, *results.flows])
    none = "; `flowc runs` lists those there are" if known else "; no run was made there"
    hint = f"; did you mean `{near}`?" if near else none
    return f"there is no run `{run_id}` in {results.url}{hint}"


def _hint(word: str, known: Sequence[str]) -> str:
    from flowc.diagnostics.suggest import nearest

    near = nearest(word, known)
    if near:
        return f"; did you mean `{near}`?"
    shown = ", ".join(f"`{name}`" for name in islice(known, 8))
    return f"; it has {shown}" + ", …" * (len(known) > 8) if shown else ""


def _shown(run: StoredRun) -> str:
    return f"the run {run.flow}/{run.run_id}"
