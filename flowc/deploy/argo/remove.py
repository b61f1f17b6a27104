"""Taking away what `deploy` made: a flow's objects, and code that no run can need any more.

Invariant: only objects that carry flowc's label are removed, and of code only what neither a
template nor a run names.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from flowc.deploy.argo.kinds import (
    CONFIG_MAP,
    CRON,
    MANAGED,
    ROLE,
    ROLE_BINDING,
    SENSOR,
    SERVICE_ACCOUNT,
    TEMPLATE,
    WORKFLOW,
    is_ours,
)
from flowc.deploy.argo.nodes import RUN_PREFIX, moment
from flowc.deploy.argo.runs import UNFINISHED, find_template
from flowc.deploy.faults import DeployFault, Unserved
from flowc.deploy.outcome import Change, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.deploy.argo.cluster import Cluster, Object

# What starts runs goes first, what they run as last.
_MADE = (
    (CRON, "{}"),
    (SENSOR, "{}"),
    (TEMPLATE, "{}"),
    (ROLE_BINDING, "{}-trigger"),
    (ROLE, "{}-trigger"),
    (SERVICE_ACCOUNT, "{}-trigger"),
    (ROLE_BINDING, "{}-executor"),
    (ROLE, "{}-executor"),
    (SERVICE_ACCOUNT, "{}-runner"),
)
_CODE = re.compile(r"-code-[0-9a-f]{8}$")
_SETTLED_SECONDS = 3600  # the template that names new code may be on its way
_LISTED = 3


def undeploy(cluster: Cluster, flow: str, *, dry_run: bool, force: bool) -> Iterator[Outcome]:
    """Remove a flow's objects but its code. Raises DeployFault where runs are under way, unless `force`."""
    if not force:
        _refuse_under_way(cluster, flow)
    nothing = True
    for kind, form in _MADE:
        name = form.format(flow)
        try:
            known = cluster.get(kind, name)
        except Unserved:
            continue
        if known is None or not is_ours(known):
            continue
        nothing = False
        if not dry_run:
            cluster.delete(kind, name)
        yield Outcome(Change.REMOVED, f"{kind.kind}/{name}")
    if nothing:
        find_template(cluster, flow)  # which says what is there instead


def code_of(cluster: Cluster, flow: str) -> list[str]:
    """The names of the code that a flow's bundles left in the cluster."""
    return [name for name in _code_names(cluster, 0.0) if _CODE.sub("", name) == flow]


def collect(cluster: Cluster, *, dry_run: bool) -> Iterator[Outcome]:
    """Remove code that nothing names."""
    # Listed before the runs are: what is deployed meanwhile is not in the list, or is too young.
    candidates = list(_code_names(cluster, _SETTLED_SECONDS))
    named = _named(cluster) if candidates else set()
    for name in candidates:
        if name in named:
            continue
        if not dry_run:
            cluster.delete(CONFIG_MAP, name)
        yield Outcome(Change.REMOVED, f"ConfigMap/{name}")


def _code_names(cluster: Cluster, age: float) -> Iterator[str]:
    for item in cluster.names(CONFIG_MAP, MANAGED):
        name = str(item["metadata"]["name"])
        made = moment(item["metadata"].get("creationTimestamp")) or 0.0
        if _CODE.search(name) and made <= time.time() - age:
            yield name


def _named(cluster: Cluster) -> set[str]:
    """The ConfigMaps that templates and runs, ended ones too, mount."""
    found: set[str] = set()
    for template in cluster.objects(TEMPLATE):
        found.update(_mounted(template["spec"]))
    for workflow in cluster.objects(WORKFLOW):
        found.update(_mounted(workflow.get("spec") or {}))
        found.update(_mounted((workflow.get("status") or {}).get("storedWorkflowTemplateSpec") or {}))
    return found


def _mounted(spec: Object) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        if volume.get("configMap"):
            yield str(volume["configMap"].get("name"))


def _refuse_under_way(cluster: Cluster, flow: str) -> None:
    runs = [
        RUN_PREFIX + str(item["metadata"]["name"])
        for item in cluster.objects(WORKFLOW, UNFINISHED)
        if ((item.get("spec") or {}).get("workflowTemplateRef") or {}).get("name") == flow
    ]
    if runs:
        more = f" and {len(runs) - _LISTED} more" if len(runs) > _LISTED else ""
        raise DeployFault(
            f"`{flow}` has runs under way ({', '.join(runs[:_LISTED])}{more}), whose pods need its service account; "
            "wait for them, stop them with `flowc cancel RUN`, or remove it all the same with `--force`"
        )
