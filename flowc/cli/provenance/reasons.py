"""Why a field of a compiled manifest is there, and what of the source decides its value.

Each row has the beginning of a path inside its part (see `steps`), `*` for any key or index; the
longest that fits is the reason. A new field of a backend gets a row here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from flowc.cli.provenance.steps import Part
    from flowc.ir.graph import FlowGraph, Step
    from flowc.manifest.placed.document import Path
    from flowc.source import Span

    OfStep: TypeAlias = Callable[[Step], Span | None]
    OfFlow: TypeAlias = Callable[[FlowGraph], Span | None]


class Reason(NamedTuple):
    """One sentence, and the place in the source that decides the value (None: the step or flow itself)."""

    kind: str  # of the part: `template`, `state`, `resource` or ""
    path: str  # keys joined by `.`
    text: str
    of_step: OfStep | None = None
    of_flow: OfFlow | None = None


def reason_for(part: Part) -> Reason | None:
    """The reason whose path fits the most of the part's."""
    fitting = [r for r in REASONS if r.kind == part.kind and _fits(r.path, part.inner)]
    return max(fitting, key=lambda r: r.path.count(".") + bool(r.path), default=None)


def _fits(pattern: str, path: Path) -> bool:
    keys = pattern.split(".") if pattern else []
    return len(keys) <= len(path) and all(k in ("*", str(p)) for k, p in zip(keys, path, strict=False))


def _resources(step: Step) -> Span | None:
    return step.spec.resources_span


def _retry(step: Step) -> Span | None:
    tried = step.spec.retry or step.spec.catch
    return tried.span if tried else None


def _timeout(step: Step) -> Span | None:
    return step.spec.timeout_seconds.span if step.spec.timeout_seconds else None


def _platform(step: Step) -> Span | None:
    found = step.spec.kubernetes or step.spec.batch
    return found.span if found else None


def _transition(step: Step) -> Span:
    return step.transition_span


def _fanout(step: Step) -> Span:
    return step.spec.fanout.span if step.spec.fanout else step.transition_span


def _catch(step: Step) -> Span | None:
    return step.spec.catch.span if step.spec.catch else None


def _schedule(graph: FlowGraph) -> Span | None:
    return graph.specs.schedule.span if graph.specs.schedule else None


def _event(graph: FlowGraph) -> Span | None:
    return graph.specs.events[0].span if graph.specs.events else None


def _hook(graph: FlowGraph) -> Span | None:
    return graph.specs.exit_hook.span if graph.specs.exit_hook else None


def _parameter(graph: FlowGraph) -> Span | None:
    return next((parameter.span for parameter in graph.parameters.values()), None)


REASONS = (
    # ------------------------------------------------------------------- an Argo template
    Reason("template", "", "one pod for each task of the step, or a DAG that starts several"),
    Reason("template", "container.resources", "requests are the step's, the larger of `@resources` and its platform's decorator; the memory limit is the request, so that one task cannot take another's", _resources),
    Reason("template", "container.image", "the step's own image, else `image` of the configuration, else an input of the run", _platform),
    Reason("template", "container.args", "the shim runs this one step; the rest of the command stands in `templateDefaults`"),
    Reason("template", "container.env", "what the shim is told of the step: its name, where its inputs lie, its limits; text that an engine could misread travels in FLOWC_DOCUMENT"),
    Reason("template", "inputs", "`path` says which task of the step it is: one number for each foreach around it"),
    Reason("template", "outputs", "the shim writes how many items the step split into (`splits`) and which way it chose (`next`)", _transition),
    Reason("template", "retryStrategy", "attempts after the first, from `@retry`, `infrastructure_retries` and one for a killed container of a step with `@catch`; exit code 65 is a fault that no retry mends", _retry),
    Reason("template", "activeDeadlineSeconds", "the limit of `@timeout` and ten minutes: the shim keeps the limit itself, and the engine's clock also counts waiting and pulling", _timeout),
    Reason("template", "nodeSelector", "where the step's pods may run, by `@kubernetes` and the configuration", _platform),
    Reason("template", "tolerations", "taints that the step's pods stand, by `@kubernetes` and the configuration", _platform),
    Reason("template", "volumes", "what `@kubernetes` asks for: shared memory, a temporary file system, volume claims", _platform),
    Reason("template", "parallelism", "how many tasks of this DAG run at once: its share of max-workers by the rule of worker budgets", _fanout),
    Reason("template", "dag.tasks.*", "one node of the DAG: a step, or a DAG of its own", None),
    Reason("template", "dag.tasks.*.depends", "what must have succeeded first, by the transitions of the flow"),
    Reason("template", "dag.tasks.*.when", "the way that the step before chose; other ways are skipped"),
    Reason("template", "dag.tasks.*.arguments", "the path of the task, and the count of items that a split wrote"),
    Reason("template", "dag.tasks.*.withSequence", "one task for each item; more than max-num-splits makes the count no number, so that the node fails by name before there is a pod", _transition),
    # ------------------------------------------------------------------- the rest of an Argo object
    Reason("", "spec.parallelism", "max-workers: pods of the run at once, the only limit that counts across nested DAGs"),
    Reason("", "spec.arguments", "the run's inputs: the flow's parameters, what the configuration left open, and the run to resume", None, _parameter),
    Reason("", "spec.templateDefaults", "what is the same for every pod: how the shim starts, and what it is told of the run"),
    Reason("", "spec.serviceAccountName", "the account of the pods: `service_account` of the configuration, else one made for the flow"),
    Reason("", "spec.podGC", "pods that succeeded go away; those that failed stay to be looked at"),
    Reason("", "spec.ttlStrategy", "how long finished runs stay in the cluster (`keep_success_seconds`, `keep_failure_seconds`)"),
    Reason("", "spec.volumes", "the embedded code, a ConfigMap named by its content"),
    Reason("", "spec.onExit", "`@exit_hook`: a pod that runs after the last step", None, _hook),
    Reason("", "spec.schedules", "`@schedule`, in Unix's five fields", None, _schedule),
    Reason("", "spec.timezone", "the time zone of `@schedule`; UTC where it names none", None, _schedule),
    Reason("", "spec.dependencies", "the events of `@trigger` and `@trigger_on_finish`", None, _event),
    Reason("", "metadata.annotations", "for people and tools: the flow's file, and the most that a run can use at any moment"),
    Reason("", "metadata.labels", "what finds everything that was made for the flow"),
    Reason("", "binaryData", "the shim and the flow's own files, an archive that is the same bytes everywhere"),
    Reason("", "rules", "what Argo's executor in a pod may do: report its result"),
    # ------------------------------------------------------------------- a state
    Reason("state", "", "one part of a step: the job itself, what reads its result, or what goes on from it"),
    Reason("state", "Arguments", "the call of AWS Batch or S3 that the state makes"),
    Reason("state", "Arguments.ContainerOverrides", "what the shim is told of the task; the rest stands in the job definition"),
    Reason("state", "Retry", "calls that AWS throttles are made again; then the attempts of `@retry`", _retry),
    Reason("state", "Catch", "a killed container of a step with `@catch` is completed by one more job; an exit hook sees every error", _catch),
    Reason("state", "MaxConcurrency", "how many iterations run at once: this foreach's share of max-workers by the rule of worker budgets", _fanout),
    Reason("state", "ItemProcessor", "what each item runs", _transition),
    Reason("state", "ItemSelector", "what an iteration is told: its path, and in an execution of its own the run", _transition),
    Reason("state", "ItemReader", "indices read from S3, since so many iterations need executions of their own", _transition),
    Reason("state", "Items", "one number for each item; the values stay in the datastore", _transition),
    Reason("state", "Choices", "the way that the step chose, or whether its count of items is allowed", _transition),
    Reason("state", "Cause", "what a run says that ends here", _transition),
    Reason("state", "Assign", "variables of the states that follow: run, path and budget, never data"),
    Reason("state", "Output", "nothing flows through states but run, path and budget"),
    # ------------------------------------------------------------------- a resource of CloudFormation
    Reason("resource", "", "a resource of the flow's stack"),
    Reason("resource", "Properties.ContainerProperties.ResourceRequirements", "what the steps of this definition ask for, in Batch's units (MiB, whole CPUs on EC2)"),
    Reason("resource", "Properties.ContainerProperties.Command", "fetches the code by its sha256 and starts the shim"),
    Reason("resource", "Properties.ContainerProperties.Image", "the image of the configuration or of the steps"),
    Reason("resource", "Properties.DefinitionS3Location", "the committed state machine, under a key that holds its sha256"),
    Reason("resource", "Properties.DefinitionSubstitutions", "what the state machine leaves open"),
    Reason("resource", "Properties.ScheduleExpression", "`@schedule`, in AWS's six fields", None, _schedule),
    Reason("resource", "Properties.EventPattern", "the events of `@trigger` and `@trigger_on_finish`", None, _event),
    Reason("resource", "Properties.Policies", "no more than the jobs or the state machine need"),
)  # fmt: skip
