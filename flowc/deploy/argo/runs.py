"""Runs on a cluster: started from a flow's template, looked at, stopped.

Invariant: a Workflow refers to its WorkflowTemplate and says nothing that the template says, so
that what runs is what was deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.deploy.argo.kinds import MANAGED, TEMPLATE, WORKFLOW
from flowc.deploy.argo.nodes import RUN_PREFIX, run_status
from flowc.deploy.faults import DeployFault, Forbidden, known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.deploy.argo.cluster import Cluster, Object
    from flowc.deploy.argo.kinds import Kind
    from flowc.deploy.status import RunStatus

_TEMPLATE_LABEL = "workflows.argoproj.io/workflow-template"
UNFINISHED = "workflows.argoproj.io/completed!=true"


def find_template(cluster: Cluster, name: str) -> Object:
    """The template of a deployed flow. Raises DeployFault with the names there are."""
    found = cluster.get(TEMPLATE, name)
    if found is not None:
        return found
    nothing = "nothing is deployed there: `flowc deploy FILE --target argo`, or another `--namespace`"
    hint = known_names(name, _known(cluster, TEMPLATE, MANAGED), nothing)
    raise DeployFault(
        f"no flow `{name}` is deployed in the namespace `{cluster.namespace}` ({cluster.host}); {hint}"
    )


def declared_parameters(template: Object) -> dict[str, bool]:
    """The parameters that a run of a template takes, and whether each must be given."""
    arguments = template["spec"].get("arguments") or {}
    return {str(p["name"]): "value" not in p for p in arguments.get("parameters") or ()}


def workflow_of(name: str, values: Mapping[str, str]) -> Object:
    """The Workflow object of a new run; its name is made by the cluster."""
    spec: Object = {"workflowTemplateRef": {"name": name}}
    if values:
        spec["arguments"] = {"parameters": [{"name": n, "value": v} for n, v in values.items()]}
    return {
        "apiVersion": WORKFLOW.version,
        "kind": WORKFLOW.kind,
        "metadata": {
            "generateName": f"{name}-",
            "labels": {"app.kubernetes.io/managed-by": "flowc", _TEMPLATE_LABEL: name},
        },
        "spec": spec,
    }


def resume_values(required: Mapping[str, bool], origin_run: str, from_step: str | None) -> dict[str, str]:
    """The parameters of a run that resumes another one: that run's own stand for those that must be given."""
    values = {
        name: contract.SENTINEL for name, needed in required.items() if needed and not is_reserved(name)
    }
    values[contract.PARAM_ORIGIN_RUN] = origin_run
    if from_step is not None:
        values[contract.PARAM_FROM_STEP] = from_step
    return values


def is_reserved(name: str) -> bool:
    """Whether a parameter is flowc's own."""
    return name.startswith(contract.PARAM_PREFIX)


def submit(cluster: Cluster, workflow: Object) -> str:
    """Start a run; its id."""
    return RUN_PREFIX + str(cluster.create(WORKFLOW, workflow)["metadata"]["name"])


def look(cluster: Cluster, run_id: str) -> RunStatus:
    """How far a run is. Raises DeployFault where the cluster has none of the id."""
    return run_status(_find(cluster, run_id))


def cancel(cluster: Cluster, run_id: str, *, with_hooks: bool) -> None:
    """Stop a run: its pods end, and the exit hook runs if `with_hooks`."""
    _find(cluster, run_id)
    cluster.merge(WORKFLOW, _name(run_id), {"spec": {"shutdown": "Stop" if with_hooks else "Terminate"}})


def _find(cluster: Cluster, run_id: str) -> Object:
    found = cluster.get(WORKFLOW, _name(run_id))
    if found is not None:
        return found
    known = [RUN_PREFIX + name for name in _known(cluster, WORKFLOW, "")]
    nothing = "no run is there"
    raise DeployFault(
        f"the namespace `{cluster.namespace}` ({cluster.host}) has no run `{run_id}`; "
        f"{known_names(run_id, known, nothing)}; Argo removes ended runs after some days, `flowc show {run_id}` "
        "reads what they left"
    )


def _name(run_id: str) -> str:
    return run_id.removeprefix(RUN_PREFIX)


def _known(cluster: Cluster, kind: Kind, selector: str) -> list[str]:
    try:
        return [str(item["metadata"]["name"]) for item in cluster.names(kind, selector)]
    except Forbidden:  # who may use one by its name need not be allowed to list them
        return []
