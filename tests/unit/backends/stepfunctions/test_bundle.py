"""What is deployed: files, template, roles, triggers, the schema of the input."""

from __future__ import annotations

import itertools
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from flowc.backends.stepfunctions.emit import emit
from flowc.diagnostics.model import Sink
from flowc.ir.params import Parameter, ParameterType
from flowc.ir.spec import Event, ExitHook, FlowSpecs, Platform, Schedule, Secret, StepSpec
from flowc.ir.values import Const
from flowc.platform.bootstrap import command, one_line_command
from flowc.records import replace
from flowc.source import Located, SourceFile, Span
from flowc.target.settings import Settings, StepFunctionsSettings
from tests.machines import faults, shown
from tests.programs import emission, program

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.ir.values import Constant, Value
    from flowc.manifest.bundle import Bundle

HERE = Span(SourceFile("flow.py", "@x"), 0, 2)
SET = Settings(
    image="team/flows:1",
    datastore="s3://bucket/runs",
    stepfunctions=StepFunctionsSettings(job_queue="q", code_bucket="code", tags={"team": "flows"}),
)


def bundle(subject: Program, settings: Settings | None = None) -> Bundle:
    sink = Sink()
    made = emit(emission(subject, settings), sink)
    assert list(sink) == []
    return made


def files(made: Bundle) -> dict[str, bytes]:
    return {file.path: file.content for file in made.files}


def template(subject: Program, settings: Settings | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(bundle(subject, settings))["template.json"])
    return found


def triggered(specs: FlowSpecs) -> Program:
    subject = program("start -> end")
    return replace(subject, graph=replace(subject.graph, specs=specs))


def test_the_files_of_a_bundle() -> None:
    made = bundle(program("start -> end"))
    assert list(files(made)) == [
        "flow.asl.json",
        "template.json",
        "parameters.schema.json",
        "code-55555555.zip",
    ]
    assert made.stream == files(made)["flow.asl.json"]
    assert "code-55555555.zip" not in files(bundle(program("start -> end"), Settings(code="image")))


def test_the_template_names_the_definition_by_its_digest() -> None:
    made = files(bundle(program("start -> end")))
    machine = json.loads(made["template.json"])["Resources"]["StateMachine"]["Properties"]
    digest = sha256(made["flow.asl.json"]).hexdigest()
    assert machine["DefinitionS3Location"] == {
        "Bucket": {"Ref": "DatastoreBucket"},
        "Key": f"flowc-code/{digest}.asl.json",
    }
    placeholders = {part.split("}")[0] for part in made["flow.asl.json"].decode().split("${")[1:]}
    assert placeholders == set(machine["DefinitionSubstitutions"])


def test_what_is_not_configured_is_a_parameter_without_a_default() -> None:
    parameters = template(program("start -> end"))["Parameters"]
    assert list(parameters) == ["Image", "DatastoreBucket", "DatastorePrefix", "JobQueue"]
    assert not any("Default" in parameter for parameter in parameters.values())


def test_what_no_step_uses_is_not_asked_for() -> None:
    named: dict[str, Located[Constant]] = {"image": Located("own:1", HERE), "queue": Located("mine", HERE)}
    own = StepSpec(batch=Platform(named, HERE))
    made = template(program("start -> end", start=own, end=own))
    assert list(made["Parameters"]) == ["DatastoreBucket", "DatastorePrefix"]
    assert "JobQueue" not in made["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"]


def test_what_is_configured_is_a_literal() -> None:
    made = template(program("start -> end"), SET)
    assert "Parameters" not in made
    resources = made["Resources"]
    assert resources["JobStart"]["Properties"]["ContainerProperties"]["Image"] == "team/flows:1"
    assert {"Name": "FLOWC_DATASTORE", "Value": "s3://bucket/runs"} in resources["JobStart"]["Properties"]["ContainerProperties"]["Environment"]  # fmt: skip
    assert resources["StateMachine"]["Properties"]["DefinitionS3Location"]["Bucket"] == "code"
    assert resources["StateMachine"]["Properties"]["DefinitionSubstitutions"]["DatastorePrefix"] == "runs/"
    assert resources["StateMachine"]["Properties"]["Tags"] == [{"Key": "team", "Value": "flows"}]


def test_steps_that_need_the_same_share_a_job_definition() -> None:
    made = template(program("start -> a; a[cpu=2] -> b; b -> c; c[cpu=2] -> d; d[timeout=60] -> end"))[
        "Resources"
    ]
    definitions = [name for name, resource in made.items() if resource["Type"] == "AWS::Batch::JobDefinition"]
    assert definitions == ["JobStart", "JobA", "JobD"]
    assert made["JobA"]["Properties"]["JobDefinitionName"] == "flow-A"
    assert all(
        made[d]["Properties"]["ResourceRetentionPolicy"] == {"SkipDeregisterOnUpdate": True}
        for d in definitions
    )


def test_fargate_brings_an_execution_role() -> None:
    fargate = Settings(stepfunctions=StepFunctionsSettings(platform="FARGATE"))
    made = template(program("start -> end"), fargate)["Resources"]
    assert made["JobStart"]["Properties"]["PlatformCapabilities"] == ["FARGATE"]
    assert made["JobStart"]["Properties"]["ContainerProperties"]["ExecutionRoleArn"] == {"Fn::GetAtt": ["ExecutionRole", "Arn"]}  # fmt: skip
    assert "ExecutionRole" not in template(program("start -> end"))["Resources"]


def actions(resources: dict[str, Any], role: str) -> set[str]:
    statements = resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return {a for s in statements for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}


def test_roles_allow_what_the_flow_needs() -> None:
    plain = template(program("start -> end"))["Resources"]
    assert actions(plain, "JobRole") == {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
    assert "states:StartExecution" not in actions(plain, "StateMachineRole")

    wide = program("start -> foreach a in xs; a -> j; join j -> end")
    assert "states:StartExecution" in actions(
        template(wide, Settings(max_workers=64))["Resources"], "StateMachineRole"
    )

    secret = program("start -> end", start=StepSpec(secrets=(Secret(name="db/pw", span=HERE),)))
    assert "secretsmanager:GetSecretValue" in actions(template(secret)["Resources"], "JobRole")


def test_a_queue_of_a_single_step_is_allowed() -> None:
    gpu = StepSpec(batch=Platform({"queue": Located("gpu", HERE)}, HERE))
    made = bundle(program("start -> end", start=gpu), SET)
    assert json.loads(made.stream)["States"]["start"]["Arguments"]["JobQueue"] == "gpu"
    assert b"job-queue/gpu" in files(made)["template.json"]


def test_a_schedule() -> None:
    made = template(
        triggered(FlowSpecs(schedule=Schedule(cron="0 6 * * 1-5", timezone="Europe/Berlin", span=HERE)))
    )
    schedule = made["Resources"]["Schedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "cron(0 6 ? * MON-FRI *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["Target"]["Input"] == "{}"


def test_an_event_gives_parameters() -> None:
    event = Event(name="prices", span=HERE, parameters={"alpha": "model.alpha"})
    rule = template(triggered(FlowSpecs(events=(event,))))["Resources"]["Trigger1"]["Properties"]
    assert rule["EventPattern"] == {"source": ["flowc"], "detail-type": ["prices"]}
    assert rule["Targets"][0]["InputTransformer"] == {
        "InputPathsMap": {
            "p0": "$.detail.model.alpha",
            "event": "$.detail-type",
            "id": "$.id",
            "time": "$.time",
        },
        "InputTemplate": '{"alpha":<p0>,'
        '"_flowc":{"triggers":[{"type":"event","name":<event>,"id":<id>,"timestamp":<time>}]}}',
    }


def test_the_end_of_another_flow() -> None:
    event = Event(name="OtherFlow", span=HERE, on_finish=True)
    rule = template(triggered(FlowSpecs(events=(event,))))["Resources"]["Trigger1"]["Properties"]
    assert rule["EventPattern"]["source"] == ["aws.states"]
    assert rule["EventPattern"]["detail"]["stateMachineArn"][0]["Fn::Sub"].endswith(
        ":stateMachine:other-flow"
    )
    assert rule["Targets"][0]["InputTransformer"] == {
        "InputPathsMap": {"run": "$.detail.name", "time": "$.time"},
        "InputTemplate": '{"_flowc":{"triggers":[{"type":"run","name":"metaflow.OtherFlow.end",'
        '"id":"OtherFlow/sfn-<run>/end/r","timestamp":<time>}]}}',
    }


@pytest.mark.parametrize(
    ("branch", "machine"),
    [
        (None, "shop-other-flow"),
        ("user.ann", "shop-other-flow"),
        ("prod", "shop-prod-other-flow"),
        ("test.new_ui", "shop-test-new-ui-other-flow"),
        ("prod.canary", "shop-prod-canary-other-flow"),
    ],
)
def test_the_end_of_another_flow_of_a_project(branch: str | None, machine: str) -> None:
    event = Event(name="OtherFlow", span=HERE, on_finish=True, project="shop", branch=branch)
    rule = template(triggered(FlowSpecs(events=(event,))))["Resources"]["Trigger1"]["Properties"]
    assert rule["EventPattern"]["detail"]["stateMachineArn"][0]["Fn::Sub"].endswith(
        f":stateMachine:{machine}"
    )


HOOKED = """
flowc__run: parallel catch error:=$states.errorOutput.Error cause:=$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : '' -> flowc__on_error -> flowc__on_success
  start: job at $path0 -> end
  end: job at $path0
flowc__on_success: job at $path0 catch -> flowc__done -> flowc__done
flowc__on_error: job at $path0 catch -> flowc__failed -> flowc__failed
flowc__done: succeed
flowc__failed: fail $error
"""


def test_an_exit_hook_surrounds_the_flow() -> None:
    hook = ExitHook((Located("good", HERE),), (Located("bad", HERE), Located("worse", HERE)), HERE)
    machine = json.loads(bundle(triggered(FlowSpecs(exit_hook=hook))).stream)
    assert faults(machine) == []
    assert "\n".join(shown(machine).splitlines()[1:]) == HOOKED.strip("\n")
    told = machine["States"]["flowc__on_error"]["Arguments"]["ContainerOverrides"]["Environment"]
    assert {"Name": "FLOWC_HOOKS", "Value": "bad,worse"} in told
    assert {"Name": "FLOWC_RUN_STATUS", "Value": "failed"} in told


def test_a_kubernetes_step_is_a_job_of_the_cluster() -> None:
    pod = StepSpec(kubernetes=Platform({"labels": Located({"team": "flows"}, HERE)}, HERE))
    cluster = Settings(stepfunctions=StepFunctionsSettings(eks_cluster="main"))
    made = bundle(program("start -> end", start=pod), cluster)
    state = json.loads(made.stream)["States"]["start"]
    assert state["Resource"] == "arn:aws:states:::eks:runJob.sync"
    job = state["Arguments"]["Job"]
    assert job["metadata"] == {"generateName": "flow-start-"}
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["metadata"] == {"labels": {"team": "flows"}}
    assert faults(json.loads(made.stream)) == []
    placeholders = {part.split("}")[0] for part in made.stream.decode().split("${")[1:]}
    substitutions = json.loads(files(made)["template.json"])["Resources"]["StateMachine"]["Properties"]
    assert placeholders <= set(substitutions["DefinitionSubstitutions"])


@pytest.mark.parametrize("code", ["embed", "image"])
def test_the_bootstrap_holds_nothing_that_an_engine_substitutes(code: str) -> None:
    for text in (command(code)[-1], one_line_command(code)[-1]):
        assert not any(mark in text for mark in ("${", "{{", "{%", "Ref::", "$("))
        compile(text, "bootstrap", "exec")


def test_the_schema_of_the_input() -> None:
    def parameter(name: str, kind: ParameterType, default: Value | None, about: str = "") -> Parameter:
        return Parameter(
            attribute=name,
            name=name,
            span=HERE,
            type=kind,
            default=default,
            required=default is None,
            help=about,
        )

    subject = program("start -> end")
    parameters = {
        "alpha": parameter("alpha", ParameterType.FLOAT, Const(0.1), "rate"),
        "name": parameter("name", ParameterType.STR, None),
        "grid": parameter("grid", ParameterType.JSON, Const({"a": [1, None]})),
    }
    subject = replace(subject, graph=replace(subject.graph, parameters=parameters))
    schema = json.loads(files(bundle(subject))["parameters.schema.json"])
    assert schema["required"] == ["name"]
    assert schema["properties"]["alpha"] == {"type": "number", "description": "rate", "default": 0.1}
    assert "default" not in schema["properties"]["grid"]  # no null anywhere
    assert set(schema["properties"]) == {"alpha", "name", "grid", "_flowc"}


def test_a_long_chain_keeps_to_its_size() -> None:
    names = ["start", *(f"step_{number:04}" for number in range(998)), "end"]
    chain = "; ".join(f"{a} -> {b}" for a, b in itertools.pairwise(names))
    assert len(bundle(program(chain)).stream) <= 950 * len(names)
    assert len(bundle(program("; ".join(chain.split("; ")[:9]) + "; step_0008 -> end")).stream) <= 10_240


def test_a_flow_too_big_is_an_error_with_both_sizes() -> None:
    names = ["start", *(f"step_{number:04}" for number in range(2000)), "end"]
    chain = "; ".join(f"{a} -> {b}" for a, b in itertools.pairwise(names))
    sink = Sink()
    emit(emission(program(chain)), sink)
    assert [d.rule.code for d in sink] == ["FC605"]
    assert "AWS takes 1,048,576" in next(iter(sink)).message
