"""A `@kubernetes` step on an EKS cluster: a Job that Step Functions makes and waits for.

The pod is the one that every other target would make of the step. The Job itself never tries
again (`backoffLimit: 0`): attempts are the state machine's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc import contract
from flowc.backends.stepfunctions import states
from flowc.backends.stepfunctions.expressions import evaluated
from flowc.manifest.names import step_label
from flowc.platform.kubernetes.pod import DROP_ALL, pod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.backends.stepfunctions.manifest import State
    from flowc.ir.spec import StepSpec
    from flowc.target.settings import Settings

# Placeholders of the definition, filled by the template where a step needs them.
IMAGE, DATASTORE, CODE = "${Image}", "${Datastore}", "${Code}"
AUTHORITY, ENDPOINT = "${EksCertificateAuthority}", "${EksEndpoint}"

_ATTEMPT = evaluated("$states.context.State.EnteredTime & '-' & $string($states.context.State.RetryCount)")
_KEPT_SECONDS = 86_400  # a finished Job, for those who want to look at it
_DEADLINE_MARGIN = 600  # seconds: scheduling and pulling the image count too


def run_job(
    machine: str,
    step: str,
    spec: StepSpec,
    variables: Sequence[tuple[str, str]],
    command: list[str],
    settings: Settings,
) -> State:
    """The state that runs a step's task as a Job."""
    return {
        "Type": "Task",
        "Resource": f"arn:{settings.stepfunctions.partition}:states:::eks:runJob.sync",
        "Arguments": {
            "ClusterName": settings.stepfunctions.eks_cluster,
            "CertificateAuthority": AUTHORITY,
            "Endpoint": ENDPOINT,
            "LogOptions": {"RetrieveLogs": False},
            "Job": _job(machine, step, spec, [(contract.ENV_ATTEMPT_ID, _ATTEMPT), *variables], command),
        },
        "Retry": [states.EKS_THROTTLED],
    }


def shared_variables(code_sha256: str | None) -> list[tuple[str, str]]:
    """What a Batch job definition says for all of its steps, a Job says itself."""
    found = [(contract.ENV_DATASTORE, DATASTORE)]
    if code_sha256 is not None:
        found += [(contract.ENV_CODE, CODE), (contract.ENV_CODE_SHA256, code_sha256)]
    return found


def _job(
    machine: str, step: str, spec: StepSpec, variables: Sequence[tuple[str, str]], command: list[str]
) -> dict[str, Any]:
    own = pod(spec, [(name, value or evaluated("''")) for name, value in variables])
    container: dict[str, Any] = {"name": "step", "image": IMAGE, "command": command, **own["container"]}
    container["securityContext"] = {**DROP_ALL, **container.get("securityContext", {})}
    pod_spec: dict[str, Any] = {"restartPolicy": "Never", "containers": [container]}
    for field in ("volumes", "nodeSelector", "tolerations", "serviceAccountName", "imagePullSecrets"):
        if field in own:
            pod_spec[field] = own[field]
    template: dict[str, Any] = {"spec": pod_spec}
    if "metadata" in own:
        template["metadata"] = own["metadata"]
    job_spec: dict[str, Any] = {
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": _KEPT_SECONDS,
        "template": template,
    }
    if spec.timeout_seconds is not None:
        job_spec["activeDeadlineSeconds"] = spec.timeout_seconds.value + _DEADLINE_MARGIN
    # The server completes the name, since each attempt is a Job of its own.
    name = f"{step_label(machine, 28)}-{step_label(step, 28)}-"
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": name}, "spec": job_spec}
