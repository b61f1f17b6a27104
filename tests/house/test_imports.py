"""What starting costs, and what may be imported where, seen from outside."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.compiling import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = ("yaml", "jinja2", "boto3", "botocore", "click", "jsonschema", "importlib.metadata", "pathlib", "tempfile",
         "logging", "urllib.parse", "subprocess", "inspect")  # fmt: skip
# Of a later Python's standard library than this one's may be: what is tried first, and done without.
LATER = {"_sha2"}
# What the runtime imports inside functions, where a flow or its datastore asks for it.
CLIENT = {"boto3", "botocore", "urllib3"}
ASKED_FOR = {
    "flowc/runtime/store/": CLIENT,
    "flowc/runtime/secrets.py": CLIENT,
    "flowc/runtime/api/s3/": CLIENT,
    "flowc/runtime/api/parsers.py": {"yaml"},
}


def test_the_compiler_starts_light() -> None:
    code = "import sys, flowc.compiler, flowc.backends.argo.emit, flowc.backends.stepfunctions.emit; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.split())
    # dataclasses brings inspect with it, on every supported Python.
    assert sorted(loaded.intersection(HEAVY) - {"inspect"}) == []


def _runtime_files() -> Iterator[str]:
    yield from (os.path.join(ROOT, "flowc", name) for name in ("contract.py", "dsl.py"))
    for folder, _, names in os.walk(os.path.join(ROOT, "flowc", "runtime")):
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


@pytest.mark.parametrize("path", list(_runtime_files()), ids=lambda p: os.path.relpath(p, ROOT))
def test_the_runtime_needs_the_standard_library_alone(path: str) -> None:
    with open(path, encoding="utf-8") as stream:
        tree = ast.parse(stream.read(), feature_version=(3, 9))
    foreign = {
        name
        for node in ast.walk(tree)
        for name in _imported(node)
        if name not in sys.stdlib_module_names and name not in {"flowc", "metaflow"}
    }
    place = os.path.relpath(path, ROOT)
    allowed = [names for start, names in ASKED_FOR.items() if place.startswith(start)]
    assert foreign <= LATER.union(*allowed)


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name.split(".")[0] for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.split(".")[0]
        case _:
            return
