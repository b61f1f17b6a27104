"""Deploying: a cluster's objects made what a bundle says, and nothing else touched.

Invariant: the same bundle again changes no object. What is not as it was asked for is found before
anything is sent, as far as reading tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.argo.bundle import template_names
from flowc.deploy.argo.kinds import CRON, ROLE, ROLE_BINDING, SENSOR, SERVICE_ACCOUNT, is_ours
from flowc.deploy.faults import Forbidden, Unserved
from flowc.deploy.outcome import Change, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.deploy.argo.bundle import Item
    from flowc.deploy.argo.cluster import Cluster, Object
    from flowc.deploy.argo.kinds import Kind

# What starts runs by itself, and is not of every bundle of a flow: an old one must not go on.
_STARTERS = (
    (CRON, "{}"),
    (SENSOR, "{}"),
    (ROLE_BINDING, "{}-trigger"),
    (ROLE, "{}-trigger"),
    (SERVICE_ACCOUNT, "{}-trigger"),
)

_KEPT_BY_SERVER = frozenset({"resourceVersion", "managedFields", "generation"})


def deploy(cluster: Cluster, items: Sequence[Item], *, force: bool) -> Iterator[Outcome]:
    """Apply the objects one after another; then remove what starts runs of these flows no longer."""
    before = [cluster.get(item.kind, item.name) for item in items]
    for item, known in zip(items, before, strict=True):
        after = cluster.apply(item.kind, item.content, force=force)
        yield Outcome(_change(known, after), item.thing)
    yield from _remove_starters(cluster, items)


def _change(before: Object | None, after: Object) -> Change:
    if before is None:
        return Change.CREATED
    same = before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]
    return Change.UNCHANGED if same or _said(before) == _said(after) else Change.CHANGED


def _said(content: Object) -> Object:
    """An object without what its server and its controller keep: a schedule's status changes at any moment."""
    metadata = {key: value for key, value in content["metadata"].items() if key not in _KEPT_BY_SERVER}
    return {**{key: value for key, value in content.items() if key != "status"}, "metadata": metadata}


def _remove_starters(cluster: Cluster, items: Sequence[Item]) -> Iterator[Outcome]:
    wanted = {(item.kind, item.name) for item in items}
    for flow in template_names(items):
        for kind, form in _STARTERS:
            name = form.format(flow)
            if (kind, name) not in wanted and _is_known(cluster, kind, name):
                cluster.delete(kind, name)
                yield Outcome(Change.REMOVED, f"{kind.kind}/{name}", "the bundle has it no more")


def _is_known(cluster: Cluster, kind: Kind, name: str) -> bool:
    """Whether an object of ours is there, as far as this user and this cluster can know."""
    try:
        known = cluster.get(kind, name)
    except (Forbidden, Unserved):
        return False
    return known is not None and is_ours(known)
