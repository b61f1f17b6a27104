"""The same chain of plain steps through other compilers: CPU and bytes, side by side.

Metaflow's command needs the `kubernetes` package and an object store; its upload is replaced (see
peers/metaflow_argo.py). Hera and sfnx describe workflows of containers and jobs: they build no code
archive, no parameters, no artifacts and no limits, so their numbers are a floor, not a match.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.flows import chain
from benchmarks.measure import ROOT, cpu_ratio, python, run

if TYPE_CHECKING:
    from collections.abc import Iterator

PEERS = os.path.join(ROOT, "benchmarks", "peers")
STEPS = 10


class Contestant(NamedTuple):
    """A command that prints a manifest, and the modules it needs."""

    name: str
    command: list[str]
    modules: tuple[str, ...]


def main(*, short: bool) -> bool:
    """Print the table; it makes no claim of its own."""
    print(f"\nA chain of {STEPS} plain steps (CPU, × python -c pass; bytes printed)")
    with tempfile.TemporaryDirectory() as folder:
        for contestant in _contestants(folder):
            missing = [m for m in contestant.modules if importlib.util.find_spec(m) is None]
            if missing:
                print(
                    f"  {contestant.name:<58} skipped: {', '.join(missing)} is not installed (pip install '.[bench]')"
                )
                continue
            try:
                size = len(run(contestant.command, folder).output)
                ratio = cpu_ratio(contestant.command, 2 if short else 7, folder)
            except subprocess.CalledProcessError as failed:
                print(f"  {contestant.name:<58} failed: {failed.stderr.strip().splitlines()[-1:]}")
                continue
            print(f"  {contestant.name:<58} {ratio:>10.2f} ×        {size:>9,} B")
    return True


def _contestants(folder: str) -> Iterator[Contestant]:
    flow = os.path.join(folder, "flow.py")
    with open(flow, "w", encoding="utf-8") as stream:
        stream.write(f'{chain(STEPS)}\nif __name__ == "__main__":\n    Chain()\n')
    for target in ("argo", "stepfunctions"):
        command = python("-m", "flowc", "compile", flow, "--target", target, "--code", "image")
        yield Contestant(f"flowc compile --target {target} --code image", command, ())
    yield Contestant(
        "metaflow argo-workflows create --only-json",
        python(os.path.join(PEERS, "metaflow_argo.py"), flow),
        ("metaflow", "kubernetes", "boto3"),
    )
    yield Contestant("hera", python(os.path.join(PEERS, "hera_chain.py"), str(STEPS)), ("hera",))
    source = os.path.join(folder, "machine.py")
    with open(source, "wb") as stream:
        stream.write(run(python(os.path.join(PEERS, "sfnx_chain.py"), str(STEPS))).output)
    sfnx = shutil.which("sfnx", path=os.path.dirname(sys.executable)) or "sfnx"
    yield Contestant("sfnx compile", [sfnx, "compile", source], ("sfnx",))
