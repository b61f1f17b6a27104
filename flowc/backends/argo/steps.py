"""A step as a pod template.

What is the same for all steps stands in `templateDefaults` (see `workflow`); a template holds
what is the step's own, and its image, which Kubernetes' schema wants on every container.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.conditions import expression
from flowc.backends.task_settings import default_text, task_environment
from flowc.ir.graph import Choose, Foreach, Gang, simple_transitions
from flowc.platform import attributes
from flowc.platform.kubernetes.pod import pod

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Parameter, RetryStrategy, Template
    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.params import Parameter as FlowParameter
    from flowc.ir.program import Program
    from flowc.ir.spec import StepSpec
    from flowc.platform.kubernetes.manifest import Container
    from flowc.target.settings import Settings

SHIM = "/flowc/shim.pyz"
IMAGE_PARAMETER = "{{workflow.parameters." + contract.PARAM_IMAGE + "}}"
# What JSON may hold bare and YAML not, or as the end of a line.
_NOT_YAML = "[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
_GRACE_SECONDS = 600  # the shim holds `@timeout` itself; the engine's clock also counts pulls and waiting


def is_tried(spec: StepSpec, settings: Settings) -> bool:
    """Whether the engine may start the step's pod more than once."""
    return _attempts_again(spec, settings) > 0


def control_outputs(step: Step) -> list[str]:
    """What the engine reads from a finished pod: how many items it split into, which way it chose."""
    splits = any(isinstance(simple, Foreach | Gang) for _, simple in simple_transitions(step.transition))
    return ["splits"] * splits + ["next"] * isinstance(step.transition, Choose)


def step_template(program: Program, settings: Settings, name: str, step: Step) -> Template:
    """The pod template of a step."""
    is_root = program.wiring[step.name].depth == 0
    made: Template = {"name": name, "inputs": {"parameters": [path_input(is_root=is_root)]}}
    outputs = [_output(step, output) for output in control_outputs(step)]
    if outputs:
        made["outputs"] = {"parameters": outputs}
    if step.spec.timeout_seconds is not None:
        made["activeDeadlineSeconds"] = str(step.spec.timeout_seconds.value + _GRACE_SECONDS)
    if is_tried(step.spec, settings):
        made["retryStrategy"] = _retry_strategy(step.spec, settings)
    _add_pod(made, program, settings, step)
    return made


def path_input(*, is_root: bool) -> Parameter:
    """The path of the task; without an argument that of the whole run."""
    return {"name": "path", "default": contract.ROOT} if is_root else {"name": "path"}


def run_image(settings: Settings) -> str:
    """The image of every container that names none: configured, or an input of the run."""
    return settings.image or IMAGE_PARAMETER


def hidden_defaults(graph: FlowGraph) -> dict[str, str]:
    """Defaults of parameters that cannot stand in the manifest: the document holds them."""
    texts = {parameter.name: default_text(parameter) for parameter in graph.parameters.values()}
    return {name: text for name, text in texts.items() if text is not None and not stands_bare(text)}


def stands_bare(text: str) -> bool:
    """Whether a default can be a parameter's value: no tag begins in it, it is no sentinel, and every tool keeps it.

    `kubectl apply` sends an object as JSON that the cluster reads as YAML: what may stand bare in JSON alone is
    refused there, or taken for the end of a line.
    """
    if text == contract.SENTINEL or "{{" in text:
        return False
    return text.isprintable() or re.search(_NOT_YAML, text) is None


def passes_default(parameter: FlowParameter) -> str | None:
    """The value of a workflow parameter; None where whoever starts the run must give one."""
    text = default_text(parameter)
    if text is not None and stands_bare(text):
        return text
    if text is None and parameter.required and not parameter.callable_default:
        return None
    return contract.SENTINEL


def _add_pod(made: Template, program: Program, settings: Settings, step: Step) -> None:
    defaults = hidden_defaults(program.graph) if step.name == program.graph.start else None
    variables = task_environment(program, settings, step.name, defaults=defaults)
    own = pod(step.spec, variables, gpu_resource=settings.argo.gpu_resource)
    if "metadata" in own:
        made["metadata"] = own["metadata"]
    if "nodeSelector" in own:
        made["nodeSelector"] = {**settings.argo.node_selector, **own["nodeSelector"]}
    if "tolerations" in own:
        made["tolerations"] = own["tolerations"]
    if "serviceAccountName" in own:
        made["serviceAccountName"] = own["serviceAccountName"]
    if "volumes" in own:
        made["volumes"] = own["volumes"]
    container: Container = {"image": run_image(settings)}
    executable = attributes.text(step.spec.kubernetes, "executable")
    if executable is not None:
        container["command"] = shim_command(settings, executable)
    container["args"] = ["step", contract.escape_name(step.name)]
    container |= own["container"]
    _add_engine_variables(container, program.graph, settings, step)
    if settings.argo.s3_secret is not None and "envFrom" in container:
        # A list of a template replaces that of the defaults.
        container["envFrom"] = [{"secretRef": {"name": settings.argo.s3_secret}}, *container["envFrom"]]
    made["container"] = container


def shim_command(settings: Settings, python: str = "python3") -> list[str]:
    """How the shim is started: the embedded archive, or the module in the image."""
    return [python, SHIM] if settings.code == "embed" else [python, "-m", "flowc.runtime.main"]


def _add_engine_variables(container: Container, graph: FlowGraph, settings: Settings, step: Step) -> None:
    """Variables whose values the engine fills in: its own text, never the flow's."""
    added = []
    if step.name == graph.start:
        added = [
            (contract.ENV_PARAMETERS, expression("toBase64(workflow.parameters.json)")),
            (contract.ENV_ORIGIN_RUN, "{{workflow.parameters." + contract.PARAM_ORIGIN_RUN + "}}"),
            (contract.ENV_FROM_STEP, "{{workflow.parameters." + contract.PARAM_FROM_STEP + "}}"),
        ]
    if step.spec.catch is not None:
        last = _attempts_again(step.spec, settings)
        killed = expression(f"asInt(retries) >= {last} ? lastRetry.message : ''")
        added.append((contract.ENV_KILLED, killed))
    env = container.get("env", [])
    env += [{"name": name, "value": value} for name, value in added]
    container["env"] = env


def _output(step: Step, name: str) -> Parameter:
    if name == "next":
        return {"name": name, "valueFrom": {"path": contract.CONTROL_NEXT}}
    if isinstance(step.transition, Choose):
        # Another way may have been chosen, and then there is no such file.
        return {"name": name, "valueFrom": {"path": contract.CONTROL_SPLITS, "default": "none"}}
    return {"name": name, "valueFrom": {"path": contract.CONTROL_SPLITS}}


def _attempts_again(spec: StepSpec, settings: Settings) -> int:
    """The most attempts after the first. A killed container of a step with `@catch` needs one more."""
    asked = spec.retry.times if spec.retry is not None else 0
    return asked + settings.infrastructure_retries + (spec.catch is not None)


def _retry_strategy(spec: StepSpec, settings: Settings) -> RetryStrategy:
    asked = spec.retry.times if spec.retry is not None else 0
    expression_text = f"asInt(lastRetry.exitCode) != {contract.EXIT_FINAL}"
    if settings.infrastructure_retries and spec.catch is None:
        faults = f"lastRetry.status == 'Error' || asInt(lastRetry.exitCode) == {contract.EXIT_INFRASTRUCTURE}"
        expression_text += f" && (asInt(retries) < {asked} || {faults})"
    made: RetryStrategy = {
        "limit": str(_attempts_again(spec, settings)),
        "retryPolicy": "Always",
        "expression": expression_text,
    }
    if spec.retry is not None and spec.retry.delay_seconds:
        made["backoff"] = {"duration": str(spec.retry.delay_seconds), "factor": "1"}
    return made
