"""The objects beside the WorkflowTemplate: schedule, accounts, embedded code, kustomization.

Every object's name begins with the flow's, so that the bundles of two flows can share a folder.
"""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

from flowc.backends.naming import flow_name
from flowc.manifest.names import flow_label
from flowc.platform import attributes
from flowc.platform.kubernetes import grammar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.backends.argo.manifest import Object
    from flowc.backends.base import Emission
    from flowc.ir.program import Program
    from flowc.ir.spec import Schedule
    from flowc.manifest.bundle import Code
    from flowc.target.settings import Settings

# Argo CD applies by kinds too, within a wave.
_SYNCED_LATER = ("argocd.argoproj.io/sync-wave", "1")
# A run may still need code that the bundle no longer names.
_KEPT_BY_FLUX = ("kustomize.toolkit.fluxcd.io/prune", "disabled")
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
KEPT, SERVER_SIDE = "Prune=false", "ServerSideApply=true"
SERVER_SIDE_BYTES = 190 * 1024  # beyond it client-side apply cannot keep its copy of the object
_MISSED_START_SECONDS = 600


def metadata(emission: Emission, name: str, annotations: dict[str, str] | None = None) -> Object:
    """Name, labels and annotations of an object; a namespace only where one is configured."""
    made: Object = {"name": name}
    if emission.settings.argo.namespace is not None:
        made["namespace"] = emission.settings.argo.namespace
    argo = emission.settings.argo
    own = {
        "app.kubernetes.io/managed-by": "flowc",
        "flowc.dev/flow": flow_label_value(emission.program.graph.name),
    }
    made["labels"] = {**own, **argo.labels}
    noted = {**(annotations or {}), **argo.annotations}
    if noted:
        made["annotations"] = noted
    return made


def flow_label_value(flow: str) -> str:
    """The flow's name as a label's value: as it is, where it is one."""
    return flow_label(flow) if grammar.label_value(flow) else flow


def executor_account(name: str, settings: Settings) -> str:
    """The account that pods run as."""
    return settings.argo.service_account or f"{name}-runner"


def trigger_account(name: str) -> str:
    """The account that starts runs for a sensor."""
    return f"{name}-trigger"


def code_name(name: str, code: Code) -> str:
    """The ConfigMap of embedded code: named by its content."""
    return f"{name}-code-{code.sha256[:8]}"


def code_config_map(emission: Emission) -> Object:
    """The embedded code; no tool may remove it while runs name it."""
    name = code_name(flow_name(emission.program, emission.settings), emission.code)
    content = b2a_base64(emission.code.archive, newline=False).decode()
    options = f"{KEPT},{SERVER_SIDE}" if len(content) > SERVER_SIDE_BYTES else KEPT
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(emission, name, dict([(SYNC_OPTIONS, options), _KEPT_BY_FLUX])),
        "immutable": True,
        "binaryData": {"shim.pyz": content},
    }


def cron_workflow(emission: Emission, schedule: Schedule) -> Object:
    """The schedule. `check` refused what the engine cannot say.

    The engine looks for the template when it first sees the schedule, and not again for 20 minutes.
    """
    argo = emission.settings.argo
    name = flow_name(emission.program, emission.settings)
    flow = {"flowc.dev/flow": flow_label_value(emission.program.graph.name)}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "CronWorkflow",
        "metadata": metadata(emission, name, dict([_SYNCED_LATER])),
        "spec": {
            "schedules": [_cron_text(schedule)],
            "timezone": schedule.timezone or "Etc/UTC",
            "concurrencyPolicy": argo.concurrency_policy,
            "startingDeadlineSeconds": _MISSED_START_SECONDS,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "workflowMetadata": {"labels": {**flow, "flowc.dev/trigger": "schedule"}},
            "workflowSpec": {"workflowTemplateRef": {"name": name}},
        },
    }


def _cron_text(schedule: Schedule) -> str:
    from flowc.manifest.cron import Unsaid, parse_cron, to_unix

    cron = parse_cron(schedule.cron)
    said = cron if isinstance(cron, Unsaid) else to_unix(cron)
    return schedule.cron if isinstance(said, Unsaid) else said


def accounts(emission: Emission) -> list[Object]:
    """Who may do what: pods report their results, a sensor starts runs."""
    program, settings = emission.program, emission.settings
    name = flow_name(program, settings)
    account = executor_account(name, settings)
    found: list[Object] = []
    if settings.argo.service_account is None:
        found.append(_account(emission, account, dict(settings.argo.service_account_annotations)))
    results = _rule("workflowtaskresults", ["create", "patch"])
    found += _role(emission, f"{name}-executor", [results], [account, *_step_accounts(program)])
    if program.graph.specs.events:
        rules = [
            _rule("workflows", ["create", "get", "list", "watch"]),
            _rule("workflowtemplates", ["get", "list", "watch"]),
        ]
        found.append(_account(emission, trigger_account(name), {}))
        found += _role(emission, trigger_account(name), rules, [trigger_account(name)])
    return found


def kustomization(files: Iterable[str], *, in_order: bool) -> Object:
    """What `kubectl apply -k` takes of the bundle's folder, sorted by kinds unless `in_order`."""
    made: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(files),
    }
    if in_order:
        made["sortOptions"] = {"order": "fifo"}
    return made


def _step_accounts(program: Program) -> list[str]:
    named = (
        attributes.text(step.spec.kubernetes, "service_account") for step in program.graph.steps.values()
    )
    return list(dict.fromkeys(account for account in named if account is not None))


def _account(emission: Emission, name: str, annotations: dict[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(emission, name, annotations),
    }


def _rule(resource: str, verbs: list[str]) -> Object:
    return {"apiGroups": ["argoproj.io"], "resources": [resource], "verbs": verbs}


def _role(emission: Emission, name: str, rules: list[Object], accounts_: list[str]) -> list[Object]:
    namespace = emission.settings.argo.namespace
    place = {} if namespace is None else {"namespace": namespace}
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": metadata(emission, name),
        "rules": rules,
    }
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": metadata(emission, name),
        "subjects": [
            {"kind": "ServiceAccount", "name": account, **place} for account in dict.fromkeys(accounts_)
        ],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
    }
    return [role, binding]
