"""An attempt as a job: its definition, which tasks alike share, and what its submission adds.

The definition is rendered by `platform.batch`, as for Step Functions, in CloudFormation's spelling;
Batch's own API spells the same in another case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowc.manifest.digest import sha256_hex
from flowc.manifest.names import flow_label, step_label
from flowc.platform import attributes
from flowc.platform.batch.job import job_definition

if TYPE_CHECKING:
    from typing import Any

    from flowc.ir.graph import Step
    from flowc.launch.base import Order
    from flowc.launch.remote import Remote

    Object = dict[str, Any]

_LONG = (
    1_000  # characters from which on a step's variable stands in its definition: ECS takes 8,192 of overrides
)
_BY_USER = ("Tags", "Options")  # mappings whose keys are nobody's spelling


def queue_of(step: Step, remote: Remote) -> str:
    """The queue of a step's jobs; checked to be there before the run began."""
    return attributes.text(step.spec.batch, "queue") or remote.settings.stepfunctions.job_queue or ""


def definition(remote: Remote, step: Step) -> Object:
    """What RegisterJobDefinition takes; named by its content, so that it is registered once."""
    own = remote.settings.stepfunctions
    made = job_definition(
        step.spec,
        platform=own.platform,
        image=remote.settings.image or "",
        command=remote.command(),
        environment=[
            {"Name": name, "Value": value} for name, value in remote.told[step.name].items() if _stays(value)
        ],
        job_role=own.job_role or "",
        execution_role=own.execution_role,
        infrastructure_retries=remote.settings.infrastructure_retries,
    )
    content = _respelled({**made, "Tags": {**own.tags, **made.get("Tags", {})}})
    digest = sha256_hex(json.dumps(content, sort_keys=True).encode())[:12]
    return {"jobDefinitionName": f"flowc-{flow_label(remote.flow)}-{digest}", **content}


def submission(remote: Remote, order: Order, job_definition_arn: str) -> Object:
    """What SubmitJob takes for an attempt."""
    told = order.settings
    step = remote.steps[told.step]
    made: Object = {
        "jobName": f"{flow_label(told.run_id)}-{step_label(told.step)}"[:128],
        "jobQueue": queue_of(step, remote),
        "jobDefinition": job_definition_arn,
        "containerOverrides": {
            "environment": [
                {"name": name, "value": value}
                for name, value in remote.environment(order).items()
                if not _stays(value)
            ]
        },
        "tags": {"flowc.dev/run": told.run_id, **remote.settings.stepfunctions.tags},
        "propagateTags": True,
    }
    return made


def _stays(value: str) -> bool:
    return len(value) >= _LONG


def _respelled(value: object) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """`JobRoleArn` is `jobRoleArn` to the API."""
    match value:
        case dict():
            return {
                key[:1].lower() + key[1:]: item if key in _BY_USER else _respelled(item)
                for key, item in value.items()
            }
        case list():
            return [_respelled(item) for item in value]
        case _:
            return value
