"""An attempt as the object of a pod.

What a step says is rendered by `platform.kubernetes`, as for Argo; what the settings of the target say
of every pod is added here, where Argo has a place for it in its manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.kubernetes.state import CONTAINER
from flowc.manifest.digest import sha256_hex
from flowc.manifest.names import flow_label, step_label
from flowc.platform import attributes
from flowc.platform.kubernetes import grammar
from flowc.platform.kubernetes.pod import DROP_ALL, escape_references, pod
from flowc.platform.kubernetes.pod import toleration as rendered

if TYPE_CHECKING:
    from typing import Any

    from flowc.ir.graph import Step
    from flowc.launch.base import Order
    from flowc.launch.remote import Remote
    from flowc.target.settings import ArgoSettings

    Object = dict[str, Any]

RUN_LABEL = "flowc.dev/run"
_RUN_LENGTH, _STEP_LENGTH = 34, 18  # with the digest and two dashes 62, of 63 that a host's name may have
_GRACE_SECONDS = 600  # beyond `@timeout`: the pod's own clock counts more than user code


def pod_name(order: Order) -> str:
    """The same for the same attempt, another for any other."""
    told = order.settings
    words = f"{told.run_id}/{told.step}/{told.path}/{told.attempt}"
    return f"{flow_label(told.run_id, _RUN_LENGTH)}-{step_label(told.step, _STEP_LENGTH)}-{sha256_hex(words.encode())[:8]}"


def run_label(run_id: str) -> str:
    """The run as the value of a label."""
    return flow_label(run_id) if grammar.label_value(run_id) else run_id


def namespace_of(step: Step, settings: ArgoSettings, own: str) -> str:
    """Where a step's pods are made: what the step says, else what is configured, else `own`, the context's."""
    return attributes.text(step.spec.kubernetes, "namespace") or settings.namespace or own


def task_pod(remote: Remote, order: Order, namespace: str) -> Object:
    """The pod of an attempt."""
    step = remote.steps[order.settings.step]
    rendering = pod(step.spec, (), gpu_resource=remote.settings.argo.gpu_resource)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata(remote, order, namespace, dict(rendering.get("metadata", {}))),
        "spec": _spec(remote, order, step, dict(rendering)),
    }


def _metadata(remote: Remote, order: Order, namespace: str, own: Object) -> Object:
    argo, told = remote.settings.argo, order.settings
    labels = {
        "app.kubernetes.io/managed-by": "flowc",
        "flowc.dev/flow": run_label(remote.flow),
        RUN_LABEL: run_label(remote.run_id),
        "flowc.dev/step": step_label(told.step),
    }
    task = f"{contract.escape_name(told.step)}/{told.path}"
    return {
        "name": pod_name(order),
        "namespace": namespace,
        # What finds the pods again goes last: nobody may rename it.
        "labels": {**argo.labels, **own.get("labels", {}), **labels},
        "annotations": {**argo.annotations, **own.get("annotations", {}), "flowc.dev/task": task},
    }


def _spec(remote: Remote, order: Order, step: Step, own: Object) -> Object:
    argo = remote.settings.argo
    made: Object = {"restartPolicy": "Never"}
    account = own.get("serviceAccountName") or argo.service_account
    if account:
        made["serviceAccountName"] = account
    selector = {**argo.node_selector, **own.get("nodeSelector", {})}
    if selector:
        made["nodeSelector"] = selector
    tolerations = own.get("tolerations") or [rendered(item) for item in argo.tolerations]
    if tolerations:
        made["tolerations"] = tolerations
    secrets = [{"name": name} for name in argo.image_pull_secrets] + own.get("imagePullSecrets", [])
    if secrets:
        made["imagePullSecrets"] = secrets
    if own.get("volumes"):
        made["volumes"] = own["volumes"]
    if step.spec.timeout_seconds is not None:
        made["activeDeadlineSeconds"] = step.spec.timeout_seconds.value + _GRACE_SECONDS
    made["containers"] = [_container(remote, order, step, own["container"])]
    return made


def _container(remote: Remote, order: Order, step: Step, own: Object) -> Object:
    argo = remote.settings.argo
    variables = [
        {"name": name, "value": escape_references(value)} for name, value in remote.environment(order).items()
    ]
    made: Object = {
        "name": CONTAINER,
        "image": remote.settings.image,
        "imagePullPolicy": argo.image_pull_policy,
        "command": remote.command(attributes.text(step.spec.kubernetes, "executable") or "python3"),
        **own,
        "env": [*variables, *own.get("env", [])],
        "securityContext": {**DROP_ALL, **own.get("securityContext", {})},
    }
    # A step's own Secrets go before the one that opens the datastore, as on Argo.
    sources = [{"secretRef": {"name": argo.s3_secret}}] if argo.s3_secret else []
    if sources or own.get("envFrom"):
        made["envFrom"] = [*sources, *own.get("envFrom", [])]
    return made
