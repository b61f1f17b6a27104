"""`flowc check`: everything that is wrong in many flow files."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.checking import Checked, check_file, finish, without_bases
from flowc.cli.configuration.entries import TARGETS
from flowc.cli.discover import find_files
from flowc.cli.options import configure, flow_option, format_option, quiet_option, setting_options
from flowc.cli.output import counted, print_diagnostics, write
from flowc.cli.project import displayed, find_root, inside
from flowc.cli.stats import stats_lines, stats_object
from flowc.diagnostics.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowc.cli.configuration.load import Configuration
    from flowc.cli.discover import Found
    from flowc.diagnostics.model import Diagnostic

_HELP = """Report everything that is wrong in flow files.

PATHS are files and folders (the current folder without any); a folder is searched for flows,
hidden folders and virtual environments are passed over. `-` reads one flow from standard input.
Nothing is imported: a flow whose packages are not installed is checked the same.

Flows are judged for the configured targets, or for those of --target. Where there is neither, for
both, and what only a target refuses is a warning.

\b
Examples:
  flowc check                                everything below this folder
  flowc check flows/ --target argo --strict  in CI: warnings fail too
  flowc check flow.py --fix                  repair what can be repaired safely
  flowc check flows/ --format sarif > flowc.sarif
  flowc check flow.py --stats                the most tasks, CPU, memory and GPU at any moment

\b
Exit codes: 0 clean, 1 an error (with --strict: or a warning), 2 a wrong call.
`# flowc: ignore[FC403]` on a line silences that code there.
"""


@click.command("check", help=_HELP)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "-t", "--target", "targets", multiple=True, type=click.Choice(TARGETS), help="Judge for this engine."
)
@click.option("--fix", is_flag=True, help="Apply the safe fixes to the files, then report what remains.")
@click.option("--strict", is_flag=True, help="Warnings make the exit code 1 too.")
@click.option("--stats", is_flag=True, help="Print what each flow needs at most.")
@click.option(
    "--stdin-filename", metavar="PATH", help="The path that the text of standard input is taken to have."
)
@flow_option
@setting_options
@format_option
@quiet_option
def command(
    *, paths: tuple[str, ...], strict: bool, stats: bool, form: str, quiet: bool, **asked: object
) -> int:
    """See the help above."""
    started = time.monotonic()
    request = _request(asked, quiet=quiet)
    if "-" in paths:
        if len(paths) > 1 or request.fix:
            raise click.UsageError("`-` is checked alone, and there is no file to fix")
        checked = [_check_stdin(request)]
    else:
        checked = without_bases(_check_paths(paths or (".",), request))
    if not any(result.flows or result.diagnostics for result in checked):
        raise click.UsageError(f"no flow found in {_listed(paths or ('.',))}")
    diagnostics = finish(checked)
    needs = _stats_for_machines(checked) if stats and form == "json" else None
    print_diagnostics(diagnostics, form, sys.stdout, stats=needs)
    if form == "text" and diagnostics and (stats or not quiet):
        write(sys.stdout, "\n")
    if stats and form != "json":
        lines = (line for result in checked for each in result.stats for line in stats_lines(each))
        write(sys.stderr if form == "sarif" else sys.stdout, "".join(f"{line}\n" for line in lines))
    if not quiet:
        summary = _summary(checked, diagnostics, time.monotonic() - started)
        # Beside a document for a machine the summary would spoil it.
        write(sys.stdout if form == "text" else sys.stderr, summary + "\n")
    bad = [d for d in diagnostics if strict or d.severity is Severity.ERROR]
    return 1 if bad else 0


class _Request(NamedTuple):
    """What is asked of every file."""

    targets: tuple[str, ...]
    flow: str | None
    fix: bool
    stdin_filename: str
    flags: Mapping[str, object]
    quiet: bool


def _request(asked: Mapping[str, object], *, quiet: bool) -> _Request:
    targets, flow, name = asked["targets"], asked["flow"], asked["stdin_filename"]
    return _Request(
        targets=targets if isinstance(targets, tuple) else (),
        flow=flow if isinstance(flow, str) else None,
        fix=bool(asked["fix"]),
        stdin_filename=name if isinstance(name, str) else "stdin.py",
        flags=asked,
        quiet=quiet,
    )


def _check_paths(paths: Sequence[str], request: _Request) -> list[Checked]:
    files = find_files(paths)
    configurations: dict[str, Configuration] = {}
    checked = []
    for index, (file, root) in enumerate(_with_roots(files)):
        if root not in configurations:
            configurations[root] = configure(root, request.flags)
        if not request.quiet:
            _progress(index, len(files))
        path = inside(root, file.path)
        if request.fix:
            from flowc.cli.fixing import check_and_fix

            # Files that were rewritten are read again, by later files too.
            result, configurations[root] = check_and_fix(
                path, configurations[root], request.targets, request.flow, named=file.named
            )
        else:
            result = check_file(path, configurations[root], request.targets, request.flow, named=file.named)
        checked.append(result)
    if not request.quiet:
        _progress(len(files), len(files))
    return checked


def _with_roots(files: Sequence[Found]) -> Iterator[tuple[Found, str]]:
    roots: dict[str, str] = {}
    for file in files:
        folder = os.path.dirname(os.path.abspath(file.path))
        if folder not in roots:
            roots[folder] = find_root(folder)
        yield file, roots[folder]


def _check_stdin(request: _Request) -> Checked:
    from flowc.source import Sources, Unreadable, decode_source

    root = find_root(os.path.dirname(os.path.abspath(request.stdin_filename)))
    path = inside(root, request.stdin_filename)
    source = decode_source(path, sys.stdin.buffer.read(), root)
    if isinstance(source, Unreadable):
        raise click.UsageError(f"standard input cannot be read: {source.reason}")
    configuration = configure(root, request.flags, Sources(root, {path: source.text}))
    return check_file(path, configuration, request.targets, request.flow, named=True)


def _stats_for_machines(checked: Sequence[Checked]) -> list[dict[str, object]]:
    return [
        stats_object(each, displayed(result.file))
        for result in checked
        for each in result.stats
        if result.file is not None
    ]


def _progress(done: int, total: int) -> None:
    """`Checking 12/200` on a terminal, rubbed out at the end; elsewhere nothing."""
    if total < 50 or not sys.stderr.isatty():
        return
    sys.stderr.write(f"\rChecking {done}/{total}" if done < total else "\r\x1b[K")
    sys.stderr.flush()


def _summary(checked: Sequence[Checked], diagnostics: Sequence[Diagnostic], seconds: float) -> str:
    errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    warnings = len(diagnostics) - errors
    flows = sum(len(result.flows) for result in checked)
    mended = sum(result.mended for result in checked)
    found = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    said = ", ".join(found) or "all is well"
    fixed = f"fixed {counted(mended, 'fault')}, " if mended else ""
    first = next(
        (d for d in diagnostics if d.severity is Severity.ERROR), diagnostics[0] if diagnostics else None
    )
    hint = f" (flowc explain {first.rule.code})" if first else ""
    return f"Checked {counted(flows, 'flow')} in {seconds:.1f} s: {fixed}{said}{hint}."


def _listed(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)
