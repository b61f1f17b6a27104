"""One step as the part of a pod that is its own: rendered once for every backend that makes pods.

Numbers keep the unit they were written in: `memory=60000` is `60000M`. The memory limit is the
request, so that a step that asks for too little fails by itself and not its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.platform import attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.ir.resources import Resources
    from flowc.ir.spec import StepSpec
    from flowc.platform.kubernetes.manifest import (
        Container,
        Pod,
        ResourceLists,
        Toleration,
        Variable,
        Volume,
        VolumeMount,
    )

DEFAULT_GPU_RESOURCE = "nvidia.com/gpu"
DROP_ALL: dict[str, object] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}

_SHARED_MEMORY = "dshm"
_TMPFS = "tmpfs"
_COMPUTE_POOL_LABEL = "outerbounds.co/compute-pool"
_CAMEL = {
    "allow_privilege_escalation": "allowPrivilegeEscalation",
    "run_as_user": "runAsUser",
    "run_as_group": "runAsGroup",
    "run_as_non_root": "runAsNonRoot",
    "toleration_seconds": "tolerationSeconds",
}


def pod(
    spec: StepSpec, variables: Iterable[tuple[str, str]], *, gpu_resource: str = DEFAULT_GPU_RESOURCE
) -> Pod:
    """The pod of a step: only what the step says; image, command and code come from the target's defaults.

    `variables` are the step's environment, `gpu_resource` the resource that a GPU is counted by
    where the step names no vendor.
    """
    made: Pod = {"container": _container(spec, variables, gpu_resource)}
    volumes = [volume for volume, _ in _volumes(spec)]
    if volumes:
        made["volumes"] = volumes
    selector = _node_selector(spec)
    if selector:
        made["nodeSelector"] = selector
    tolerated = [toleration(item) for item in attributes.mappings(spec.kubernetes, "tolerations")]
    if tolerated:
        made["tolerations"] = tolerated
    _add_metadata(made, spec)
    account = attributes.text(spec.kubernetes, "service_account")
    if account is not None:
        made["serviceAccountName"] = account
    pull_secrets = attributes.texts(spec.kubernetes, "image_pull_secrets")
    if pull_secrets:
        made["imagePullSecrets"] = [{"name": name} for name in pull_secrets]
    return made


def resource_lists(
    resources: Resources,
    *,
    gpu_resource: str,
    extended: Mapping[str, str] | None = None,
    guaranteed: bool = False,
) -> ResourceLists:
    """Requests and limits. `guaranteed`: every limit is its request."""
    requests = {"cpu": cpu_quantity(resources.cpu_millis), "memory": f"{resources.memory_mb}M"}
    limits = {"memory": requests["memory"]}
    if resources.disk_mb is not None:
        requests["ephemeral-storage"] = f"{resources.disk_mb}M"
    if guaranteed:
        limits = dict(requests)
    if resources.gpu:
        limits[gpu_resource] = str(resources.gpu)
    for name, amount in (extended or {}).items():
        requests[name] = limits[name] = amount
    return {"requests": requests, "limits": limits}


def cpu_quantity(millis: int) -> str:
    """`4`, or `1500m` where it is no whole number."""
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


def toleration(written: Mapping[str, object]) -> Toleration:
    """One toleration, its keys as Kubernetes spells them."""
    return {_CAMEL.get(str(key), str(key)): item for key, item in written.items() if item is not None}  # type: ignore[return-value]


def escape_references(value: str) -> str:
    """A variable's value that the kubelet leaves alone: `$(` begins a reference."""
    return value.replace("$(", "$$(")


def _node_selector(spec: StepSpec) -> dict[str, str]:
    """The labels of the nodes that the step may run on; a compute pool is one of them."""
    pool = attributes.text(spec.kubernetes, "compute_pool")
    selector = attributes.pairs(spec.kubernetes, "node_selector")
    return selector | ({_COMPUTE_POOL_LABEL: pool} if pool else {})


def _secret_names(spec: StepSpec) -> list[str]:
    """Kubernetes Secrets whose keys become variables: plain names of `@secrets`, and the attribute's."""
    named = [secret.name for secret in spec.secrets if secret.type is None]
    return list(dict.fromkeys([*named, *attributes.texts(spec.kubernetes, "secrets")]))


def _container(spec: StepSpec, variables: Iterable[tuple[str, str]], gpu_resource: str) -> Container:
    made: Container = {}
    image = attributes.text(spec.kubernetes, "image")
    if image is not None:
        made["image"] = image
    policy = attributes.text(spec.kubernetes, "image_pull_policy")
    if policy is not None:
        made["imagePullPolicy"] = policy
    env = [_variable(name, value) for name, value in (*variables, *_own_variables(spec))]
    if env:
        made["env"] = env
    secrets = _secret_names(spec)
    if secrets:
        made["envFrom"] = [{"secretRef": {"name": name}} for name in secrets]
    vendor = attributes.text(spec.kubernetes, "gpu_vendor")
    made["resources"] = resource_lists(
        spec.resources,
        gpu_resource=f"{vendor}.com/gpu" if vendor else gpu_resource,
        extended=attributes.pairs(spec.kubernetes, "extended_resources"),
        guaranteed=(attributes.text(spec.kubernetes, "qos") or "").lower() == "guaranteed",
    )
    port = attributes.number(spec.kubernetes, "port")
    if port:
        made["ports"] = [{"containerPort": port}]
    mounts = [mount for _, mount in _volumes(spec)]
    if mounts:
        made["volumeMounts"] = mounts
    security = _security_context(spec)
    if security:
        made["securityContext"] = security
    return made


def _variable(name: str, value: str) -> Variable:
    return {"name": name, "value": escape_references(value)}


def _own_variables(spec: StepSpec) -> list[tuple[str, str]]:
    """Metaflow tells a task where its tmpfs lies."""
    if _tmpfs_mb(spec) is None or not attributes.flag(spec.kubernetes, "tmpfs_tempdir", default=True):
        return []
    return [("METAFLOW_TEMPDIR", _tmpfs_path(spec))]


def _volumes(spec: StepSpec) -> list[tuple[Volume, VolumeMount]]:
    """Volumes with the place of each: shared memory, tmpfs, claims."""
    found: list[tuple[Volume, VolumeMount]] = []
    if spec.resources.shared_memory_mb:
        found.append(_memory(_SHARED_MEMORY, spec.resources.shared_memory_mb, "/dev/shm"))  # noqa: S108 - a mount
    tmpfs = _tmpfs_mb(spec)
    if tmpfs is not None:
        found.append(_memory(_TMPFS, tmpfs, _tmpfs_path(spec)))
    claims = attributes.pairs(spec.kubernetes, "persistent_volume_claims")
    for number, (claim, path) in enumerate(claims.items()):
        name = f"claim-{number}"
        found.append(
            ({"name": name, "persistentVolumeClaim": {"claimName": claim}}, {"name": name, "mountPath": path})
        )
    return found


def _memory(name: str, megabytes: int, path: str) -> tuple[Volume, VolumeMount]:
    volume: Volume = {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": f"{megabytes}M"}}
    return volume, {"name": name, "mountPath": path}


def _tmpfs_mb(spec: StepSpec) -> int | None:
    """The size of the tmpfs; half of the memory where none is said; None without a tmpfs."""
    size = attributes.number(spec.kubernetes, "tmpfs_size") or spec.resources.tmpfs_mb
    if size is None and not attributes.flag(spec.kubernetes, "use_tmpfs", default=False):
        return None
    return size or spec.resources.memory_mb // 2


def _tmpfs_path(spec: StepSpec) -> str:
    return attributes.text(spec.kubernetes, "tmpfs_path") or attributes.DEFAULT_TMPFS_PATH


def _security_context(spec: StepSpec) -> dict[str, object]:
    """What the step asks of its security context, over all capabilities dropped."""
    asked = attributes.value(spec.kubernetes, "security_context")
    if not isinstance(asked, dict) or not asked:
        return {}
    own = {_CAMEL.get(str(key), str(key)): item for key, item in asked.items() if item is not None}
    if own.get("privileged"):
        # A privileged container has every capability; the API refuses it without escalation.
        own.setdefault("allowPrivilegeEscalation", True)
    return own


def _add_metadata(made: Pod, spec: StepSpec) -> None:
    labels = attributes.pairs(spec.kubernetes, "labels")
    annotations = attributes.pairs(spec.kubernetes, "annotations")
    if labels or annotations:
        made["metadata"] = {
            **({"labels": labels} if labels else {}),
            **({"annotations": annotations} if annotations else {}),
        }
