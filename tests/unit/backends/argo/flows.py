"""A flow as text to Argo's objects, and the objects as text again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from flowc.backends.argo.emit import ARGO
from flowc.backends.base import Emission
from flowc.diagnostics.model import Sink
from flowc.ir.program import Program
from flowc.manifest.bundle import Bundle, Code
from flowc.passes.bounds import certify, fanouts
from flowc.passes.structure.regions import structure
from flowc.passes.wiring import wire
from flowc.target.settings import Settings
from tests.graphs import flow

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph

CODE = Code(b"PK", "9f1c0d7be2f6", ("flow.py",))
SETTINGS = Settings(image="registry.example.com/ml/train:1.0", datastore="s3://ml/flowc")


def program(graph: FlowGraph, settings: Settings = SETTINGS) -> Program:
    """The program of a graph that is known to be well-formed."""
    sink = Sink()
    body = structure(graph, sink)
    assert body is not None, [d.message for d in sink]
    return Program(graph=graph, body=body, wiring=wire(graph, body), fanouts=fanouts(graph, settings, sink))


def emit(
    graph: FlowGraph, settings: Settings = SETTINGS, code: Code = CODE, sink: Sink | None = None
) -> Bundle:
    """The bundle of a graph."""
    made = program(graph, settings)
    certificate = certify(made, settings, lowering=ARGO.lowering)
    emission = Emission(program=made, settings=settings, code=code, certificate=certificate)
    return ARGO.emit(emission, Sink() if sink is None else sink)


def faults(graph: FlowGraph, settings: Settings = SETTINGS) -> list[str]:
    """What the target refuses: code and message."""
    sink = Sink()
    ARGO.check(program(graph, settings), settings, sink)
    return [f"{d.rule.code} {d.message}" for d in sink]


def objects(bundle: Bundle) -> dict[str, Any]:
    """The objects of a bundle by kind; the last of a kind."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {item["kind"]: item for item in yaml.load_all(bundle.stream, loader)}


def templates(text: str, settings: Settings = SETTINGS) -> dict[str, Any]:
    """The templates of a flow by name."""
    spec = objects(emit(flow(text), settings))["WorkflowTemplate"]["spec"]
    return {template["name"]: template for template in spec["templates"]}


def dags(text: str, settings: Settings = SETTINGS) -> str:
    """The DAG templates of a flow, a line for each task: `name: template(arguments) after depends if when`."""
    lines = []
    for template in templates(text, settings).values():
        if "dag" in template:
            limit = f" at most {template['parallelism']}" if "parallelism" in template else ""
            lines.append(f"{template['name']}{limit}")
            lines += [f"  {_task(task)}" for task in template["dag"]["tasks"]]
            lines += [
                f"  -> {output['name']} = {output['valueFrom'].get('parameter') or output['valueFrom']['expression']}"
                for output in template.get("outputs", {}).get("parameters", ())
            ]
    return "\n".join(lines)


def _task(task: dict[str, Any]) -> str:
    arguments = ", ".join(str(p["value"]) for p in task.get("arguments", {}).get("parameters", ()))
    text = f"{task['name']}: {task['template']}" if task["name"] != task["template"] else task["name"]
    text += f"({arguments})" if arguments else ""
    text += f" after {task['depends']}" if "depends" in task else ""
    text += f" if {task['when']}" if "when" in task else ""
    return text + (" each" if "withSequence" in task else "")
