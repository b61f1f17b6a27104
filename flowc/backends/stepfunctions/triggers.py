"""What starts a flow by itself: a schedule, an event, the end of another flow.

An event is an EventBridge event whose source is `flowc` and whose detail-type is the event's name;
its `detail` holds the fields that parameters are mapped from. Another flow's end is the change of
its state machine's status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.naming import USER_BRANCH, finished_event
from flowc.backends.stepfunctions.roles import starter_role
from flowc.manifest.cron import Unsaid, parse_cron, to_aws
from flowc.manifest.names import object_name

if TYPE_CHECKING:
    from flowc.ir.spec import Event, FlowSpecs, Schedule
    from flowc.target.settings import Settings

EVENT_SOURCE = "flowc"
_STATE_MACHINE: dict[str, object] = {"Ref": "StateMachine"}


def trigger_resources(specs: FlowSpecs, settings: Settings) -> dict[str, object]:
    """The resources, by logical id."""
    found: dict[str, object] = {}
    if specs.schedule is not None:
        found["ScheduleRole"] = starter_role("scheduler.amazonaws.com")
        found["Schedule"] = _schedule(specs.schedule)
    if specs.events:
        found["TriggerRole"] = starter_role("events.amazonaws.com")
    for number, event in enumerate(specs.events, 1):
        found[f"Trigger{number}"] = _rule(event, settings)
    return found


def _schedule(schedule: Schedule) -> dict[str, object]:
    cron = parse_cron(schedule.cron)
    # `check` refused what AWS cannot say, so that one of the two always is a text.
    said = "" if isinstance(cron, Unsaid) else to_aws(cron)
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": f"cron({said})",
            "ScheduleExpressionTimezone": schedule.timezone or "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": _STATE_MACHINE,
                "RoleArn": {"Fn::GetAtt": ["ScheduleRole", "Arn"]},
                "Input": "{}",
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
            },
        },
    }


def _rule(event: Event, settings: Settings) -> dict[str, object]:
    """A rule. The status of executions is told on the account's default bus alone."""
    target: dict[str, object] = {
        "Id": "StateMachine",
        "Arn": _STATE_MACHINE,
        "RoleArn": {"Fn::GetAtt": ["TriggerRole", "Arn"]},
    }
    properties: dict[str, object] = {}
    if event.on_finish:
        properties["EventPattern"] = _finished(event)
        target["InputTransformer"] = _told_of_run(event)
    else:
        properties["EventBusName"] = settings.stepfunctions.event_bus
        properties["EventPattern"] = {"source": [EVENT_SOURCE], "detail-type": [event.name]}
        target["InputTransformer"] = _told_of_event(event)
    properties["Targets"] = [target]
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def _finished(event: Event) -> dict[str, object]:
    stage, _, named = (event.branch or "").partition(".")
    branch = {"prod": named, "test": named, USER_BRANCH: None}.get(stage, event.branch)
    machine = object_name(event.name, event.project, branch or None, production=stage == "prod")
    arn = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:" + machine
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [{"Fn::Sub": arn}]},
    }


def _told_of_event(event: Event) -> dict[str, object]:
    """The run's input: each parameter a field of the event's detail, its kind of value kept, and the event itself."""
    fields = {f"p{number}": name for number, name in enumerate(event.parameters)}
    template = [f'"{name}":<{key}>' for key, name in fields.items()]
    paths = {key: f"$.detail.{event.parameters[name]}" for key, name in fields.items()}
    paths |= {"event": "$.detail-type", "id": "$.id", "time": "$.time"}
    template.append(_trigger('"type":"event","name":<event>,"id":<id>,"timestamp":<time>'))
    return {"InputPathsMap": paths, "InputTemplate": "{" + ",".join(template) + "}"}


def _told_of_run(event: Event) -> dict[str, object]:
    """The run's input: which run of the other flow ended, by the name of its last step as Metaflow knows it."""
    flow = contract.escape_name(event.name)
    name = finished_event(flow, event.project, event.branch)
    paths = {"run": "$.detail.name", "time": "$.time"}
    told = f'"type":"run","name":"{name}","id":"{flow}/{contract.SFN_RUN}<run>/end/r","timestamp":<time>'
    return {"InputPathsMap": paths, "InputTemplate": "{" + _trigger(told) + "}"}


def _trigger(told: str) -> str:
    return f'"{contract.INPUT_SETTINGS}":{{"triggers":[{{{told}}}]}}'
