"""`flowc deploy` to a cluster."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowc.cli.deploying.engine import open_cluster
from flowc.cli.deploying.outcomes import documents, printed, summary
from flowc.cli.output import say, write
from flowc.cli.results.documents import print_document
from flowc.deploy.argo.apply import deploy as apply_objects
from flowc.deploy.argo.bundle import namespace_of, read_objects, template_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.cli.deploying.delivery import Delivery, Manner
    from flowc.deploy.argo.bundle import Item


def deploy(delivery: Delivery, context: str | None, manner: Manner) -> int:
    """Apply the objects; the exit code. Raises DeployFault."""
    items = read_objects(delivery.files)
    namespace = namespace_of(items) or delivery.settings.argo.namespace
    if manner.dry_run:
        _print_plan(items, namespace, as_json=manner.as_json)
        return 0
    cluster = open_cluster(context, namespace)
    if not manner.quiet:
        say(f"namespace {cluster.namespace} at {cluster.host}")
    done = printed(apply_objects(cluster, items, force=manner.force), quiet=manner.quiet or manner.as_json)
    names = template_names(items)
    if manner.as_json:
        place = {"namespace": cluster.namespace, "server": cluster.host}
        print_document({"target": "argo", "names": names, "place": place, "things": documents(done)})
    elif not manner.quiet:
        say(f"{', '.join(names)}: {summary(done)}")
        say(f"start a run: flowc submit {names[0]} --target argo")
    return 0


def _print_plan(items: Sequence[Item], namespace: str | None, *, as_json: bool) -> None:
    """The objects in the order in which they would be applied."""
    if as_json:
        things = [{"change": "planned", "thing": item.thing, "note": ""} for item in items]
        place = {"namespace": namespace, "server": None}
        print_document({"target": "argo", "names": template_names(items), "place": place, "things": things})
        return
    where = f"the namespace {namespace}" if namespace else "the namespace of the kubeconfig's context"
    say(f"would be applied to {where}:")
    write(sys.stdout, "".join(f"{item.thing}\n" for item in items))
