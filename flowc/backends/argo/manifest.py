"""The objects of a bundle, as Argo Workflows, Argo Events and Kubernetes spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from flowc.platform.kubernetes.manifest import Container, Metadata, Toleration, Volume


class ValueFrom(TypedDict, total=False):
    """Where an output parameter's value comes from: one of these."""

    path: str
    parameter: str
    expression: str
    default: str


class Parameter(TypedDict, total=False):
    """A parameter of a workflow, a template or a task."""

    name: str
    description: str
    value: str
    default: str
    valueFrom: ValueFrom


class Parameters(TypedDict):
    """Inputs, outputs or arguments."""

    parameters: list[Parameter]


class Sequence(TypedDict):
    """`withSequence`: one task for each number from 0."""

    count: str


class Task(TypedDict, total=False):
    """A task of a DAG."""

    name: str
    template: str
    depends: str
    when: str
    arguments: Parameters
    withSequence: Sequence


class Dag(TypedDict):
    """A DAG template's tasks."""

    tasks: list[Task]


class Backoff(TypedDict):
    """A fixed delay between attempts."""

    duration: str
    factor: str


class RetryStrategy(TypedDict, total=False):
    """How often a pod is tried again, and after which failures."""

    limit: str
    retryPolicy: str
    expression: str
    backoff: Backoff


class Template(TypedDict, total=False):
    """A template: a DAG or a container."""

    name: str
    parallelism: int
    inputs: Parameters
    outputs: Parameters
    activeDeadlineSeconds: str
    retryStrategy: RetryStrategy
    metadata: Metadata
    nodeSelector: dict[str, str]
    tolerations: list[Toleration]
    serviceAccountName: str
    volumes: list[Volume]
    container: Container
    dag: Dag


# An object of the cluster: apiVersion, kind, metadata and what its kind holds.
Object = dict[str, Any]
