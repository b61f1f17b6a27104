"""What others say of the manifests: Hera's models, where no field may be unknown, and Argo's linter."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.graphs import flow
from tests.unit.backends.argo.flows import emit, objects
from tests.validators.tools import argolint

if TYPE_CHECKING:
    from pathlib import Path

FLOWS = {
    "line": "start -> a; a -> end",
    "fork": "start -> a, b; a[retry=3, timeout=60] -> j; b[catch] -> j; join j -> end",
    "foreach": "start -> foreach a in xs; a -> foreach b in ys; b[retry=1] -> k; join k -> j; join j -> end",
    "gang": "start -> gang t by 4; t[parallel, gpu=2] -> j; join j -> end",
    "switch": "start -> s; s -> a | b; a -> c | d; b -> c; c -> m; d -> m; m -> end",
    "split or not": "start -> foreach a in xs | b; a -> j; join j -> end; b -> end",
    "loop": "start -> work; work -> judge; judge -> work | done | giveup; done -> end; giveup -> end",
    "nested loops": "start -> o; o -> i; i -> i | o | end",
    "many": "\n".join(
        f"{'start' if i == 0 else f's{i}'} -> {'end' if i == 399 else f's{i + 1}'}" for i in range(400)
    ),
}


def kept(value: Any, other: Any, at: str = "") -> list[str]:  # noqa: ANN401 - parsed text
    """What of `value` is missing in `other`."""
    if isinstance(value, dict):
        found = [f"{at}.{key}" for key in value if key not in other]
        return found + [
            lost for key in value if key in other for lost in kept(value[key], other[key], f"{at}.{key}")
        ]
    if isinstance(value, list):
        return [
            lost
            for i, (a, b) in enumerate(zip(value, other, strict=True))
            for lost in kept(a, b, f"{at}[{i}]")
        ]
    return []


@pytest.mark.validators
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", FLOWS.values(), ids=FLOWS)
def test_hera_knows_every_field(text: str) -> None:
    models = pytest.importorskip("hera.workflows.models", reason="needs hera, a development dependency")
    template = objects(emit(flow(text)))["WorkflowTemplate"]
    read = models.WorkflowTemplate.model_validate(template)
    assert kept(template, read.model_dump(by_alias=True, exclude_unset=True, mode="json")) == []


@pytest.mark.validators
@pytest.mark.parametrize("text", FLOWS.values(), ids=FLOWS)
def test_argo_lints(text: str, tmp_path: Path) -> None:
    linter, missing = argolint()
    if missing:
        pytest.skip(missing)
    files = []
    for file in emit(flow(text)).files:
        if file.path not in {"kustomization.yaml", "flow-rbac.yaml", "flow-code-9f1c0d7b.yaml"}:
            path = tmp_path / file.path
            path.write_bytes(file.content)
            files.append(str(path))
    ended = subprocess.run([linter, *files], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
