"""Tasks: whether their resource is one that Step Functions calls, and whether the arguments fit the call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.asl.batch import check_submission
from flowc.validate.asl.reading import is_replaced
from flowc.validate.asl.states import JSONATA
from flowc.validate.parts import mapping, texts
from flowc.validate.shape import Reading, check_shape, load_definitions

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import State

_PARTITION = r"aws(?:-cn|-us-gov|-iso|-iso-b|-iso-e|-iso-f|-eusc)?"
_CALL = re.compile(
    rf"arn:{_PARTITION}:states:::(?P<sdk>aws-sdk:)?(?P<service>[\w-]+):(?P<action>\w+)(?:\.(?P<pattern>[\w:]+))?"
)
# Activities, functions, and what services beside Step Functions call their own.
_ARN = re.compile(
    r"arn:[^:]+:(?:states:[^:]+:[^:]+:activity:.+|lambda:[^:]*:[^:]*:function:[\w-]+(?::(?:\$LATEST|[\w-]+))?|(?!states:|lambda:)[\w-]+:[^:]*:[^:]*:.+)"
)
_HOLE = re.compile(r"\$\{[^}]*\}")
_SYNC, _TOKEN = "sync", "waitForTaskToken"
# Service → action → how a task may wait for it, besides not waiting at all. Services that are not here pass.
_ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "lambda": {"invoke": (_TOKEN,)},
    "batch": {"submitJob": (_SYNC,)},
    "sns": {"publish": (_TOKEN,)},
    "sqs": {"sendMessage": (_TOKEN,)},
    "dynamodb": {"getItem": (), "putItem": (), "updateItem": (), "deleteItem": ()},
    "events": {"putEvents": (_TOKEN,)},
    "states": {"startExecution": (_SYNC, "sync:2", _TOKEN)},
    "ecs": {"runTask": (_SYNC, _TOKEN)},
    "glue": {"startJobRun": (_SYNC,)},
    "codebuild": {"startBuild": (_SYNC,), "startBuildBatch": (_SYNC,), "stopBuild": (), "batchDeleteBuilds": (), "batchGetReports": (), "stopBuildBatch": (), "retryBuildBatch": (_SYNC,), "deleteBuildBatch": ()},
    "eks": {
        "runJob": (_SYNC,), "call": (), "createCluster": (_SYNC,), "deleteCluster": (_SYNC,),
        "createNodegroup": (_SYNC,), "deleteNodegroup": (_SYNC,), "createFargateProfile": (_SYNC,), "deleteFargateProfile": (_SYNC,),
    },
    "http": {"invoke": ()},
}  # fmt: skip
# Services with integrations of their own whose actions are not listed here.
_OTHERS = (
    "apigateway", "athena", "bedrock", "databrew", "elasticmapreduce", "emr-containers", "emr-serverless", "mediaconvert",
    "sagemaker",
)  # fmt: skip
_SDK_NAMES = {
    "sfn": "states",
    "eventbridge": "events",
}  # what the SDK calls what has an integration of its own
_OWN_FORM = ("lambda", "http", "eks")  # whose calls by the SDK take other arguments than by their integration
_ADDRESSEES = ("TopicArn", "TargetArn", "PhoneNumber")
_S3_ACTIONS = ("getObject", "putObject", "listObjectsV2")


def check_task(state: State) -> None:
    """Report FC751, FC752 and FC753 for a Task."""
    resource = state.value.get("Resource")
    if (
        not isinstance(resource, str)
        or is_replaced(resource)
        or check_resource(state, ("Resource",), resource)
    ):
        return
    call = _CALL.fullmatch(_HOLE.sub("aws", resource))
    field = "Arguments" if state.dialect == JSONATA else "Parameters"
    if call is None or state.dialect == "" or not isinstance(state.value.get(field), dict):
        _check_absent(state, call, field)
        return
    name = f"{call['service']}:{call['action']}"
    if call["pattern"] == _TOKEN:
        _check_token(state, field)
    if call["sdk"]:
        name = f"{_SDK_NAMES.get(call['service'], call['service'])}:{call['action']}"
    if name not in load_definitions("tasks") or (call["sdk"] and call["service"] in _OWN_FORM):
        return
    reading = Reading(
        replaced=_is_computed if state.dialect == JSONATA else is_replaced,
        computed_suffix="" if state.dialect == JSONATA else ".$",
    )
    check_shape(state.findings.below(field), "tasks", name, reading, rule=catalog.TASK_ARGUMENTS)
    if name == "batch:submitJob":
        check_submission(state.findings.below(field), mapping(state.value[field]))
    elif name == "sns:publish":
        _check_addressee(state, field)


def _check_addressee(state: State, field: str) -> None:
    given = {key.removesuffix(".$") for key in mapping(state.value[field])}
    if not given & set(_ADDRESSEES):
        message = f"task `{state.name}` publishes to nobody"
        remedy = f"add one of {', '.join(f'`{a}`' for a in _ADDRESSEES)}"
        state.findings.report(catalog.TASK_ARGUMENTS, (field,), message, remedy, at_key=True)


def _is_computed(value: object) -> bool:
    return is_replaced(value) or (isinstance(value, str) and value.startswith("{%"))


def _check_absent(state: State, call: re.Match[str] | None, field: str) -> None:
    """A call that needs arguments and has none."""
    if call is None or state.dialect == "" or any(key in state.value for key in ("Arguments", "Parameters")):
        return
    required = load_definitions("tasks").get(f"{call['service']}:{call['action']}", {}).get("required", ())
    if required:
        message = f"task `{state.name}` has no `{field}`, and `{call['service']}:{call['action']}` needs {', '.join(f'`{r}`' for r in required)}"
        state.findings.report(catalog.TASK_ARGUMENTS, (), message, f"add `{field}`", at_key=True)


def _check_token(state: State, field: str) -> None:
    """A task that waits for its token must hand the token to somebody."""
    written = [text for _, text in texts(state.value.get(field))]
    if not any("Task.Token" in text for text in written):
        message = f"task `{state.name}` waits for its token and gives it to nobody"
        remedy = (
            "pass `{% $states.context.Task.Token %}`" if state.dialect == JSONATA else "pass `$$.Task.Token`"
        )
        state.findings.report(catalog.TASK_ARGUMENTS, (field,), message, remedy, at_key=True)


def check_resource(state: State, path: Path, resource: str) -> bool:
    """Report a resource that is none; whether it was reported."""
    written = _HOLE.sub("aws", resource)
    if is_replaced(resource) or resource.startswith("${") or _ARN.fullmatch(written):
        return False
    call = _CALL.fullmatch(written)
    if call is None:
        message = f"`{resource}` is no resource that Step Functions calls"
        remedy = "write `arn:aws:states:::service:action`, `arn:aws:states:::aws-sdk:service:action`, or the ARN of a function or activity"
        state.findings.report(catalog.TASK_RESOURCE, path, message, remedy)
        return True
    reason, remedy = _call_fault(call)
    if reason:
        state.findings.report(catalog.TASK_RESOURCE, path, f"`{resource}` cannot be called: {reason}", remedy)
    return bool(reason)


def _call_fault(call: re.Match[str]) -> tuple[str, str]:
    """Why a call is none, and what to do; two empty texts for a good one."""
    service, action, pattern = call["service"], call["action"], call["pattern"]
    if call["sdk"]:
        if pattern not in {None, _TOKEN}:
            return (
                f"calls of the SDK cannot wait by `.{pattern}`",
                "leave it out, or use the service's own integration",
            )
        if action[0].isupper():
            return f"the action `{action}` begins with a capital", f"write `{action[0].lower()}{action[1:]}`"
        known = load_definitions("tasks").get(f"aws-sdk:{service}", {}).get("enum")
        if known is None or action in known:
            return "", ""
        near = did_you_mean(action, known)
        return f"`{service}` has no call `{action}`", near[
            0
        ] if near else "see the API reference of the service"
    if service == "s3":
        return (
            ("", "")
            if action in _S3_ACTIONS
            else ("s3 has no integration of its own", f"write `aws-sdk:s3:{action}`")
        )
    actions = _ACTIONS.get(service)
    if actions is None:
        if service in _OTHERS or "${" in service:
            return "", ""
        near = did_you_mean(service, (*_ACTIONS, *_OTHERS))
        remedy = near[0] if near else f"write `aws-sdk:{service}:{action}`"
        return f"Step Functions has no integration `{service}`", remedy
    if action not in actions:
        near = did_you_mean(action, actions)
        return f"`{service}` has no `{action}`", near[
            0
        ] if near else f"write `aws-sdk:{service}:{action}` for other calls of the service"
    if pattern is not None and pattern not in actions[action]:
        allowed = ", ".join(f"`.{each}`" for each in actions[action])
        return (
            f"`{service}:{action}` cannot wait by `.{pattern}`",
            f"it waits by {allowed}" if allowed else "leave it out",
        )
    return "", ""
