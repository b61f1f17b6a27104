"""What only the finished objects show: sizes and counts that the engine cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.argo.fold import MAX_TEMPLATES
from flowc.backends.argo.partition import MAX_TASKS
from flowc.diagnostics import catalog
from flowc.manifest.encode import stored_size

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Object
    from flowc.backends.base import Emission
    from flowc.diagnostics.model import Sink

MAX_BYTES = 512 * 1024  # a run stores the template beside its own state in 1 MiB
SERVER_SIDE_BYTES = 190 * 1024  # beyond it client-side apply cannot keep its copy of the object
MAX_CODE_BYTES = 700 * 1024  # a ConfigMap holds 1 MiB, and base64 takes a third more


def check_sizes(emission: Emission, template: Object, sink: Sink) -> None:
    """Report FC605 and FC613; mark a large object for server-side apply."""
    size = stored_size(template)
    if size > SERVER_SIDE_BYTES:
        template["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] = "ServerSideApply=true"
    where = emission.program.graph.span
    flow = emission.program.graph.name
    templates = template["spec"]["templates"]
    widest = max((len(t["dag"]["tasks"]) for t in templates if "dag" in t), default=0)
    for found, limit, unit in (
        (size, MAX_BYTES, "bytes as JSON"),
        (len(templates), MAX_TEMPLATES, "templates"),
        (widest, MAX_TASKS, "tasks in one DAG"),
    ):
        if found > limit:
            sink.report(
                catalog.MANIFEST_TOO_LARGE,
                where,
                f"`{flow}` is too big for Argo Workflows: {found:,} {unit}, where it takes {limit:,}",
                helps=[
                    "make two flows of it, the second with `@trigger_on_finish`",
                    "turn steps that do the same into a foreach",
                ],
            )
    code = len(emission.code.archive)
    if code > MAX_CODE_BYTES:
        sink.report(
            catalog.CODE_TOO_LARGE,
            where,
            f"the code of `{flow}` is {code:,} bytes; a ConfigMap takes {MAX_CODE_BYTES:,}",
            notes=[f"embedded: {', '.join(emission.code.names[:10])}"],
            helps=["build an image that holds the code: `--code image` (see `flowc image`)"],
        )
