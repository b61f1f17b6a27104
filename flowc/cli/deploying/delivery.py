"""What is deployed: a flow compiled now, or a bundle as it was committed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.bundle.destination import read_bytes, read_record
from flowc.cli.options import configure, entry_of, target_of
from flowc.manifest.bundle import BundleFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.target.settings import Settings

_SUFFIXES = {"argo": (".yaml", ".yml"), "stepfunctions": (".json", ".zip")}
_STACK = "template.json"
# What of a command line concerns the place that a committed bundle goes to, or what it leaves open.
_OF_THE_PLACE = frozenset({"namespace", "image", "datastore", "job_queue", "profile"})


class Delivery(NamedTuple):
    """The files of a bundle, their target, and the settings in force."""

    target: str
    files: tuple[BundleFile, ...]
    settings: Settings


class Manner(NamedTuple):
    """How it is deployed and told."""

    dry_run: bool
    force: bool
    as_json: bool
    quiet: bool


def delivery_of(
    source: str, target: str | None, flow: str | None, flags: Mapping[str, object]
) -> Delivery | None:
    """What a flow's file, a bundle's folder or its stream in a YAML file holds; None after an error in the flow."""
    if os.path.isdir(source) or source.endswith(_SUFFIXES["argo"]):
        return _committed(source, target, flags)
    return _compiled(source, target, flow, flags)


def _compiled(
    source: str, target: str | None, flow: str | None, flags: Mapping[str, object]
) -> Delivery | None:
    from flowc.backends.table import backend
    from flowc.cli.reading import compile_entry

    entry = entry_of(source)
    configuration = configure(entry.root, flags)
    chosen = target_of(target, configuration)
    done = compile_entry(entry, configuration, backend(chosen), flow, "text")
    return Delivery(chosen, done.bundle.files, configuration.settings) if done else None


def _committed(source: str, target: str | None, flags: Mapping[str, object]) -> Delivery:
    _refuse_settings(source, flags)
    settings = configure(os.path.abspath(source), flags).settings
    if not os.path.isdir(source):
        if target == "stepfunctions":
            raise click.UsageError(
                f"`{source}` is YAML; a bundle for Step Functions is a folder with {_STACK}"
            )
        return Delivery("argo", _read(os.path.dirname(source), [os.path.basename(source)]), settings)
    found = _files_by_target(source)
    if target is None and len(found) != 1:
        several = "holds bundles of both targets: choose one with `--target`"
        raise click.UsageError(
            f"`{source}` " + (several if found else "holds no bundle: `flowc compile … -o` makes one")
        )
    chosen = target or next(iter(found))
    if chosen not in found:
        raise click.UsageError(f"`{source}` holds no bundle for {chosen}, but one for {', '.join(found)}" if found
                               else f"`{source}` holds no bundle: `flowc compile … -o {source}` makes one")  # fmt: skip
    return Delivery(chosen, _read(source, found[chosen]), settings)


def _files_by_target(folder: str) -> dict[str, list[str]]:
    """The names of a folder's files for each target: those that its record tells, else those that look so."""
    found: dict[str, list[str]] = {}
    for owner, owned in read_record(folder).items():
        found.setdefault(owner.partition(" ")[0], []).extend(sorted(owned))
    if found:
        return found
    names = sorted(os.listdir(folder))
    if _STACK in names:
        found["stepfunctions"] = [name for name in names if name.endswith(_SUFFIXES["stepfunctions"])]
    if manifests := [name for name in names if name.endswith(_SUFFIXES["argo"])]:
        found["argo"] = manifests
    return found


def _read(folder: str, names: Iterable[str]) -> tuple[BundleFile, ...]:
    files = []
    for name in dict.fromkeys(names):
        content = read_bytes(os.path.join(folder, name))
        if content is None:
            raise click.UsageError(f"`{os.path.join(folder, name)}` is missing; compile the bundle again")
        files.append(BundleFile(name, content))
    return tuple(files)


def _refuse_settings(source: str, flags: Mapping[str, object]) -> None:
    """A committed bundle is deployed as it is: what would have shaped it comes too late."""
    late = [name for name, value in flags.items() if value and name not in _OF_THE_PLACE]
    if late:
        raise click.UsageError(
            f"`--{late[0].rstrip('_').replace('_', '-')}` cannot change a bundle that was compiled before: "
            f"deploy the flow's file with it, or compile `{source}` anew"
        )
