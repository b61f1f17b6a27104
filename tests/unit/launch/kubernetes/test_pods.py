"""A pod of a run and the pod that Argo makes of the same step are the same, and its name is one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc import contract
from flowc.backends.argo.workflow import workflow_template
from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.launch.base import Order
from flowc.launch.kubernetes.pods import pod_name, run_label, task_pod
from flowc.launch.remote import Remote
from flowc.local.run import LocalRun, step_environments
from flowc.manifest.names import is_label
from flowc.platform.kubernetes import grammar
from flowc.runtime.settings import read_settings
from flowc.runtime.store.files import FileStore
from flowc.source import Sources
from flowc.target.settings import ArgoSettings, Settings
from tests.programs import emission

if TYPE_CHECKING:
    from flowc.ir.program import Program

EXAMPLES = os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "examples")
SETTINGS = Settings(
    image="registry/task:1",
    datastore="s3://bucket/prefix",
    decorators=("kubernetes",),
    argo=ArgoSettings(
        namespace="flows",
        service_account="runner",
        image_pull_secrets=("registry",),
        node_selector={"pool": "cpu"},
        tolerations=({"key": "spot", "operator": "Exists"},),
        labels={"team": "a"},
        annotations={"note": "b"},
        s3_secret="s3",  # noqa: S106 - its name
        s3_endpoint="http://s3:9000",
    ),
)


def analysed(file: str) -> Program:
    program = analyze(file, Sources(EXAMPLES), SETTINGS, Sink())
    assert program is not None
    return program


def remote_of(program: Program) -> Remote:
    steps = program.graph.steps
    remote = dict.fromkeys(steps, "kubernetes")
    run = LocalRun(
        program=program,
        settings=SETTINGS,
        datastore="s3://bucket/prefix",
        run_id="f-1",
        root="/flow",
        remote=remote,
    )
    return Remote(
        flow=program.graph.name,
        run_id="f-1",
        steps=steps,
        told=step_environments(run),
        settings=SETTINGS,
        store=FileStore("/nowhere"),
        code={},
    )


def order_of(remote: Remote, step: str, path: str = "r", attempt: str = "a-1") -> Order:
    own = {contract.ENV_PATH: path, contract.ENV_ATTEMPT_ID: attempt}
    return Order(settings=read_settings({**remote.told[step], **own}, "/flow"), environment=own)


def argo_pods(program: Program) -> dict[str, dict[str, Any]]:
    """What Argo makes of each template that runs a step: its own fields over the defaults."""
    spec = workflow_template(emission(program, SETTINGS))["spec"]
    defaults = spec["templateDefaults"]["container"]
    found = {}
    for template in spec["templates"]:
        what = template.get("container", {}).get("args", ["", ""])
        if what[0] != "step" or what[1] == contract.EXIT_HOOK_STEP:
            continue
        container = {**defaults, **template["container"]}
        found[template["container"]["args"][1]] = {
            "account": template.get("serviceAccountName", spec["serviceAccountName"]),
            "selector": template.get("nodeSelector", spec["nodeSelector"]),
            "tolerations": template.get("tolerations", spec["tolerations"]),
            "pulls": {item["name"] for item in spec["imagePullSecrets"]},
            "labels": {**spec["podMetadata"]["labels"], **template.get("metadata", {}).get("labels", {})},
            "deadline": template.get("activeDeadlineSeconds"),
            "volumes": template.get("volumes"),
            **{key: container.get(key) for key in _CONTAINER},
            # Unlike other lists this one is merged with the defaults', by name.
            "env": {v["name"]: v.get("value") for v in (*defaults["env"], *container["env"])},
        }
    return found


def our_pod(remote: Remote, step: str) -> dict[str, Any]:
    made = task_pod(remote, order_of(remote, step), "flows")
    spec, container = made["spec"], made["spec"]["containers"][0]
    deadline = spec.get("activeDeadlineSeconds")
    return {
        "account": spec.get("serviceAccountName"),
        "selector": spec.get("nodeSelector"),
        "tolerations": spec.get("tolerations"),
        "pulls": {item["name"] for item in spec["imagePullSecrets"]},
        "labels": made["metadata"]["labels"],
        "deadline": None if deadline is None else str(deadline),
        "volumes": spec.get("volumes"),
        **{key: container.get(key) for key in _CONTAINER},
        "env": {v["name"]: v["value"] for v in container["env"]},
    }


_CONTAINER = ("image", "imagePullPolicy", "resources", "envFrom", "ports", "securityContext")
# What only the engine gives, or what a run says in its own way.
_ENGINES = {"FLOWC_PARAMETERS", "FLOWC_ORIGIN_RUN", "FLOWC_FROM_STEP", "FLOWC_KILLED"}
_RUNS = {"FLOWC_RUN_ID", "FLOWC_RUN_UID", "FLOWC_ATTEMPT_ID", "FLOWC_PATH", "FLOWC_CONTROL_FOLDER"}
FILES = sorted(name for name in os.listdir(EXAMPLES) if name.endswith(".py"))


@pytest.mark.parametrize("file", FILES)
def test_a_step_is_the_same_pod_in_both_worlds(file: str) -> None:
    program = analysed(file)
    remote = remote_of(program)
    for step, wanted in argo_pods(program).items():
        made = our_pod(remote, contract.unescape_name(step))
        wanted["env"] = {n: v for n, v in wanted["env"].items() if n not in _ENGINES | _RUNS}
        made["env"] = {n: v for n, v in made["env"].items() if n not in _RUNS}
        if step == program.graph.start:  # which alone is told of defaults that the manifest cannot hold
            wanted["env"].pop("FLOWC_DOCUMENT", None)
            made["env"].pop("FLOWC_DOCUMENT", None)
        assert made["labels"].items() >= wanted.pop("labels").items()
        del made["labels"]
        assert made["pulls"] <= wanted.pop("pulls")
        del made["pulls"]
        assert made == wanted, step


@given(
    step=st.from_regex(r"[a-zA-Z_é][a-zA-Z0-9_é]{0,80}", fullmatch=True),
    path=st.from_regex(r"r([.~][0-9]{1,3}){0,4}", fullmatch=True),
    attempt=st.from_regex(r"local-[0-9]{1,7}-[0-9]", fullmatch=True),
    run=st.from_regex(r"[a-z_][a-z0-9_]{0,40}-[0-9a-f]{6}", fullmatch=True),
)
def test_names_are_legal_and_those_of_one_attempt(step: str, path: str, attempt: str, run: str) -> None:
    def order(attempt_id: str) -> Order:
        told = {
            "FLOWC_DATASTORE": "s3://b", "FLOWC_FLOW": "F", "FLOWC_RUN_ID": run, "FLOWC_PATH": path,
            "FLOWC_STEP": contract.escape_name(step), "FLOWC_ENTRY": "f.py", "FLOWC_ATTEMPT_ID": attempt_id,
        }  # fmt: skip
        return Order(settings=read_settings(told, "/"), environment={})

    assert is_label(pod_name(order(attempt)))
    assert pod_name(order(attempt)) == pod_name(order(attempt))
    assert pod_name(order(attempt)) != pod_name(order(attempt + "0"))
    assert grammar.label_value(run_label(run)) is None
