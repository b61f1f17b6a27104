"""Files of this machine that a run on an engine is given: put into its datastore, where tasks read them.

Each lies under its digest beside the flow's large values, so that the same file is sent once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowc import contract
from flowc.deploy.faults import DeployFault
from flowc.ir.params import ParameterType
from flowc.runtime.store import StoreError, open_store
from flowc.runtime.store.digest import blob_key, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.cli.deploying.inputs import Meant
    from flowc.ir.params import Parameter

REMOTE = "s3://"


def with_files_sent(
    meant: Meant, parameters: Iterable[Parameter], values: Mapping[str, object], *, dry_run: bool
) -> dict[str, object]:
    """The values, each path of an included file replaced by the address at which tasks find its bytes.

    Raises a usage error where nothing tells an address that tasks can read, DeployFault where the file
    cannot be sent. A `dry_run` sends nothing.
    """
    sent = dict(values)
    for parameter in parameters:
        path = values.get(parameter.name)
        if parameter.type is ParameterType.FILE and isinstance(path, str) and not path.startswith(REMOTE):
            sent[parameter.name] = _send(meant, parameter.name, path, dry_run=dry_run)
    return sent


def _send(meant: Meant, option: str, path: str, *, dry_run: bool) -> str:
    datastore = meant.settings.datastore or ""
    if meant.program is None or not datastore.startswith(REMOTE):
        raise click.UsageError(
            f"`--{option}` cannot send a file of this machine to the run's tasks: {_why_not(meant)}, or a file at {REMOTE}…"
        )
    try:
        with open(path, "rb") as stream:
            content = stream.read()
        folder = f"{contract.escape_name(meant.program.graph.name)}/{contract.BLOBS_FOLDER}"
        store = open_store(datastore)
        name = digest([content]) if dry_run else store.put_blob(folder, [content])
        return store.place(blob_key(folder, name))
    except OSError as error:
        raise click.UsageError(f"`--{option}` cannot be read: {error.strerror}: `{path}`") from error
    except StoreError as error:
        raise DeployFault(f"`{path}` cannot be sent to the run's tasks: {error}") from error


def _why_not(meant: Meant) -> str:
    if meant.program is None:
        return "the flow was given by its name alone; give its file"
    datastore = meant.settings.datastore
    why = f"`{datastore}` is no place that both reach" if datastore else "no datastore is configured"
    return f"{why}; give `--datastore {REMOTE}…`"
