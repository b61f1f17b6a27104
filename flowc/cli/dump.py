"""`flowc dump`: the values that tasks left."""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.bundle.atomic import is_special
from flowc.cli.output import say, write
from flowc.cli.results.where import read_meant, reading_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowc.cli.results.values import Dumped, Wanted
    from flowc.cli.results.where import Meant

_HELP = """Print the artifacts of a run's tasks, of a step's, or of one task, with their values.

Values larger than --max-value-size are named, not loaded. A value whose class the flow's file
defines needs that file: give it first, or work in its folder.

\b
Examples:
  flowc dump latest/end
  flowc dump train-3f2a1c/fit/r.3 --include loss,model
  flowc dump flow.py latest/end --file end.pickle
  flowc dump latest/end --json | jq '.tasks[].artifacts[]'
"""


@click.command("dump", help=_HELP)
@click.argument("words", nargs=-1, metavar="RUN[/STEP[/PATH]]")
@click.option("--include", metavar="NAMES", help="Only these artifacts, separated by commas.")
@click.option("--exclude", metavar="NAMES", help="All but these.")
@click.option("--private/--no-private", help="Also names that begin with `_`.")
@click.option(
    "--max-value-size",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    metavar="BYTES",
    help="Show the values that take no more than this as stored; 0 for names alone.",
)
@click.option(
    "--file", "target", metavar="FILE", help="Pickle all values to FILE: {run/step/path: {name: value}}."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/dump.schema.json).")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
@reading_command
def command(
    *,
    words: tuple[str, ...],
    target: str | None,
    as_json: bool,
    quiet: bool,
    datastore: str | None,
    profile: str | None,
    **selection: object,
) -> int:
    """See the help above."""
    from flowc.cli.results.values import dumped

    meant = read_meant(words, datastore, profile)
    wanted = _wanted(selection, whole=target is not None)
    _make_importable()
    tasks = list(_tasks(meant))
    found = [(place, list(dumped(meant.run.store, entries, wanted))) for place, entries in tasks]
    if wanted.include and not any(rows for _, rows in found):
        raise click.UsageError(_no_artifact(tasks, wanted.include))
    if target is not None:
        _write_file(found, target, quiet=quiet)
    elif as_json:
        _print_json(found)
    else:
        _print(found)
    return _report_faults(found)


def _no_artifact(tasks: Iterable[tuple[str, Mapping[str, object]]], names: Iterable[str]) -> str:
    from flowc.diagnostics.suggest import did_you_mean

    known = {name for _, entries in tasks for name in entries}
    asked = sorted(names)
    hint = "".join(f"; {line}" for line in did_you_mean(asked[0], known))
    return f"no task has an artifact {', '.join(f'`{name}`' for name in asked)}{hint}"


def _wanted(selection: Mapping[str, object], *, whole: bool) -> Wanted:
    """What the options select; with `whole`, values of any size."""
    from flowc.cli.results.values import Wanted

    largest = selection["max_value_size"]
    return Wanted(
        include=_names(selection["include"]),
        exclude=_names(selection["exclude"]),
        private=bool(selection["private"]),
        largest=None if whole or not isinstance(largest, int) else largest,
    )


def _names(text: object) -> frozenset[str]:
    return frozenset(name.strip() for name in str(text or "").split(",") if name.strip())


def _make_importable() -> None:
    """Let values find the modules of the working folder, as those of tasks found the flow's."""
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())


def _tasks(meant: Meant) -> Iterator[tuple[str, dict[str, dict[str, object]]]]:
    """(run/step/path, its entries by name) of each finished task that is meant, parameters among them."""
    from flowc.runtime.client.values import entries_of

    run = meant.run
    parameters = run.parameters
    tasks = run.tasks(meant.step) if meant.path is None else [run.task(meant.step or "", meant.path)]
    for task in tasks:
        if task is None or not task.winner:
            name = f"{task.step}/{task.path}" if task else f"{meant.step}/{meant.path}"
            say(
                f"{run.run_id}/{name} has no result: {task.fault or task.status if task else 'it has not begun'}"
            )
            continue
        yield f"{run.run_id}/{task.step}/{task.path}", {**parameters, **entries_of(task.record)}


def _print(found: Sequence[tuple[str, list[Dumped]]]) -> None:
    from flowc.cli.results.words import size, type_name
    from flowc.diagnostics.render.cells import plain

    for place, rows in found:
        lines = [plain(place)]
        for row in rows:
            if row.loaded:
                first, *rest = row.text.splitlines() or [""]
                lines += [f"  {plain(row.name)} = {plain(first)}", *(f"    {plain(line)}" for line in rest)]
            else:
                lines.append(f"  {plain(row.name)}  ({type_name(row.type)}, {size(row.size)})")
        write(sys.stdout, "\n".join(lines) + "\n")


def _print_json(found: Sequence[tuple[str, list[Dumped]]]) -> None:
    from flowc.cli.results.documents import print_document
    from flowc.cli.results.values import value_document

    tasks = [{"task": place, "artifacts": [value_document(row) for row in rows]} for place, rows in found]
    print_document({"tasks": tasks})


def _write_file(found: Sequence[tuple[str, list[Dumped]]], target: str, *, quiet: bool) -> None:
    """Pickle the values; a file that is there is replaced at once or not at all, folders are made."""
    whole = {place: {row.name: row.value for row in rows if row.loaded} for place, rows in found}
    # A device or a pipe is written to: nothing can take its place.
    temporary = target if is_special(target) else f"{target}.flowc-{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(os.path.abspath(target)), exist_ok=True)
        with open(temporary, "wb") as stream:
            pickle.dump(whole, stream, protocol=pickle.HIGHEST_PROTOCOL)
        if temporary != target:
            os.replace(temporary, target)
    except OSError as error:
        raise click.ClickException(f"cannot write `{target}`: {error.strerror or error}") from error
    except Exception as error:  # what a value's own `__reduce__` raises, or one nested too deep
        what = f"{type(error).__name__}: {error}"
        raise click.ClickException(f"the values cannot be pickled to `{target}`: {what}") from error
    finally:
        if temporary != target and os.path.exists(temporary):
            os.unlink(temporary)
    if not quiet:
        say(f"{sum(map(len, whole.values())):,} artifacts of {len(whole):,} tasks written to {target}.")


def _report_faults(found: Sequence[tuple[str, list[Dumped]]]) -> int:
    faults = [row.fault for _, rows in found for row in rows if row.fault]
    for fault in faults:
        say(f"flowc: {fault}")
    return 1 if faults else 0
