"""`python flow.py run`: the command line of a flow file that imports flowc, as Metaflow has it.

Metaflow's own options stand before the command. Those that mean something here are moved behind it;
those that choose among Metaflow's services are taken and change nothing.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.group import COMMANDS, run
from flowc.cli.output import say, write
from flowc.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Options before the command, by the number of words that follow.
_MOVED = {"--with": 1, "--config": 2, "--config-value": 2, "--branch": 1, "--production": 0}
_IGNORED = {
    "--no-quiet": 0,
    "--pylint": 0,
    "--no-pylint": 0,
    "--force-rebuild-environments": 0,
    "--metadata": 1,
    "--environment": 1,
    "--package-suffixes": 1,
    "--event-logger": 1,
    "--monitor": 1,
    "--mode": 1,
}
_READ = {"--datastore": 1, "--datastore-root": 1, "--quiet": 0}

_TAKE_FLOW = frozenset({"check", "compile", "run", "resume", "graph", "ir", "image"})  # have `--flow`
_TAKE_FILE = _TAKE_FLOW | {"show", "dump", "logs", "runs", "report", "tag", "verify"}
_TAG_VERBS = ("add", "remove", "replace", "list")
_ELSEWHERE = {
    "argo-workflows": "flowc compile {file} --target argo",
    "step-functions": "flowc compile {file} --target stepfunctions",
    "package": "flowc compile {file} --target argo -o DIR",
}

_HINT = """What to do with {file}:
  python {file} check     everything that is wrong with it
  python {file} run       run it on this machine; `run --help` lists its parameters
  python {file} show      what it is made of; `show latest` is its newest run
  python {file} --help    all commands
"""


class Before(NamedTuple):
    """What the words before the command say: those to move behind it, the datastore, whether to be quiet."""

    moved: list[str]
    datastore: str | None = None
    root: str | None = None
    quiet: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line of a flow file: its path, the flow's name or "", the words after `python FILE`."""
    file, flow, *words = sys.argv[1:] if arguments is None else arguments
    file = min(file, os.path.relpath(file), key=len)
    try:
        translated = translate(file, flow, words)
    except click.UsageError as error:
        say(f"flowc: {error.message}\ntry `python {file} --help`")
        return 2
    if translated is None:
        write(sys.stdout, _HINT.format(file=file))
        return 0
    return run(translated)


def translate(file: str, flow: str, words: Sequence[str]) -> list[str] | None:
    """The words of a `flowc` command; None where there is no command. A usage error for what is unknown."""
    rest = list(reversed(words))
    before = _read_options(rest)
    if not rest:
        return None
    command = rest.pop()
    after = list(reversed(rest))
    if command in ("--help", "-h", "help", "--version", "-V", "version"):
        return ["--version" if "v" in command.lower() else "--help"]
    if command == "show" and not after:
        command = "ir"
    if command == "tag":
        after = _tag_words(after)
    if command not in _TAKE_FILE:
        raise click.UsageError(_unknown(command, file))
    own = ["--flow", flow] if flow and command in _TAKE_FLOW else []
    place = ["--datastore", url] if (url := _datastore(before)) else []
    moved = before.moved if command in _TAKE_FLOW else []
    quiet = ["--quiet"] if before.quiet and command in ("run", "resume") else []
    return [command, file, *own, *place, *moved, *quiet, *after]


def _tag_words(words: Sequence[str]) -> list[str]:
    """Metaflow's `tag add --run-id RUN TAG…`, `remove`, `replace` and `list` as words of `flowc tag`.

    Any other words are flowc's own. `--namespace` changes nothing.
    """
    verb, *rest = words or [""]
    if verb not in _TAG_VERBS:
        return list(words)
    made: list[str] = []
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if option not in ("--run-id", "--namespace", "--add", "--remove"):
            made += [word] if word.startswith("-") or verb in ("list", "replace") else [f"--{verb}", word]
            continue
        if not equals and not rest:
            raise click.UsageError(f"`{option}` needs a value")
        value = value if equals else rest.pop(0)
        if option != "--namespace":
            made += [value] if option == "--run-id" else [option, value]
    return made


def _read_options(rest: list[str]) -> Before:
    """Take the options from the end of `rest`, which holds the words in reverse."""
    before = Before([])
    for option, values in _options(rest):
        if option in _MOVED:
            before.moved.extend([option, *values])
        elif option == "--datastore":
            before = before._replace(datastore=values[0])
        elif option == "--datastore-root":
            before = before._replace(root=values[0])
        elif option == "--quiet":
            before = before._replace(quiet=True)
    return before


def _options(rest: list[str]) -> Iterator[tuple[str, list[str]]]:
    known = _MOVED | _IGNORED | _READ
    while rest and rest[-1].startswith("-") and rest[-1] not in ("-h", "--help", "-V", "--version"):
        option, equals, value = rest.pop().partition("=")
        if option not in known:
            near = nearest(option, known)
            hint = f"; did you mean `{near}`?" if near else "; options of a command stand behind it"
            raise click.UsageError(f"there is no option `{option}` before the command{hint}")
        values = [value] if equals else []
        while len(values) < known[option]:
            if not rest:
                raise click.UsageError(f"`{option}` needs a value")
            values.append(rest.pop())
        yield option, values


def _datastore(before: Before) -> str | None:
    """Metaflow's kind of datastore and its root as one address; None for the one by default."""
    if before.root is not None:
        return before.root if "://" in before.root else f"file://{os.path.abspath(before.root)}"
    if before.datastore in (None, "local"):
        return None
    if before.datastore and "://" in before.datastore:
        return before.datastore
    raise click.UsageError(
        f"`--datastore {before.datastore}` names no place: write `--datastore s3://bucket/prefix`"
    )


def _unknown(command: str, file: str) -> str:
    if command in _ELSEWHERE:
        return f"`{command}` is Metaflow's; flowc has `{_ELSEWHERE[command].format(file=file)}`"
    if command in COMMANDS:
        return f"`{command}` is of no flow: `flowc {command} --help`"
    near = nearest(command, _TAKE_FILE)
    return f"there is no command `{command}`" + (f"; did you mean `python {file} {near}`?" if near else "")


if __name__ == "__main__":
    sys.exit(main())
