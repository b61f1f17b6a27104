"""Before a run's first task: its id, its tags, its datastore, and what cannot be run here."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import click

from flowc import contract
from flowc.cli.bundle.atomic import write_file
from flowc.cli.project import is_marked
from flowc.runtime.client.place import LOCAL_STORE, is_there
from flowc.runtime.client.stored import StoredRun
from flowc.runtime.client.tags import tag_fault
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from flowc.cli.configuration.load import Configuration

_LONGEST_NAME = 40  # of a flow, in the ids of its runs


def random_word() -> str:
    """What tells a run's id from others. `secrets` does the same, and takes longer to load than a small flow."""
    return os.urandom(3).hex()


def new_run_id(flow: str, path: object) -> str:
    """An id for a run of the flow; written to the file `path`, whole or not at all, if one is asked for."""
    name = contract.escape_name(flow.lower())[:_LONGEST_NAME].strip(
        "-"
    )  # no word of a command line begins so
    run_id = f"{name}-{random_word()}"
    if isinstance(path, str):
        write_file(path, run_id.encode())
    return run_id


def checked_tags(asked: object) -> tuple[str, ...]:
    """The tags of `--tag`, each once; a usage error for one that cannot be."""
    tags: tuple[str, ...] = asked if isinstance(asked, tuple) else ()
    for tag in tags:
        if fault := tag_fault(tag):
            raise click.UsageError(f"`--tag`: {fault}")
    return tuple(dict.fromkeys(tags))


def triggers_of(datastore: str, asked: object) -> tuple[dict[str, object], ...]:
    """The ends of the runs of `--trigger`, as an engine would tell them; a usage error for one that did not succeed."""
    paths: tuple[str, ...] = asked if isinstance(asked, tuple) else ()
    return tuple(_trigger(datastore, path) for path in paths)


def _trigger(datastore: str, path: str) -> dict[str, object]:
    flow, _, run_id = path.partition("/")
    run = StoredRun(open_store(datastore), flow, run_id) if flow.isidentifier() and run_id else None
    last = run.last_task() if run else None
    if last is None:
        raise click.UsageError(
            f"`--trigger {path}`: there is no such run in {datastore} that succeeded; it takes FLOW/RUN"
        )
    return {
        "type": "run",
        "name": f"metaflow.{flow}.{last.step}",
        "id": f"{contract.escape_name(flow)}/{run_id}/{contract.escape_name(last.step)}/{last.path}",
        "timestamp": last.ended,
    }


def datastore_of(configuration: Configuration, asked: object, *, remote: bool = False) -> str:
    """Where a run on this machine keeps its artifacts.

    That is what `--datastore` (`asked`) or FLOWC_DATASTORE says, or a folder that is configured. A
    configured s3:// address is where deployed flows write: runs of this machine go there when asked to,
    and where some of their steps are `remote`.
    """
    configured = configuration.settings.datastore
    wanted = remote or isinstance(asked, str) or bool(os.environ.get(contract.ENV_DATASTORE))
    if configured is not None and (wanted or configured.startswith("file://")):
        return configured
    return "file://" + os.path.join(_local_folder(configuration.root), LOCAL_STORE)


def _local_folder(root: str) -> str:
    """Where the runs of this machine are kept: in the project.

    Where nothing marks one, flows of neighbouring folders find each other's runs as under Metaflow: in
    the nearest folder upward that has runs, else in the working folder around the flow's.
    """
    if is_marked(root):
        return root
    at = root
    while not is_there(os.path.join(at, LOCAL_STORE)):
        if at == os.path.dirname(at):
            here = os.getcwd()
            return here if os.path.commonpath((here, root)) == here != at else root
        at = os.path.dirname(at)
    return at


def keep_out_of_git(datastore: str) -> None:
    """Have git ignore the folder that runs of this machine make in a project.

    Where that cannot be written, the run says so, and that another datastore could be.
    """
    folder = os.path.dirname(datastore.removeprefix("file://"))
    ignored = os.path.join(folder, ".gitignore")
    if os.path.basename(folder) == os.path.dirname(LOCAL_STORE) and not os.path.exists(ignored):
        with contextlib.suppress(click.UsageError):
            write_file(ignored, b"*\n")
