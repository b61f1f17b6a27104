"""No false alarm on valid manifests: what Argo ships as examples, what the compiler writes.

Argo's examples have mistakes of their own; each is listed with what is wrong in it, so that a new
finding is looked at.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from flowc.diagnostics.model import Severity, Sink
from flowc.source import SourceFile
from flowc.validate.manifests import validate_files
from tests.compiling import compile_example, example_paths
from tests.validators.schemas import argo_module
from tests.validators.tools import node_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

# Errors that are true. 3.7's examples have one more of them each release mended.
_TRUE_ERRORS = {
    "fun-with-gifs.yaml: FC707": "`generateName` stands among the labels, and ends in a dash",
    "k8s-patch-json-workflow.yaml: FC702": "`annotations` stands twice",
    "fibonacci-seq-conditional-param.yaml: FC703": "3.7: `key` beside a `configMap` that has none",
    "github-path-filter-workflowtemplate.yaml: FC705": "3.7: a list as a parameter's value, which the engine drops",
}
_TRUE_WARNINGS = {
    "FC706": "3.7: fields that 4 no longer has",
    "FC716": "templates that nothing runs",
    "FC717": "arguments that are no input",
    "FC728": "`timeout` and `retryStrategy` as defaults, to show that they reach every template",
    "FC729": "`failFast` of a template, to show it",
}


def _files(folder: str) -> Iterator[SourceFile]:
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith((".yaml", ".yml", ".json")):
                with open(os.path.join(at, name), encoding="utf-8") as stream:
                    yield SourceFile(os.path.relpath(os.path.join(at, name), folder), stream.read())


@pytest.mark.validators
@pytest.mark.parametrize("release", ["v4@v4.0.7", "v3@v3.7.16"])
def test_examples_of_argo(release: str) -> None:
    module = argo_module(release)
    if module is None:
        pytest.skip(f"argo-workflows/{release} is not in Go's module cache")
    sink = Sink()
    collection = validate_files(_files(os.path.join(module, "examples")), sink)
    assert len(collection.known) > 200
    for found in sink:
        name = f"{os.path.basename(found.primary.span.file.path)}: {found.rule.code}"
        if found.severity is Severity.ERROR:
            assert name in _TRUE_ERRORS, found
        else:
            assert found.rule.code in _TRUE_WARNINGS, found


@pytest.mark.validators
def test_machines_of_the_language_service() -> None:
    """Its machines are sketches (calls without arguments); their expressions and scopes are sound."""
    folder, missing = node_folder()
    if missing:
        pytest.skip(missing)
    path = os.path.join(
        folder, "node_modules", "amazon-states-language-service", "out", "asl-utils", "utils", "tests"
    )
    script = (
        f"console.log(JSON.stringify(require({json.dumps(os.path.join(path, 'assignVariableTestData.js'))})))"
    )
    node = shutil.which("node") or "node"
    ran = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=60, check=True)
    machines = {name: value for name, value in json.loads(ran.stdout).items() if "States" in value}
    assert machines
    sink = Sink()
    validate_files([SourceFile(f"{name}.json", json.dumps(value)) for name, value in machines.items()], sink)
    assert not [d for d in sink if d.rule.code in {"FC744", "FC745", "FC746", "FC747"}]


@pytest.mark.parametrize("target", ["argo", "stepfunctions"])
@pytest.mark.parametrize("path", example_paths())
def test_own_bundles(path: str, target: str) -> None:
    compiled = compile_example(path, target)
    assert compiled.bundle is not None, compiled.errors
    files = [
        SourceFile(file.path, file.content.decode())
        for file in compiled.bundle.files
        if file.path.endswith((".yaml", ".json"))
    ]
    sink = Sink()
    collection = validate_files(files, sink)
    assert collection.known
    assert list(sink) == []
