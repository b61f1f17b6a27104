"""How large manifests are: bytes for each plain step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.flows import chain
from benchmarks.measure import Row, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.bundle import Bundle


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    del short  # nothing here depends on the machine
    return print_table("Bytes a plain step", _rows(), short=False)


def _rows() -> Iterator[Row]:
    yield Row(
        "argo, from 2 to 10 steps (YAML as committed)",
        (len(_template(10)) - len(_template(2))) / 8,
        "B",
        1024,
    )
    yield Row("argo, 1,000 steps (as JSON)", _argo_json(1000) / 1000, "B", 480)
    yield Row("stepfunctions, 10 steps (as committed)", _machine(10) / 10, "B", 1024)
    yield Row("stepfunctions, 1,000 steps (as committed)", _machine(1000) / 1000, "B", 950)


def _argo_json(steps: int) -> int:
    import yaml

    return len(json.dumps(yaml.safe_load(_template(steps)), separators=(",", ":")))


def _template(steps: int) -> bytes:
    texts = _bundle(steps, "argo").files
    return next(file.content for file in texts if b"kind: WorkflowTemplate" in file.content)


def _machine(steps: int) -> int:
    texts = _bundle(steps, "stepfunctions").files
    return next(len(file.content) for file in texts if file.path.endswith(".asl.json"))


def _bundle(steps: int, target: str) -> Bundle:
    from flowc.backends.table import backend
    from flowc.compiler import compile_flow
    from flowc.diagnostics.model import Sink
    from flowc.source import Sources
    from flowc.target.settings import Settings

    sink = Sink()
    text = chain(steps)
    bundle = compile_flow("flow.py", Sources(None, {"flow.py": text}), Settings(), backend(target), sink)
    if bundle is None:
        raise RuntimeError("\n".join(f"{d.rule.code} {d.message}" for d in sink))
    return bundle
