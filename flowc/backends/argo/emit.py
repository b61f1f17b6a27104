"""The bundle of a flow: its objects as files, and as one stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.argo.check import check
from flowc.backends.argo.objects import accounts, code_config_map, code_name, cron_workflow, kustomization
from flowc.backends.argo.sizes import check_code, check_template
from flowc.backends.argo.workflow import workflow_template
from flowc.backends.base import Backend
from flowc.backends.naming import flow_name
from flowc.manifest.bundle import Bundle, BundleFile
from flowc.manifest.encode import encode_document, encode_yaml, join_yaml
from flowc.target.budget import Lowering

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Object
    from flowc.backends.base import Emission
    from flowc.diagnostics.model import Sink


def emit(emission: Emission, sink: Sink) -> Bundle:
    """The files by what they hold, in the order in which the stream gives them."""
    program, settings = emission.program, emission.settings
    specs = program.graph.specs
    name = flow_name(program, settings)
    template = workflow_template(emission)
    files: dict[str, list[Object]] = {f"{name}-rbac.yaml": accounts(emission)}
    if emission.code.archive:
        files[f"{code_name(name, emission.code)}.yaml"] = [code_config_map(emission)]
    files[f"{name}.yaml"] = [template]
    if specs.schedule is not None:
        files[f"{name}-cron.yaml"] = [cron_workflow(emission, specs.schedule)]
    if specs.events:
        from flowc.backends.argo.events import sensor

        files[f"{name}-sensor.yaml"] = [sensor(emission)]
    check_template(program, template, sink)
    check_code(emission, sink)
    header = _header(emission)
    documents = {path: [encode_document(item) for item in objects] for path, objects in files.items()}
    texts = {path: join_yaml(several, header=header) for path, several in documents.items()}
    # A schedule is applied after its template.
    listed = kustomization(documents, in_order=specs.schedule is not None)
    texts["kustomization.yaml"] = encode_yaml(listed, header=header)
    stream = join_yaml((text for several in documents.values() for text in several), header=header)
    return Bundle(
        files=tuple(BundleFile(path, text.encode()) for path, text in texts.items()),
        stream=stream.encode(),
    )


def _header(emission: Emission) -> list[str]:
    graph = emission.program.graph
    made_from = "".join(c if c.isprintable() else " " for c in f"{graph.file} ({graph.name})")
    return [f"Made by flowc from {made_from}. Change the flow and compile it again."]


ARGO = Backend(
    name="argo",
    summary="Argo Workflows on Kubernetes: a WorkflowTemplate and what belongs to it",
    check=check,
    emit=emit,
    lowering=Lowering.STATIC,
)
