"""Results from Python, as Metaflow's client gives them: `Flow("Train").latest_run["fit"].task.data.loss`.

The datastore alone is read: its listings say which steps and paths there are, its records the rest.
Invariant: nothing here writes but tags, and a value is loaded only when it is asked for.
"""

from flowc.runtime.client.artifacts import DataArtifact
from flowc.runtime.client.flows import Flow, Metaflow, Run
from flowc.runtime.client.node import (
    default_metadata,
    default_namespace,
    get_metadata,
    get_namespace,
    metadata,
    namespace,
)
from flowc.runtime.client.steps import Step
from flowc.runtime.client.tasks import Task

__all__ = [
    "DataArtifact",
    "Flow",
    "Metaflow",
    "Run",
    "Step",
    "Task",
    "default_metadata",
    "default_namespace",
    "get_metadata",
    "get_namespace",
    "metadata",
    "namespace",
]
