"""`flowc validate`: manifests judged without an engine."""

from __future__ import annotations

import glob
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from flowc.cli.crash import crashes_recorded
from flowc.cli.options import format_option, quiet_option
from flowc.cli.output import counted, print_diagnostics, write
from flowc.cli.project import find_root, inside
from flowc.diagnostics import catalog
from flowc.diagnostics.ignore import Ignores, check_ignores
from flowc.diagnostics.model import Severity, Sink
from flowc.source import SourceFile, Span
from flowc.validate.kinds import Collection
from flowc.validate.manifests import validate_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Diagnostic

_HELP = """Judge manifests without an engine: Argo Workflows, state machines, CloudFormation.

FILES are manifests of any origin in YAML or JSON, with any number of documents, or folders of them;
`-` reads standard input. Files given together are judged together: a name that one file uses is
looked for in the others. Kinds of objects that flowc does not know are passed over.
`# flowc: ignore[FC716]` on a line of YAML silences that code there.

\b
Examples:
  flowc validate deploy/                     a bundle
  flowc validate workflows/*.yaml --strict   in CI: warnings fail too
  flowc compile flow.py --target argo | flowc validate -

\b
Exit codes: 0 clean, 1 an error (with --strict: or a warning), 2 a wrong call.
"""
_ENDINGS = (".yaml", ".yml", ".json")
_STDIN = "stdin.yaml"


@click.command("validate", help=_HELP)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--strict", is_flag=True, help="Warnings make the exit code 1 too.")
@click.option("-v", "--verbose", is_flag=True, help="Name the kinds of objects that were passed over.")
@format_option
@quiet_option
def command(*, files: tuple[str, ...], strict: bool, verbose: bool, form: str, quiet: bool) -> int:
    """See the help above."""
    sink = Sink()
    read = list(_read_all(files, sink))
    collection = Collection((), Counter())
    with crashes_recorded(read[0].path if read else files[0], read[0].root if read else None, sink):
        collection = validate_files(read, sink)
    diagnostics = _not_ignored(read, sink)
    if not diagnostics and not collection.known:
        raise click.UsageError(f"no manifest that flowc knows in {', '.join(f'`{path}`' for path in files)}")
    print_diagnostics(diagnostics, form, sys.stdout)
    if not quiet:
        gap = "\n" if form == "text" and diagnostics else ""
        summary = gap + _summary(collection, diagnostics, verbose=verbose)
        # Beside a document for a machine the summary would spoil it.
        write(sys.stdout if form == "text" else sys.stderr, summary + "\n")
    bad = [d for d in diagnostics if strict or d.severity is Severity.ERROR]
    return 1 if bad else 0


def _not_ignored(files: Sequence[SourceFile], sink: Sink) -> list[Diagnostic]:
    """What no comment of its line silences, and comments that silence nothing."""
    ignores = Ignores()
    kept, own = ignores.keep(sink), Sink()
    judged = [code for code in catalog.RULES if code.startswith("FC7")]
    for file in files:
        check_ignores(ignores.of(file), judged, own)
    return [*kept, *own]


def _read_all(paths: Sequence[str], sink: Sink) -> Iterator[SourceFile]:
    """The files of the paths, each once; what is no text is reported."""
    seen: set[str] = set()
    for path in paths:
        if path == "-":
            yield _decoded(_STDIN, None, sys.stdin.buffer.read(), sink)
            continue
        # A shell that finds nothing, and one that expands nothing, hand the pattern over.
        found = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
        if not found:
            raise click.UsageError(f"there is no file or folder `{path}`")
        for name in (name for each in found for name in _files_of(each)):
            whole = os.path.abspath(name)
            if whole not in seen:
                seen.add(whole)
                root = find_root(os.path.dirname(whole))
                with open(whole, "rb") as stream:
                    yield _decoded(inside(root, name), root, stream.read(), sink)


def _files_of(path: str) -> Iterator[str]:
    return _manifests(path) if os.path.isdir(path) else iter((path,))


def _manifests(folder: str) -> Iterator[str]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            path = os.path.normpath(os.path.join(at, name))
            if name.endswith(_ENDINGS) and not name.startswith(".") and os.path.isfile(path):
                yield path


def _decoded(path: str, root: str | None, raw: bytes, sink: Sink) -> SourceFile:
    """A file's text with plain line ends; after a fault it is empty."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        file = SourceFile(path, "", root)
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the file is not UTF-8 text: byte 0x{raw[error.start]:02x} in line {line}"
        sink.report(catalog.UNREADABLE_MANIFEST, Span(file, 0, 0), message, helps=["save it as UTF-8"])
        return file
    return SourceFile(path, text, root)


def _summary(collection: Collection, diagnostics: Sequence[Diagnostic], *, verbose: bool) -> str:
    errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    warnings = len(diagnostics) - errors
    found = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    said = f"Validated {counted(len(collection.known), 'object')}: {', '.join(found) or 'all is well'}."
    others = collection.others
    if not others:
        return said
    if verbose:
        kinds = ", ".join(
            f"{kind} × {count}" if count > 1 else kind for kind, count in sorted(others.items())
        )
        return f"{said} Passed over: {kinds}."
    return f"{said} {counted(others.total(), 'object')} of kinds flowc does not know."
