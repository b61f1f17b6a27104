"""The objects of a bundle: what holds for a run, its inputs, schedule, events, accounts and code."""

# ruff: noqa: ANN401 - rows of a table hold values of any type
from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from flowc.diagnostics.model import Sink
from flowc.ir.params import Parameter, ParameterType
from flowc.ir.spec import Event, ExitHook, Project, Schedule
from flowc.ir.values import Const, Unknown
from flowc.manifest.bundle import Code
from flowc.manifest.encode import encode_yaml
from flowc.records import replace
from flowc.source import Located, SourceFile, Span
from flowc.target.settings import ArgoSettings, Settings
from tests.graphs import flow
from tests.unit.backends.argo.flows import CODE, SETTINGS, emit, faults, objects

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph

SPAN = Span(SourceFile("flow.py", "x = 1"), 0, 5)
LINE = "start -> end"


def with_specs(text: str = LINE, **specs: Any) -> FlowGraph:
    """The graph of `text` with flow decorators."""
    graph = flow(text, name="TrainFlow")
    return replace(graph, specs=replace(graph.specs, **specs))


def with_parameters(*parameters: Parameter) -> FlowGraph:
    """A flow with parameters."""
    return replace(flow(LINE), parameters={p.attribute: p for p in parameters})


def parameter(name: str, default: Any = None, *, required: bool = False, **options: Any) -> Parameter:
    kind = options.pop("type", ParameterType.STR)
    return Parameter(
        attribute=name,
        name=name,
        span=SPAN,
        type=kind,
        default=default,
        required=required,
        help="",
        **options,
    )


def spec(graph: FlowGraph, settings: Settings = SETTINGS) -> dict[str, Any]:
    found: dict[str, Any] = objects(emit(graph, settings))["WorkflowTemplate"]["spec"]
    return found


def check(value: object, expected: str) -> None:
    """An object as YAML."""
    assert encode_yaml(value) == dedent(expected).lstrip("\n")


def test_files_and_stream_hold_the_same_objects() -> None:
    graph = with_specs(schedule=Schedule(cron="0 2 * * *", timezone=None, span=SPAN))
    bundle = emit(graph)
    assert [file.path for file in bundle.files] == [
        "train-flow-rbac.yaml",
        "train-flow-code-9f1c0d7b.yaml",
        "train-flow.yaml",
        "train-flow-cron.yaml",
        "kustomization.yaml",
    ]
    assert set(objects(bundle)) == {
        "ServiceAccount", "Role", "RoleBinding", "ConfigMap", "WorkflowTemplate", "CronWorkflow",
    }  # fmt: skip
    assert b"namespace" not in bundle.stream
    assert bundle == emit(graph)


def test_every_object_is_in_the_configured_namespace() -> None:
    settings = replace(SETTINGS, argo=ArgoSettings(namespace="ml"))
    found = objects(emit(with_specs(events=(Event(name="e", span=SPAN),)), settings))
    assert {kind: item["metadata"]["namespace"] for kind, item in found.items()} == dict.fromkeys(found, "ml")
    assert found["RoleBinding"]["subjects"][0]["namespace"] == "ml"


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (parameter("p", Const("plain")), "plain"),
        (parameter("p", Const('"$(x)" ${y}\n\x07é')), '"$(x)" ${y}\n\x07é'),
        (parameter("p", Const(0.5), type=ParameterType.FLOAT), "0.5"),
        (parameter("p", Const("a {{workflow.name}}")), "@flowc:default"),
        *(
            (parameter("p", Const(f"a{odd}")), "@flowc:default")
            for odd in "\ud800\x7f\x85\x9b\u2028\ufeff\uffff"
        ),
        (parameter("p", Unknown(SPAN, "called"), callable_default=True), "@flowc:default"),
        (parameter("p", Unknown(SPAN, "called"), callable_default=True, required=True), "@flowc:default"),
        (parameter("p"), "@flowc:default"),
        (parameter("p", required=True), None),
    ],
)
def test_parameters(declared: Parameter, value: str | None) -> None:
    first, *own = spec(with_parameters(declared))["arguments"]["parameters"]
    assert first.get("value") == value
    assert [p["name"] for p in own] == ["flowc-origin-run", "flowc-from-step"]


def test_what_is_not_configured_is_an_input_without_a_value() -> None:
    made = spec(flow(LINE), Settings())
    inputs = {p["name"]: p.get("value") for p in made["arguments"]["parameters"]}
    assert inputs == {
        "flowc-image": None,
        "flowc-datastore": None,
        "flowc-origin-run": "",
        "flowc-from-step": "",
    }
    assert made["templates"][1]["container"]["image"] == "{{workflow.parameters.flowc-image}}"
    assert (
        made["templateDefaults"]["container"]["env"][0]["value"] == "{{workflow.parameters.flowc-datastore}}"
    )


def test_code_in_the_image_needs_no_config_map() -> None:
    bundle = emit(flow(LINE), replace(SETTINGS, code="image"), Code(b"", "", ()))
    assert "ConfigMap" not in objects(bundle)
    made = objects(bundle)["WorkflowTemplate"]["spec"]
    assert "volumes" not in made
    assert made["templateDefaults"]["container"]["command"] == ["python3", "-m", "flowc.runtime.main"]


def test_embedded_code_is_immutable_and_kept() -> None:
    found = objects(emit(flow(LINE)))["ConfigMap"]
    assert found["immutable"] is True
    assert base64.b64decode(found["binaryData"]["shim.pyz"]) == CODE.archive
    assert found["metadata"]["name"] == "flow-code-9f1c0d7b"
    assert found["metadata"]["annotations"] == {
        "argocd.argoproj.io/sync-options": "Prune=false",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
    }


def test_a_schedule() -> None:
    graph = with_specs(schedule=Schedule(cron="0 2 ? * MON-FRI *", timezone="Europe/Berlin", span=SPAN))
    check(
        objects(emit(graph))["CronWorkflow"]["spec"],
        """
        schedules: ["0 2 * * 1-5"]
        timezone: Europe/Berlin
        concurrencyPolicy: Allow
        startingDeadlineSeconds: 600
        successfulJobsHistoryLimit: 3
        failedJobsHistoryLimit: 3
        workflowMetadata:
          labels:
            flowc.dev/flow: TrainFlow
            flowc.dev/trigger: schedule
        workflowSpec:
          workflowTemplateRef:
            name: train-flow
        """,
    )


def test_events() -> None:
    ready = Event(name="data.ready", span=SPAN, parameters={"table": "table.name"})
    other = Event(name="FirstFlow", span=SPAN, on_finish=True, project="shop", branch="prod")
    graph = replace(
        with_specs(events=(ready, other), events_all=False),
        parameters={"table": parameter("table", Const("sales"))},
    )
    found = objects(emit(graph))["Sensor"]["spec"]
    assert [d["filters"]["data"][0]["value"] for d in found["dependencies"]] == [
        [r"^data\.ready$"],
        [r"^metaflow\.shop\.prod\.FirstFlow\.end$"],
    ]
    (trigger,) = found["triggers"]
    first, second = (d["name"] for d in found["dependencies"])
    assert trigger["template"]["conditions"] == f"{first} || {second}"
    assert trigger["template"]["argoWorkflow"]["parameters"] == [
        {
            "src": {"dependencyName": first, "dataKey": r"body.payload.table\.name", "value": "sales"},
            "dest": "spec.arguments.parameters.0.value",
        },
        {
            "src": {"dependencyName": first, "dataKey": "body.payload", "value": "@flowc:default"},
            "dest": "spec.arguments.parameters.1.value",
        },
        {
            "src": {"dependencyName": second, "dataKey": "body.payload", "value": "@flowc:default"},
            "dest": "spec.arguments.parameters.2.value",
        },
    ]
    arguments = trigger["template"]["argoWorkflow"]["source"]["resource"]["spec"]["arguments"]["parameters"]
    assert [a["name"] for a in arguments] == ["table", f"flowc-event-{first}", f"flowc-finished-{second}"]


def test_exit_hooks_and_the_event_of_a_finished_run() -> None:
    hook = ExitHook(
        on_success=(Located("tell", SPAN),), on_error=(Located("cry", SPAN), Located("härm", SPAN)), span=SPAN
    )
    settings = replace(SETTINGS, argo=ArgoSettings(event_url="http://events:12000/flowc"))
    made = spec(with_specs(exit_hook=hook), settings)
    templates = {template["name"]: template for template in made["templates"]}
    assert made["onExit"] == "on-exit"
    check(
        templates["on-exit"]["dag"]["tasks"],
        """
        - name: on-succeeded
          template: exit-hook
          when: "{{workflow.status}} == Succeeded"
          arguments: {parameters: [{name: hooks, value: tell}, {name: status, value: succeeded}]}
        - name: on-failed
          template: exit-hook
          when: "{{workflow.status}} != Succeeded"
          arguments: {parameters: [{name: hooks, value: "cry,h-xe4-rm"}, {name: status, value: failed}]}
        - {name: publish, template: publish, when: "{{workflow.status}} == Succeeded"}
        """,
    )
    assert templates["publish"]["container"]["env"][0] == {
        "name": "FLOWC_EVENT",
        "value": "metaflow.TrainFlow.end",
    }


@pytest.mark.parametrize(
    ("asked", "branch"),
    [
        ({}, "user"),
        ({"branch": "new_ui"}, "test.new_ui"),
        ({"production": True}, "prod"),
        ({"production": True, "branch": "canary"}, "prod.canary"),
    ],
)
def test_a_project_publishes_and_awaits_the_same_event(asked: dict[str, Any], branch: str) -> None:
    settings = replace(SETTINGS, argo=ArgoSettings(event_url="http://events:12000/flowc"), **asked)
    made = spec(with_specs(project=Project("shop", None, production=False, span=SPAN)), settings)
    published = next(t for t in made["templates"] if t["name"] == "publish")["container"]["env"][0]["value"]
    event = Event(
        name="TrainFlow",
        span=SPAN,
        on_finish=True,
        project="shop",
        branch=None if branch == "user" else branch,
    )
    (awaited,) = objects(emit(with_specs(events=(event,))))["Sensor"]["spec"]["dependencies"]
    assert published == f"metaflow.shop.{branch}.TrainFlow.end"
    (pattern,) = awaited["filters"]["data"][0]["value"]
    assert re.search(pattern, published)


def test_what_a_finished_run_posts() -> None:
    settings = replace(SETTINGS, argo=ArgoSettings(event_url="http://events:12000/flowc"))
    made = spec(with_specs(project=Project("shop", None, production=True, span=SPAN)), settings)
    container = next(t for t in made["templates"] if t["name"] == "publish")["container"]
    posted: list[bytes] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Webhook) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        given = {variable["name"]: variable["value"] for variable in container["env"]}
        given |= {"FLOWC_RUN_ID": "run-1", "FLOWC_FLOW": "TrainFlow", "FLOWC_PROJECT": "shop.prod"}
        given["FLOWC_EVENT_URL"] = f"http://127.0.0.1:{server.server_port}/flowc"
        subprocess.run([sys.executable, "-c", *container["args"]], env={**os.environ, **given}, check=True)
        answering.join()
    payload = json.loads(posted[0])["payload"]
    assert isinstance(payload.pop("timestamp"), int)
    assert payload == {
        "id": "TrainFlow/run-1/end/r",
        "name": "metaflow.shop.prod.TrainFlow.end",
        "run_id": "run-1",
        "flow": "TrainFlow",
        "flow_name": "TrainFlow",
        "auto-generated-by-metaflow": "True",
        "project_name": "shop",
        "branch_name": "prod",
    }


def test_an_existing_account_is_used() -> None:
    settings = replace(SETTINGS, argo=ArgoSettings(service_account="bot"))
    found = objects(emit(flow(LINE), settings))
    assert "ServiceAccount" not in found
    assert found["WorkflowTemplate"]["spec"]["serviceAccountName"] == "bot"
    assert found["RoleBinding"]["subjects"] == [{"kind": "ServiceAccount", "name": "bot"}]


def test_projects_name_the_objects() -> None:
    graph = with_specs(project=Project("shop", None, production=False, span=SPAN))
    for settings, name in (
        (SETTINGS, "shop-train-flow"),
        (replace(SETTINGS, branch="new_ui"), "shop-test-new-ui-train-flow"),
        (replace(SETTINGS, production=True), "shop-prod-train-flow"),
        (replace(SETTINGS, name="mine"), "mine"),
    ):
        assert objects(emit(graph, settings))["WorkflowTemplate"]["metadata"]["name"] == name


def test_retries() -> None:
    def strategy(text: str, **settings: int) -> Any:
        made = spec(flow(f"start -> a; {text} -> end"), replace(SETTINGS, **settings))  # type: ignore[arg-type]
        return next(t for t in made["templates"] if t["name"] == "a").get("retryStrategy")

    plain = "asInt(lastRetry.exitCode) != 65"
    always = {"retryPolicy": "Always", "expression": plain}
    assert strategy("a") is None
    assert strategy("a[retry=3]") == {"limit": "3", **always, "backoff": {"duration": "120", "factor": "1"}}
    assert strategy("a[catch]") == {"limit": "1", **always}
    assert strategy("a[catch, retry=2]")["limit"] == "3"
    faults_too = " && (asInt(retries) < 0 || lastRetry.status == 'Error' || asInt(lastRetry.exitCode) == 70)"
    assert strategy("a", infrastructure_retries=2) == {
        "limit": "2",
        "retryPolicy": "Always",
        "expression": plain + faults_too,
    }


def test_the_size_of_plain_steps() -> None:
    ten = "start -> a1; " + "; ".join(f"a{i} -> {f'a{i + 1}' if i < 8 else 'end'}" for i in range(1, 9))
    assert len(emit(flow(ten)).stream) < 10 * 1024


@pytest.mark.parametrize(
    ("graph", "settings", "expected"),
    [
        (flow(LINE), replace(SETTINGS, name="Train"), "FC614 `Train` cannot be the name of a workflow"),
        (
            with_specs(schedule=Schedule(cron="0 2 * * *", timezone=None, span=SPAN)),
            replace(SETTINGS, name="t" * 53),
            f"FC614 `{'t' * 53}` cannot be the name of a workflow",
        ),
        (flow(LINE), replace(SETTINGS, image="A:b:c"), "FC618 `A:b:c` cannot be an image"),
        (flow(LINE), replace(SETTINGS, datastore="s3://{{x}}"), "FC615 `s3://{{x}}` cannot be `datastore`"),
        (
            flow(LINE),
            replace(SETTINGS, argo=ArgoSettings(labels={"a": "b c"})),
            "FC615 `b c` cannot be `argo.labels`",
        ),
        (
            with_parameters(parameter("größe")),
            SETTINGS,
            "FC614 `größe` cannot be the name of a parameter on Argo Workflows",
        ),
        (
            with_parameters(*(parameter(f"p{i}") for i in range(499))),
            SETTINGS,
            "FC608 `Flow` has 501 parameters with flowc's own; Argo Workflows takes 500",
        ),
        (
            with_specs(schedule=Schedule(cron="0 6 L * ? *", timezone=None, span=SPAN)),
            SETTINGS,
            "FC609 Argo Workflows cannot express the schedule `0 6 L * ? *`: it uses `L`, which only AWS cron has",
        ),
        (
            with_specs(schedule=Schedule(cron="0 25 * * *", timezone="Europe/Berlim", span=SPAN)),
            SETTINGS,
            "FC507 `0 25 * * *` is no schedule: `25` is no hour: 0 to 23",
        ),
        (
            flow("start -> foreach a in xs:6000; a -> j; join j -> end"),
            replace(SETTINGS, max_num_splits=10_000),
            "FC606 a run of `Flow` has at least 6,006 nodes, most of them from `start`",
        ),
        (
            flow("start -> foreach a in xs; a -> foreach b in ys; b -> k; join k -> j; join j -> end"),
            SETTINGS,
            "FC617 a run of `Flow` may have 10,506 nodes within its limits, most of them from `start`",
        ),
        (
            flow("start -> o; o -> i; i -> i | o | end"),
            SETTINGS,
            "FC607 a run of `Flow` can nest 102 deep; Argo Workflows nests 90",
        ),
    ],
)
def test_what_argo_refuses(graph: FlowGraph, settings: Settings, expected: str) -> None:
    assert expected in faults(graph, settings)


def test_what_is_too_big() -> None:
    sink = Sink()
    graph = with_parameters(parameter("p", Const("long " * 120_000)))
    emit(graph, code=Code(b"x" * 800_000, "0" * 64, ("flow.py",)), sink=sink)
    assert [f"{d.rule.code} {d.message}" for d in sink] == [
        "FC605 `Flow` is too big for Argo Workflows: 602,846 bytes as JSON, where it takes 524,288",
        "FC613 the code of `Flow` is 800,000 bytes; a ConfigMap takes 716,800",
    ]
