"""What only the finished objects show: sizes and counts that the engine cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.argo.fold import MAX_TEMPLATES
from flowc.backends.argo.objects import SERVER_SIDE, SERVER_SIDE_BYTES, SYNC_OPTIONS
from flowc.backends.argo.partition import MAX_TASKS
from flowc.diagnostics import catalog
from flowc.manifest.encode import stored_size

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Object
    from flowc.backends.base import Emission
    from flowc.diagnostics.model import Sink
    from flowc.ir.program import Program

MAX_BYTES = 512 * 1024  # a run stores the template beside its own state in 1 MiB
MAX_CODE_BYTES = 700 * 1024  # a ConfigMap holds 1 MiB, and base64 takes a third more


def check_template(program: Program, template: Object, sink: Sink) -> None:
    """Report FC605; mark a large object for server-side apply."""
    size = stored_size(template)
    if size > SERVER_SIDE_BYTES:
        template["metadata"]["annotations"][SYNC_OPTIONS] = SERVER_SIDE
    where = program.graph.span
    flow = program.graph.name
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


def check_code(emission: Emission, sink: Sink) -> None:
    """Report FC613."""
    graph = emission.program.graph
    size = len(emission.code.archive)
    if size > MAX_CODE_BYTES:
        sink.report(
            catalog.CODE_TOO_LARGE,
            graph.span,
            f"the code of `{graph.name}` is {size:,} bytes; a ConfigMap takes {MAX_CODE_BYTES:,}",
            notes=[f"embedded: {', '.join(emission.code.names[:10])}"],
            helps=["build an image that holds the code: `--code image` (see `flowc image`)"],
        )
