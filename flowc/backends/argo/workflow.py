"""The WorkflowTemplate: what holds for the whole run, and the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.exits import exit_templates
from flowc.backends.argo.fold import fold
from flowc.backends.argo.lower import lower
from flowc.backends.argo.naming import TemplateNames
from flowc.backends.argo.objects import code_name, executor_account, flow_label_value, metadata
from flowc.backends.argo.steps import (
    SHIM,
    is_tried,
    passes_default,
    shim_command,
    step_template,
)
from flowc.backends.naming import flow_name
from flowc.backends.task_settings import flow_environment
from flowc.platform import attributes
from flowc.platform.kubernetes.pod import DROP_ALL, escape_references
from flowc.platform.kubernetes.pod import toleration as rendered

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Object, Parameter
    from flowc.backends.base import Emission
    from flowc.ir.graph import FlowGraph
    from flowc.ir.params import Parameter as FlowParameter
    from flowc.ir.program import Program
    from flowc.platform.kubernetes.manifest import Variable
    from flowc.target.settings import Settings

_CODE_VOLUME = "flowc-code"
_DATASTORE_VOLUME = "flowc-datastore"
_DATASTORE_PARAMETER = "{{workflow.parameters." + contract.PARAM_DATASTORE + "}}"
_MIN_VERSION = ">= 3.7.16"


def workflow_template(emission: Emission) -> Object:
    """The WorkflowTemplate of a flow."""
    program, settings = emission.program, emission.settings
    graph = program.graph
    names = TemplateNames(graph)
    dags = lower(program, settings, names, lambda step: is_tried(graph.steps[step].spec, settings))
    pods = [step_template(program, settings, names.steps[step], graph.steps[step]) for step in graph.steps]
    on_exit = exit_templates(program, settings, names)
    spec: Object = {"entrypoint": dags[0]["name"]}
    if on_exit:
        spec["onExit"] = on_exit[0]["name"]
    spec |= _run(program, settings)
    spec["arguments"] = {"parameters": workflow_parameters(graph, settings)}
    spec |= _housekeeping(graph, settings)
    volumes = _volumes(emission)
    if volumes:
        spec["volumes"] = volumes
    spec["templateDefaults"] = {"container": _container_defaults(emission)}
    spec["templates"] = [*fold(dags, pods, names), *on_exit]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate",
        "metadata": metadata(emission, flow_name(program, settings), _annotations(emission)),
        "spec": spec,
    }


def workflow_parameters(graph: FlowGraph, settings: Settings) -> list[Parameter]:
    """The inputs of a run: the flow's parameters, then flowc's own, whose names begin with `flowc-`."""
    found = [_parameter(parameter) for parameter in graph.parameters.values()]
    if settings.image is None:
        found.append(
            {"name": contract.PARAM_IMAGE, "description": "image that holds Python and what the flow imports"}
        )
    if settings.datastore is None:
        found.append(
            {"name": contract.PARAM_DATASTORE, "description": "where artifacts go, s3://bucket/prefix"}
        )
    for name, meaning in (
        (contract.PARAM_ORIGIN_RUN, "run whose finished tasks are taken over"),
        (contract.PARAM_FROM_STEP, "step that runs again, with all that follow"),
    ):
        found.append({"name": name, "description": meaning, "value": ""})
    return found


def spelled(text: str) -> str:
    """A name of the flow that nothing is lost of: what is not inert is spelled like a step's letters."""
    return "".join(c if contract.is_inert(c) else f"-x{ord(c):x}-" for c in text)


def inert(text: str) -> str:
    """Text of the flow for people: characters that an engine could give a meaning are left out."""
    return " ".join("".join(c if contract.is_inert(c) else " " for c in text).split())


def _parameter(parameter: FlowParameter) -> Parameter:
    help_text = inert(parameter.help)
    kind = f"({parameter.type.value})"
    made: Parameter = {"name": parameter.name, "description": f"{help_text} {kind}" if help_text else kind}
    value = passes_default(parameter)
    if value is not None:
        made["value"] = value
    return made


def _annotations(emission: Emission) -> dict[str, str]:
    graph, certificate = emission.program.graph, emission.certificate
    described = inert(graph.doc.strip().partition("\n\n")[0])
    found = {"workflows.argoproj.io/title": contract.escape_name(graph.name)}
    if described:
        found["workflows.argoproj.io/description"] = described
    found |= {
        "workflows.argoproj.io/version": _MIN_VERSION,
        "flowc.dev/source": spelled(graph.file),
        "flowc.dev/peak-tasks": str(certificate.peak_tasks),
        "flowc.dev/peak-cpu": f"{certificate.peak_cpu_millis}m",
        "flowc.dev/peak-memory": f"{certificate.peak_memory_mb}M",
    }
    if certificate.peak_gpu:
        found["flowc.dev/peak-gpu"] = str(certificate.peak_gpu)
    bound = "at most " if certificate.total_is_bound else ""
    found["flowc.dev/total-tasks"] = f"{bound}{certificate.total_tasks}"
    if emission.code.archive:
        found["flowc.dev/code-sha256"] = emission.code.sha256
    return found


def _run(program: Program, settings: Settings) -> Object:
    """Who runs the pods, how many at once, and for how long."""
    made: Object = {"serviceAccountName": executor_account(flow_name(program, settings), settings)}
    made["parallelism"] = max(1, settings.max_workers)
    if settings.run_timeout_seconds is not None:
        made["activeDeadlineSeconds"] = settings.run_timeout_seconds
    return made


def _housekeeping(graph: FlowGraph, settings: Settings) -> Object:
    """What becomes of pods and finished runs, and where pods are placed."""
    argo = settings.argo
    labels = {"app.kubernetes.io/managed-by": "flowc", "flowc.dev/flow": flow_label_value(graph.name)}
    pods: Object = {"labels": {**labels, **argo.labels}}
    if argo.annotations:
        pods["annotations"] = dict(argo.annotations)
    made: Object = {
        "podGC": {"strategy": "OnPodSuccess", "deleteDelayDuration": "600s"},
        "ttlStrategy": {
            "secondsAfterSuccess": argo.keep_success_seconds,
            "secondsAfterFailure": argo.keep_failure_seconds,
        },
        "podMetadata": pods,
        "workflowMetadata": {"labels": {"flowc.dev/flow": flow_label_value(graph.name)}},
    }
    secrets = list(argo.image_pull_secrets)
    for step in graph.steps.values():
        secrets += attributes.texts(step.spec.kubernetes, "image_pull_secrets")
    if secrets:
        made["imagePullSecrets"] = [{"name": name} for name in dict.fromkeys(secrets)]
    if argo.node_selector:
        made["nodeSelector"] = dict(argo.node_selector)
    if argo.tolerations:
        made["tolerations"] = [rendered(item) for item in argo.tolerations]
    return made


def _volumes(emission: Emission) -> list[Object]:
    found: list[Object] = []
    if emission.code.archive:
        name = code_name(flow_name(emission.program, emission.settings), emission.code)
        found.append({"name": _CODE_VOLUME, "configMap": {"name": name}})
    claim = emission.settings.argo.volume_claim
    if claim is not None and _mounted_folder(emission.settings) is not None:
        found.append({"name": _DATASTORE_VOLUME, "persistentVolumeClaim": {"claimName": claim}})
    return found


def _mounted_folder(settings: Settings) -> str | None:
    """The folder of a `file://` datastore, where the claim is mounted."""
    if settings.datastore is None or not settings.datastore.startswith("file://"):
        return None
    return settings.datastore.removeprefix("file://")


def _container_defaults(emission: Emission) -> Object:
    """What all containers of steps have; Argo drops it for DAGs."""
    settings = emission.settings
    made: Object = {"command": shim_command(settings), "imagePullPolicy": settings.argo.image_pull_policy}
    made["env"] = _environment(emission)
    if settings.argo.s3_secret is not None:
        made["envFrom"] = [{"secretRef": {"name": settings.argo.s3_secret}}]
    mounts: list[Object] = []
    if emission.code.archive:
        mounts.append({"name": _CODE_VOLUME, "mountPath": SHIM.rpartition("/")[0], "readOnly": True})
    folder = _mounted_folder(settings)
    if settings.argo.volume_claim is not None and folder is not None:
        mounts.append({"name": _DATASTORE_VOLUME, "mountPath": folder})
    if mounts:
        made["volumeMounts"] = mounts
    made["securityContext"] = DROP_ALL
    return made


def _environment(emission: Emission) -> list[Variable]:
    settings = emission.settings
    datastore = settings.datastore or _DATASTORE_PARAMETER
    values = [(contract.ENV_DATASTORE, escape_references(datastore))]
    values += flow_environment(emission.program, settings)
    values += [
        (contract.ENV_RUN_ID, contract.ARGO_RUN + "{{workflow.name}}"),
        (contract.ENV_RUN_UID, "{{workflow.uid}}"),
        (contract.ENV_PATH, "{{inputs.parameters.path}}"),
    ]
    if settings.argo.s3_endpoint is not None:
        values.append(("AWS_ENDPOINT_URL_S3", settings.argo.s3_endpoint))
    made: list[Variable] = [{"name": name, "value": value} for name, value in values]
    # The pod's uid tells attempts apart, also across `argo retry`.
    made.append({"name": contract.ENV_ATTEMPT_ID, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}})
    return made
