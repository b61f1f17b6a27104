"""A run started on a cluster: its parameters as Argo takes them, each a text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from flowc import contract
from flowc.cli.deploying.engine import open_cluster
from flowc.cli.deploying.inputs import declared, run_values, tell_other_code
from flowc.cli.deploying.remote import on_argo
from flowc.cli.output import write_bytes
from flowc.deploy.argo.runs import (
    declared_parameters,
    find_template,
    is_reserved,
    resume_values,
    submit,
    workflow_of,
)
from flowc.deploy.faults import DeployFault
from flowc.diagnostics.wording import with_article

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from flowc.cli.deploying.inputs import Meant, Start
    from flowc.cli.deploying.remote import Remote
    from flowc.deploy.argo.cluster import Object
    from flowc.ir.params import Parameter

_TYPE = re.compile(r"\((\w+)\)$")  # the end of a parameter's description
# Inputs that a manifest leaves open, and the setting that gives each.
_OPEN = {contract.PARAM_IMAGE: "image", contract.PARAM_DATASTORE: "datastore"}


def start_run(ctx: click.Context, meant: Meant, start: Start) -> Remote | None:
    """Submit a Workflow; None where it is only shown. Raises DeployFault."""
    cluster = open_cluster(start.context, meant.settings.argo.namespace)
    template = find_template(cluster, meant.name)
    annotations = template["metadata"].get("annotations") or {}
    tell_other_code(meant, annotations.get("flowc.dev/code-sha256"))
    required = declared_parameters(template)
    given = run_values(ctx, meant, _deployed(template), start)
    values = {name: as_text(value) for name, value in given.items()}
    if start.origin_run is not None:
        values = resume_values(required, start.origin_run, start.from_step)
    if start.tags:
        values[contract.PARAM_TAGS] = json.dumps(start.tags)
    workflow = workflow_of(meant.name, {**values, **_open_inputs(meant, required)})
    if start.dry_run:
        _print(workflow)
        return None
    return on_argo(cluster, submit(cluster, workflow))


def _deployed(template: Object) -> list[Parameter]:
    """The flow's own parameters, as its template declares them."""
    found = []
    for item in (template["spec"].get("arguments") or {}).get("parameters") or ():
        if not is_reserved(item["name"]):
            kind = _TYPE.search(str(item.get("description") or ""))
            found.append(declared(item["name"], kind[1] if kind else "", required="value" not in item))
    return found


def _open_inputs(meant: Meant, required: Mapping[str, bool]) -> dict[str, str]:
    """The image and the datastore, where the template asks for them; a fault where nothing says them."""
    values = {}
    for parameter, setting in _OPEN.items():
        if parameter not in required:
            continue
        value = getattr(meant.settings, setting)
        if value is None:
            raise DeployFault(
                f"`{meant.name}` was deployed without {with_article(setting)}: give `--{setting}`, or configure "
                f"`{setting}` and deploy it again"
            )
        values[parameter] = value
    return values


def as_text(value: object) -> str:
    """A parameter's value as the runtime reads it again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _print(workflow: Object) -> None:
    from flowc.manifest.encode import encode_yaml

    write_bytes(encode_yaml(workflow).encode())
