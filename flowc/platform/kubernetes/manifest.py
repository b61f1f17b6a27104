"""The parts of a pod that flowc writes, as Kubernetes spells them."""

from __future__ import annotations

from typing import Any, TypedDict


class FieldRef(TypedDict):
    """A field of the pod itself."""

    fieldPath: str


class VariableSource(TypedDict):
    """Where a variable's value comes from."""

    fieldRef: FieldRef


class Variable(TypedDict, total=False):
    """An environment variable: `value` or `valueFrom`."""

    name: str
    value: str
    valueFrom: VariableSource


class Named(TypedDict):
    """A reference by name."""

    name: str


class VariablesFrom(TypedDict):
    """All keys of a Secret as variables."""

    secretRef: Named


class VolumeMount(TypedDict, total=False):
    """Where a volume is in the container."""

    name: str
    mountPath: str
    readOnly: bool


class ResourceLists(TypedDict, total=False):
    """Quantities by resource."""

    requests: dict[str, str]
    limits: dict[str, str]


class Port(TypedDict):
    """A port that the container listens on."""

    containerPort: int


class Container(TypedDict, total=False):
    """The container of a step."""

    image: str
    imagePullPolicy: str
    command: list[str]
    args: list[str]
    env: list[Variable]
    envFrom: list[VariablesFrom]
    resources: ResourceLists
    ports: list[Port]
    volumeMounts: list[VolumeMount]
    securityContext: dict[str, Any]


class EmptyDir(TypedDict, total=False):
    """A volume that lives as long as its pod."""

    medium: str
    sizeLimit: str


class Claim(TypedDict):
    """A persistent volume claim."""

    claimName: str


class Volume(TypedDict, total=False):
    """A volume of a pod: one of its kinds."""

    name: str
    emptyDir: EmptyDir
    persistentVolumeClaim: Claim
    configMap: Named


class Toleration(TypedDict, total=False):
    """A taint that a pod tolerates."""

    key: str
    operator: str
    value: str
    effect: str
    tolerationSeconds: int


class Metadata(TypedDict, total=False):
    """Labels and annotations of a pod."""

    labels: dict[str, str]
    annotations: dict[str, str]


class Pod(TypedDict, total=False):
    """What a step adds to the pods of its target; absent where the target's own default holds."""

    container: Container
    volumes: list[Volume]
    nodeSelector: dict[str, str]
    tolerations: list[Toleration]
    metadata: Metadata
    imagePullSecrets: list[Named]
    serviceAccountName: str
