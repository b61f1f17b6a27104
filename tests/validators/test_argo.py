"""Argo bundles before other judges: Argo's own linter, and Hera's models with unknown fields forbidden."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.compiling import compile_example, example_paths
from tests.validators.tools import LINTERS, argolint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.validators

_LINTED = {"WorkflowTemplate", "CronWorkflow"}


def objects(path: str) -> list[tuple[str, bytes]]:
    """Each object of the example's bundle: its kind and its YAML."""
    compiled = compile_example(path, "argo")
    assert compiled.bundle is not None, compiled.errors
    found = []
    for file in compiled.bundle.files:
        if file.path != "kustomization.yaml":
            found += [(d["kind"], yaml.safe_dump(d).encode()) for d in yaml.safe_load_all(file.content) if d]
    return found


@pytest.mark.parametrize("linter", LINTERS)
def test_argolint(linter: str, tmp_path: Path) -> None:
    binary, missing = argolint(linter)
    if missing:
        pytest.skip(missing)
    for path in example_paths():
        for number, (kind, text) in enumerate(objects(path)):
            if kind in _LINTED:
                (tmp_path / f"{path.replace('/', '-')}-{number}.yaml").write_bytes(text)
    # A CronWorkflow is judged with the template it starts: all are given at once.
    ran = subprocess.run([binary, str(tmp_path)], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert os.listdir(tmp_path)


@pytest.fixture(scope="module")
def models() -> Mapping[str, Any]:
    """Hera's models by kind."""
    events = pytest.importorskip("hera.events.models", reason="hera is not installed")
    workflows = pytest.importorskip("hera.workflows.models", reason="hera is not installed")
    return {
        "WorkflowTemplate": workflows.WorkflowTemplate,
        "CronWorkflow": workflows.CronWorkflow,
        "Sensor": events.Sensor,
    }


def unknown_fields(model: Any, document: dict[str, Any]) -> set[str]:  # noqa: ANN401 - pydantic's
    """The places of a document that the model has no field for: what it read and does not give back."""
    kept = model.model_validate(document).model_dump(by_alias=True, exclude_unset=True, mode="json")
    return _places(document) - _places(kept)


def _places(node: object, at: str = "") -> set[str]:
    match node:
        case dict():
            return {p for key, value in node.items() for p in {f"{at}.{key}", *_places(value, f"{at}.{key}")}}
        case list():
            return {p for index, value in enumerate(node) for p in _places(value, f"{at}[{index}]")}
        case _:
            return set()


@pytest.mark.parametrize("path", example_paths())
def test_hera(path: str, models: Mapping[str, Any]) -> None:
    judged = 0
    for kind, text in objects(path):
        if kind in models:
            unknown = unknown_fields(models[kind], yaml.safe_load(text))
            if kind == "Sensor":
                # Its model leaves out what says that it is one, and what kind of object it creates.
                unknown = {p for p in unknown - {".apiVersion", ".kind"} if ".source.resource" not in p}
            assert unknown == set()
            judged += 1
    assert judged


def test_hera_sees_what_it_does_not_know(models: Mapping[str, Any]) -> None:
    (text,) = [text for kind, text in objects("hello.py") if kind == "WorkflowTemplate"]
    document = yaml.safe_load(text)
    document["spec"]["templates"][0]["unheardOf"] = 1
    assert unknown_fields(models["WorkflowTemplate"], document) == {".spec.templates[0].unheardOf"}
