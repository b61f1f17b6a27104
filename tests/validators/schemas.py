"""Makes schemas/{argo,cloudformation,tasks}.schema.json out of the engines' own types.

What is taken are facts: names of fields, their types, which are required, what an enumeration holds.
No words are taken. `python -m tests.validators.schemas` writes them; a test holds that the files are
what their sources give, where those are installed (Argo's Go modules, cfn-lint, botocore).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from typing import Any

from tests.validators.tools import HERE

ROOT = os.path.dirname(os.path.dirname(HERE))
ARGO = ("v4@v4.0.7", "v3@v3.7.16")  # what the schema describes, and whose further fields it marks as removed

_WORKFLOW = "io.argoproj.workflow.v1alpha1."
_SENSOR = "github.com.argoproj.argo_events.pkg.apis.events.v1alpha1."
_ARGO_KINDS = {
    "Workflow": f"{_WORKFLOW}Workflow",
    "WorkflowTemplate": f"{_WORKFLOW}WorkflowTemplate",
    "ClusterWorkflowTemplate": f"{_WORKFLOW}ClusterWorkflowTemplate",
    "CronWorkflow": f"{_WORKFLOW}CronWorkflow",
    "WorkflowEventBinding": f"{_WORKFLOW}WorkflowEventBinding",
    "Sensor": f"{_SENSOR}Sensor",
    "PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
}
_TEXT = {"type": ["string", "number", "boolean"]}
_ANY: dict[str, Any] = {}
# Types whose JSON is not what the published schema says, or whose inside no one writes.
_SPECIAL: dict[str, dict[str, Any]] = {
    "Item": _ANY,
    "Plugin": {"type": "object"},
    "ParallelSteps": {"type": ["array", "object"], "items": {"$ref": "#/$defs/WorkflowStep"}},
    "Amount": {"type": ["number", "string"]},
    "Events.Amount": {"type": ["number", "string"]},
    "Events.Int64OrString": {"type": ["integer", "string"]},
    "IntOrString": {"type": ["integer", "string"]},
    "Quantity": {"type": ["string", "number"]},
    "FieldsV1": {"type": "object"},
    "Events.K8SResource": {"type": "object"},
    "WorkflowStatus": {"type": "object"},
    "CronWorkflowStatus": {"type": "object"},
    "Events.SensorStatus": {"type": "object"},
    "PersistentVolumeClaimStatus": {"type": "object"},
}
# Fields of "any text", which YAML writes as numbers too; what only values of a template fill is not required.
_FIELDS: dict[str, dict[str, Any]] = {
    "Parameter": {"value": _TEXT, "default": _TEXT, "description": _TEXT, "enum": {"type": "array", "minItems": 1, "items": _TEXT}},
    "ValueFrom": {"default": _TEXT},
}  # fmt: skip
_NOT_REQUIRED = {
    "Container": ["image"],
    "ScriptTemplate": ["image", "source"],
    "Gauge": ["realtime"],
    "Events.Template": ["container"],
}
_POLICIES = ["", "Always", "IfNotPresent", "Never"]
_ENUMS: dict[str, list[str]] = {
    "Container.imagePullPolicy": _POLICIES,
    "ScriptTemplate.imagePullPolicy": _POLICIES,
    "UserContainer.imagePullPolicy": _POLICIES,
    "ContainerNode.imagePullPolicy": _POLICIES,
    "CronWorkflowSpec.concurrencyPolicy": ["", "Allow", "Forbid", "Replace"],
    "PodGC.strategy": ["", "OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess"],
    "RetryStrategy.retryPolicy": ["", "Always", "OnFailure", "OnError", "OnTransientError"],
    "ResourceTemplate.action": ["get", "create", "apply", "delete", "replace", "patch"],
    "ResourceTemplate.mergeStrategy": ["", "strategic", "merge", "json"],
    "ArtifactGC.strategy": ["", "OnWorkflowCompletion", "OnWorkflowDeletion", "Never"],
    "Gauge.operation": ["Set", "Add", "Sub"],
    "Toleration.operator": ["", "Exists", "Equal", "Lt", "Gt"],
    "Toleration.effect": ["", "NoSchedule", "PreferNoSchedule", "NoExecute"],
    "EmptyDirVolumeSource.medium": ["", "Memory", "HugePages", "HugePages-2Mi", "HugePages-1Gi"],
    "WorkflowSpec.dnsPolicy": ["", "Default", "ClusterFirst", "ClusterFirstWithHostNet", "None"],
    "VolumeMount.mountPropagation": ["", "None", "HostToContainer", "Bidirectional"],
    "NodeSelectorRequirement.operator": ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
    "LabelSelectorRequirement.operator": ["In", "NotIn", "Exists", "DoesNotExist"],
    "Events.ArgoWorkflowTrigger.operation": ["", "submit", "submit-from", "suspend", "retry", "resume", "resubmit", "terminate", "stop"],
    "Events.StandardK8STrigger.operation": ["", "create", "update", "patch", "delete"],
}  # fmt: skip
_TOP = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"$ref": "#/$defs/ObjectMeta"},
}
_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_LIST = {"type": "array", "items": {"type": "string"}}


def _object(required: str = "", **properties: object) -> dict[str, Any]:
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": required.split()} if required else {})


# The other objects of a bundle, in the fields that Kubernetes gives them.
_RULE = _object(
    "verbs", apiGroups=_LIST, resources=_LIST, resourceNames=_LIST, nonResourceURLs=_LIST, verbs=_LIST
)
_SUBJECT = _object("kind name", apiGroup={"type": "string"}, kind={"enum": ["User", "Group", "ServiceAccount"]}, name={"type": "string"}, namespace={"type": "string"})  # fmt: skip
_ROLE_REF = _object("apiGroup kind name", apiGroup={"type": "string"}, kind={"enum": ["Role", "ClusterRole"]}, name={"type": "string"})  # fmt: skip
_ROLE = _object("metadata", **_TOP, rules={"type": "array", "items": _RULE})
_BINDING = _object(
    "metadata roleRef", **_TOP, subjects={"type": "array", "items": _SUBJECT}, roleRef=_ROLE_REF
)
_BUNDLED: dict[str, dict[str, Any]] = {
    "ConfigMap": _object("metadata", **_TOP, data=_STRINGS, binaryData=_STRINGS, immutable={"type": "boolean"}),
    "Secret": _object("metadata", **_TOP, data=_STRINGS, stringData=_STRINGS, type={"type": "string"}, immutable={"type": "boolean"}),
    "ServiceAccount": _object(
        "metadata",
        **_TOP,
        secrets={"type": "array", "items": {"$ref": "#/$defs/ObjectReference"}},
        imagePullSecrets={"type": "array", "items": {"$ref": "#/$defs/LocalObjectReference"}},
        automountServiceAccountToken={"type": "boolean"},
    ),
    "Role": _ROLE,
    "ClusterRole": _object("metadata", **_ROLE["properties"], aggregationRule={"type": "object"}),
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "Namespace": _object("metadata", **_TOP, spec={"type": "object"}, status={"type": "object"}),
    "Kustomization": _object(
        "",
        apiVersion={"type": "string"},
        kind={"type": "string"},
        metadata={"$ref": "#/$defs/ObjectMeta"},
        namespace={"type": "string"},
        namePrefix={"type": "string"},
        nameSuffix={"type": "string"},
        commonLabels=_STRINGS,
        commonAnnotations=_STRINGS,
        buildMetadata=_LIST,
        **dict.fromkeys("resources bases components crds configurations generators transformers validators patchesStrategicMerge".split(), _LIST),
        **{name: {"type": "array", "items": {"type": "object"}} for name in "images labels patches patchesJson6902 replacements replicas vars configMapGenerator secretGenerator helmCharts".split()},
        **{name: {"type": "object"} for name in "generatorOptions helmGlobals openapi".split()},
        sortOptions={"type": "object"},
    ),
    "ObjectReference": _object("", **{name: {"type": "string"} for name in "apiVersion fieldPath kind name namespace resourceVersion uid".split()}),
}  # fmt: skip
_TYPES = (
    "AWS::StepFunctions::StateMachine AWS::StepFunctions::StateMachineVersion AWS::StepFunctions::StateMachineAlias AWS::StepFunctions::Activity "
    "AWS::Batch::JobDefinition AWS::Batch::JobQueue AWS::Batch::ComputeEnvironment AWS::Batch::SchedulingPolicy "
    "AWS::Scheduler::Schedule AWS::Scheduler::ScheduleGroup AWS::Events::Rule AWS::Events::EventBus "
    "AWS::IAM::Role AWS::IAM::Policy AWS::IAM::ManagedPolicy AWS::IAM::InstanceProfile AWS::Logs::LogGroup "
    "AWS::SNS::Topic AWS::SQS::Queue AWS::S3::BucketPolicy AWS::ECR::Repository AWS::Lambda::Permission"
).split()


def argo_module(release: str) -> str | None:
    """The folder of a release of Argo Workflows in Go's module cache; None where it is not there."""
    try:
        asked = subprocess.run(
            ["go", "env", "GOMODCACHE"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    folder = os.path.join(asked.stdout.strip(), "github.com", "argoproj", "argo-workflows", release)
    return folder if os.path.isdir(folder) else None


def argo_sources() -> dict[str, dict[str, Any]] | None:
    """The definitions of each release; None where one is not in Go's cache."""
    found = {}
    for release in ARGO:
        module = argo_module(release)
        if module is None:
            return None
        with open(os.path.join(module, "api", "jsonschema", "schema.json"), encoding="utf-8") as stream:
            found[release] = json.load(stream)["definitions"]
    return found


def argo_schema(sources: dict[str, dict[str, Any]]) -> str:
    """The schema of every kind in a bundle for Argo, each under its own name in `$defs`."""
    new, old = (sources[module] for module in ARGO)
    shapes: dict[str, dict[str, Any]] = dict(_BUNDLED)
    todo = [
        *_ARGO_KINDS.values(),
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        "io.k8s.api.core.v1.LocalObjectReference",
    ]
    while todo:
        full = todo.pop()
        if _short(full) in shapes:
            continue
        shape = _compact(_short(full), new[full], todo)
        for name in set(old.get(full, {}).get("properties", {})) - set(new[full].get("properties", {})):
            shape["properties"][name] = _type(old[full]["properties"][name], todo) | {"deprecated": True}
        if "properties" in shape:
            shape["properties"] = dict(sorted(shape["properties"].items()))
        shapes[_short(full)] = shape
    shapes["Sensor"] = shapes.pop("Events.Sensor")
    shapes["Sensor"]["properties"] |= _TOP
    shapes["CronWorkflowSpec"]["required"] = ["workflowSpec"]
    return _written(
        "Objects of Argo Workflows 4.0.7 (what only 3.7.16 knows is deprecated) and of its bundles",
        shapes,
    )


def _short(full: str) -> str:
    """`io.k8s.api.core.v1.Container` is `Container`; types of Argo Events say so, since names repeat."""
    last = full.rpartition(".")[2]
    return f"Events.{last}" if full.startswith(_SENSOR) else last


def _compact(name: str, source: dict[str, Any], todo: list[str]) -> dict[str, Any]:
    if name in _SPECIAL:
        if name == "ParallelSteps":
            todo.append(f"{_WORKFLOW}WorkflowStep")
        return _SPECIAL[name]
    if "properties" not in source:
        return _type(source, todo)
    fields = {key: _type(value, todo) for key, value in source["properties"].items()}
    fields |= _FIELDS.get(name, {})
    for key in fields:
        if f"{name}.{key}" in _ENUMS:
            fields[key] = {"enum": _ENUMS[f"{name}.{key}"]}
    required = [key for key in source.get("required", ()) if key not in _NOT_REQUIRED.get(name, ())]
    shape: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def _type(source: dict[str, Any], todo: list[str]) -> dict[str, Any]:
    if "$ref" in source:
        full = source["$ref"].rpartition("/")[2]
        todo.append(full)
        return {"$ref": f"#/$defs/{_short(full)}"}
    shape: dict[str, Any] = {"type": source["type"]} if "type" in source else {}
    if "items" in source:
        shape["items"] = _type(source["items"], todo)
    if isinstance(source.get("additionalProperties"), dict):
        shape["additionalProperties"] = _type(source["additionalProperties"], todo)
    return shape


# --------------------------------------------------------------------------------- CloudFormation
def cloudformation_schema() -> str:
    """The schema of a template's resources, each type under its own name in `$defs`."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    shapes: dict[str, dict[str, Any]] = {"AWS::Serverless::StateMachine": _SERVERLESS_MACHINE}
    for name in _TYPES:
        source = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
        set_by_aws = {
            path.split("/")[2] for path in source.get("readOnlyProperties", []) if path.count("/") == 2
        }
        definitions = source.get("definitions", {})
        shape = _plain(source, name)
        settable = {at.split("/")[2] for at in source.get("required", []) if "/" in at}
        for at in set_by_aws - set(source.get("required", [])) - settable:
            shape["properties"].pop(at, None)
        shapes[name] = shape
        for inner in sorted(_used(shape, definitions, name)):
            shapes[f"{name}.{inner}"] = _plain(definitions[inner], name)
    return _written("Resources of the CloudFormation templates that flows are deployed with", shapes)


_SERVERLESS_MACHINE = _object(
    "",
    **{name: {"type": "string"} for name in "AutoPublishAlias Name PermissionsBoundary Role RolePath".split()},
    **{name: {"type": "object"} for name in "Definition DefinitionSubstitutions DeploymentPreference Events Logging Tags Tracing".split()},
    **{name: {"type": "boolean"} for name in "PropagateTags UseAliasAsEventTarget".split()},
    DefinitionUri={"type": ["object", "string"]},
    Policies={"type": ["array", "object", "string"]},
    Type={"enum": ["STANDARD", "EXPRESS"]},
)  # fmt: skip
_KEPT = (
    "type",
    "enum",
    "required",
    "minimum",
    "maximum",
    "maxItems",
    "minItems",
    "maxLength",
    "additionalProperties",
)


def _plain(source: dict[str, Any], name: str) -> dict[str, Any]:
    if "$ref" in source:
        return {"$ref": f"#/$defs/{name}.{source['$ref'].rpartition('/')[2]}"}
    shape = {key: source[key] for key in _KEPT if key in source and not isinstance(source[key], dict)}
    if (source.get("type") == "object" and "properties" not in source) or isinstance(
        source.get("type"), list
    ):
        shape.pop("additionalProperties", None)
    if "properties" in source:
        shape["properties"] = {key: _plain(value, name) for key, value in source["properties"].items()}
    if isinstance(source.get("items"), dict):
        shape["items"] = _plain(source["items"], name)
    return shape


def _used(shape: dict[str, Any], definitions: dict[str, Any], name: str) -> set[str]:
    """The definitions that a shape leads to."""
    found: set[str] = set()
    todo = [shape]
    while todo:
        for inner in _references(todo.pop(), f"#/$defs/{name}."):
            if inner not in found:
                found.add(inner)
                todo.append(_plain(definitions[inner], name))
    return found


def _references(node: object, prefix: str) -> set[str]:
    match node:
        case {"$ref": str(target)}:
            return {target.removeprefix(prefix)}
        case dict():
            return {name for value in node.values() for name in _references(value, prefix)}
        case list():
            return {name for value in node for name in _references(value, prefix)}
        case _:
            return set()


# ------------------------------------------------------------------------------------- AWS's calls
# Service and version of botocore → the calls that tasks make, by the name that a resource gives them.
_CALLS = {
    ("batch", "batch"): "submitJob",
    ("lambda", "lambda"): "invoke",
    ("sns", "sns"): "publish",
    ("sqs", "sqs"): "sendMessage",
    ("dynamodb", "dynamodb"): "getItem putItem updateItem deleteItem",
    ("events", "events"): "putEvents",
    ("stepfunctions", "states"): "startExecution",
    ("s3", "s3"): "getObject putObject headObject deleteObject copyObject listObjectsV2",
    ("ecs", "ecs"): "runTask",
    ("glue", "glue"): "startJobRun",
    ("athena", "athena"): "startQueryExecution",
    ("codebuild", "codebuild"): "startBuild",
}
# What Step Functions takes as any JSON and turns into the text or bytes of the call.
_ANY_JSON = frozenset({
    "lambda:invoke.Payload", "sqs:sendMessage.MessageBody", "sns:publish.Message", "states:startExecution.Input",
    "s3:putObject.Body", "events:putEvents.Detail",
})  # fmt: skip
_JSON_TYPES = {
    "string": "string", "blob": "string", "timestamp": "string", "integer": "integer", "long": "integer", "float": "number",
    "double": "number", "boolean": "boolean",
}  # fmt: skip
_EKS_JOB = _object(
    "ClusterName Job",
    ClusterName={"type": "string"},
    CertificateAuthority={"type": "string"},
    Endpoint={"type": "string"},
    Namespace={"type": "string"},
    LogOptions=_object(
        "", RetrieveLogs={"type": "boolean"}, RawLogs={"type": "boolean"}, LogParameters={"type": "object"}
    ),
    Job={"type": "object"},
)


_HTTP_CALL = _object(
    "ApiEndpoint Method",
    ApiEndpoint={"type": "string"},
    Method={"enum": ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]},
    Authentication={"type": "object"},
    InvocationConfig={"type": "object"},
    **dict.fromkeys("Headers QueryParameters RequestBody Transform".split(), _ANY),
)
# Services whose calls are known by name, as `aws-sdk:…` spells them and as botocore does.
_SDK = {
    "batch": "batch", "lambda": "lambda", "sns": "sns", "sqs": "sqs", "dynamodb": "dynamodb", "eventbridge": "events",
    "sfn": "stepfunctions", "s3": "s3", "ecs": "ecs", "glue": "glue", "athena": "athena", "codebuild": "codebuild",
    "secretsmanager": "secretsmanager", "eks": "eks", "cloudwatchlogs": "logs", "sts": "sts",
}  # fmt: skip
_ACRONYM = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|[0-9]|$)")


def tasks_schema() -> str:
    """The arguments of the calls that tasks make, each call under `service:action` in `$defs`."""
    import botocore.session

    session = botocore.session.get_session()
    shapes: dict[str, dict[str, Any]] = {"eks:runJob": _EKS_JOB, "http:invoke": _HTTP_CALL}
    for sdk, service in _SDK.items():
        known = session.get_service_model(service).operation_names
        shapes[f"aws-sdk:{sdk}"] = {"enum": sorted(call[0].lower() + call[1:] for call in known)}
    for (service, name), calls in _CALLS.items():
        model = session.get_service_model(service)
        for call in calls.split():
            operation = model.operation_model(call[0].upper() + call[1:])
            shape = _member(operation.input_shape, f"{name}:{call}", ())
            # The names of acronyms differ between AWS's clients: `ACL` and `Acl` both pass.
            for key, value in list(shape["properties"].items()):
                shape["properties"][_ACRONYM.sub(lambda match: match[0].capitalize(), key)] = value
            shapes[f"{name}:{call}"] = shape
    return _written("Arguments of the calls that tasks of a state machine make", shapes)


def _member(shape: Any, call: str, above: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - botocore's shapes
    """A shape as JSON Schema; fields are written with a capital, whatever the service's own protocol does."""
    if shape.name in above or shape.name == "AttributeValue":
        return {"type": "object"}
    if shape.type_name == "structure":
        fields = {}
        for key, value in shape.members.items():
            name = key[0].upper() + key[1:]
            fields[name] = (
                _ANY if f"{call}.{name}" in _ANY_JSON else _member(value, call, (*above, shape.name))
            )
        return _object(
            " ".join(key[0].upper() + key[1:] for key in shape.required_members),
            **dict(sorted(fields.items())),
        )
    if shape.type_name == "list":
        return {"type": "array", "items": _member(shape.member, call, (*above, shape.name))}
    if shape.type_name == "map":
        return {"type": "object", "additionalProperties": _member(shape.value, call, (*above, shape.name))}
    words = None if shape.name == "ResourceType" else getattr(shape, "enum", None)  # amounts are judged whole
    return {"enum": words} if words else {"type": _JSON_TYPES[shape.type_name]}


# ---------------------------------------------------------------------------------------- writing
def _written(title: str, shapes: dict[str, dict[str, Any]]) -> str:
    """One definition a line, sorted, so that a new release's differences can be read."""
    rows = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(shapes[key], sort_keys=True, separators=(', ', ': '))}"
        for key in sorted(shapes)
    )
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps(head, indent=1)[:-2] + f',\n "$defs": {{\n{rows}\n }}\n}}\n'


def written() -> dict[str, str]:
    """The text of each schema whose sources are installed, by its file's name."""
    texts = {}
    sources = argo_sources()
    if sources is not None:
        texts["argo.schema.json"] = argo_schema(sources)
    with contextlib.suppress(ImportError):
        texts["cloudformation.schema.json"] = cloudformation_schema()
    with contextlib.suppress(ImportError):
        texts["tasks.schema.json"] = tasks_schema()
    return texts


if __name__ == "__main__":
    for file_name, content in written().items():
        with open(os.path.join(ROOT, "schemas", file_name), "w", encoding="utf-8") as out:
            out.write(content)
        print(file_name, len(content))
