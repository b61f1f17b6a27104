"""`flowc image`: the Dockerfile of a flow whose code the image holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowc import __version__
from flowc.cli.options import configure, entry_of, flow_option, format_option, quiet_option, setting_options
from flowc.cli.output import say, write_bytes
from flowc.cli.project import inside
from flowc.cli.reading import read_project

if TYPE_CHECKING:
    from flowc.ir.program import Program

_HELP = """Write a Dockerfile with everything the flow in FILE needs: its packages, flowc, its own modules.

The packages are those of @pypi, @conda and their flow-wide forms, or of --requirements (by default
requirements.txt beside the flow, where no decorator names any). Build it in the project's folder.

\b
Examples:
  flowc image flow.py                        the Dockerfile to standard output
  flowc image flow.py -o Dockerfile          written, and the build command shown
  flowc compile flow.py --target argo --code image --image registry/me/flow@sha256:…
"""

_DEFAULT_PYTHON = "3.12"


@click.command("image", help=_HELP)
@click.argument("file", type=click.Path())
@click.option("-o", "--output", metavar="FILE", help="Write the Dockerfile here.")
@click.option("--base", metavar="IMAGE", help="The image to start from, instead of python:VERSION-slim.")
@click.option("--requirements", metavar="PATH", help="A requirements or lock file for pip.")
@flow_option
@setting_options
@format_option
@quiet_option
def command(
    *, file: str, output: str | None, base: str | None, requirements: str | None, flow: str | None, form: str,
    quiet: bool, **flags: object,
) -> int:  # fmt: skip
    """See the help above."""
    entry = entry_of(file)
    configuration = configure(entry.root, flags)
    project, program = read_project(entry, configuration, flow, form)
    if program is None:
        return 1
    packages, python = _packages(program)
    chosen = requirements or (None if packages else _beside(file))
    if chosen is not None and not os.path.isfile(chosen):
        raise click.UsageError(f"there is no requirements file `{chosen}`")
    text = _dockerfile(
        flow=program.graph.name,
        entry=entry.path,
        base=base or f"python:{python or _DEFAULT_PYTHON}-slim",
        requirements=None if chosen is None else inside(entry.root, chosen),
        packages=packages,
        files=project.closure(configuration.settings.include),
    )
    if output is None or output == "-":
        write_bytes(text.encode())
        return 0
    with open(output, "w", encoding="utf-8") as stream:
        stream.write(text)
    if not quiet:
        say(f"wrote {output}; build it with:")
        say(f"  docker build -f {output} -t {program.graph.name.lower()}:latest {entry.root}")
    return 0


def _dockerfile(**values: object) -> str:
    from flowc.share import fill_template

    return fill_template("Dockerfile.j2", version=__version__, **values)


def _packages(program: Program) -> tuple[list[str], str | None]:
    """What pip is asked for, sorted, and the Python version asked for, if one is."""
    declared = [packages for step in program.graph.steps.values() for packages in step.spec.packages]
    wanted: set[str] = set()
    python: str | None = None
    for packages in (*program.graph.specs.packages, *declared):
        if packages.disabled:
            continue
        python = packages.python or python
        wanted.update(_requirement(name, version) for name, version in packages.packages.items())
    return sorted(wanted), python


def _requirement(name: str, version: str) -> str:
    """`name==1.2`, or the version's own comparison where it has one."""
    if not version:
        return name
    return name + version if version[0] in "<>=!~@" else f"{name}=={version}"


def _beside(file: str) -> str | None:
    path = os.path.join(os.path.dirname(file), "requirements.txt")
    return path if os.path.isfile(path) else None
