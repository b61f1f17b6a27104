"""`templateDefaults`: what reaches templates that it does not fit.

The engine drops a default of another kind (a `container` never reaches a DAG) but merges every
other field into every template, DAGs and steps too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import mapping

if TYPE_CHECKING:
    from flowc.validate.argo.templates import Workflow

_LEAKING = {
    "retryStrategy": "a DAG is retried as a whole, and `parallelism` does not count its next attempt",
    "timeout": "the engine refuses it on DAGs and steps",
    "activeDeadlineSeconds": "the engine refuses it on DAGs and steps",
    "inputs": "DAGs get inputs that no task gives",
}


def check_defaults(workflow: Workflow) -> None:
    """Report FC728 for defaults that reach a DAG or list of steps of the workflow."""
    defaults = mapping(workflow.spec.get("templateDefaults"))
    inner = [t.name for t in workflow.templates.values() if set(t.kinds) & {"dag", "steps"}]
    for key, why in _LEAKING.items():
        if defaults.get(key) and inner:
            message = f"`{key}` in `templateDefaults` also reaches `{inner[0]}`, which is no pod: {why}"
            workflow.findings.report(
                catalog.LEAKING_DEFAULT,
                ("templateDefaults", key),
                message,
                "write it in each template that runs a pod",
                at_key=True,
            )
