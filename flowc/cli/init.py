"""`flowc init`: a project to begin with, which passes its own CI."""

from __future__ import annotations

import os
import re

import click

from flowc import share
from flowc.backends.table import BACKENDS
from flowc.cli.output import say

_HELP = """Begin a project in FOLDER (this one, by default): a flow, its configuration, a README and CI.

Nothing that is there is touched: where one of the files exists, none is written.

\b
Examples:
  flowc init
  flowc init shop --target argo
"""
_FLOW = "first_flow.py"


@click.command("init", help=_HELP)
@click.argument("folder", type=click.Path(), default=".")
@click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(tuple(BACKENDS)),
    help="Only for this engine.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
def command(*, folder: str, targets: tuple[str, ...], quiet: bool) -> int:
    """See the help above."""
    files = project_files(os.path.basename(os.path.abspath(folder)), targets or tuple(BACKENDS))
    paths = {os.path.join(folder, *name.split("/")): text for name, text in files.items()}
    there = [path for path in paths if os.path.lexists(path)]
    if there:
        raise click.UsageError(f"`{there[0]}` is there already; `flowc init` begins a new project")
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise click.UsageError(f"`{folder}` is no folder; give one, or a name for a new one")
    for path, text in paths.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    if not quiet:
        say(f"{os.path.join(folder, '')}  {' · '.join(files)}")
        say(f"try it: {'' if folder == '.' else f'cd {folder} && '}flowc run flows/{_FLOW} --count 3")
    return 0


def project_files(folder: str, targets: tuple[str, ...]) -> dict[str, str]:
    """The files of a new project by their paths in it, which have `/`; `folder` is what it is called after."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-") or "flows"
    values = {"project": name, "flow": "FirstFlow", "file": _FLOW, "targets": targets}
    return {
        path: share.fill_template(f"init/{template}", **values)
        for path, template in (
            (f"flows/{_FLOW}", "flow.py.j2"),
            ("pyproject.toml", "pyproject.toml.j2"),
            (".github/workflows/flows.yml", "ci.yml.j2"),
            ("README.md", "README.md.j2"),
            (".gitignore", "gitignore.j2"),
        )
    }
