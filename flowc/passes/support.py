"""What a target cannot do for a flow, reported where the flow asks for it.

`check_settings` judges what the flow and the settings say together, for every target alike;
`check_support` what one target leaves out. What depends on how a backend writes its manifests
(sizes, names, grammars) is the backend's own check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.target.features import FEATURES, POD_IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.program import Program
    from flowc.ir.spec import Platform
    from flowc.source import Sources, Span
    from flowc.target.features import Features
    from flowc.target.settings import Settings


def check_settings(program: Program, settings: Settings, sources: Sources, sink: Sink) -> None:
    """Report FC511: files to include that are not there."""
    for path in settings.include:
        if not list(sources.files((path,))):
            message = f"`{path}` is to be included, and there is no such file in the project"
            helps = (
                "`--include` takes files, folders and patterns; those of [tool.flowc] count from the project root",
            )
            sink.report(catalog.INCLUDE_MISSING, program.graph.span, message, helps=helps)


def check_support(program: Program, settings: Settings, target: str, sink: Sink) -> None:
    """Report what one target leaves out or refuses."""
    features = FEATURES[target]
    graph = program.graph
    _check_datastore(graph, settings, features, sink)
    _check_images(graph, settings, sink)
    _check_inputs(graph, settings, sink)
    _check_flow_packages(graph, settings, sink)
    for step in graph.steps.values():
        _check_platform(step, settings, features, sink)
        _check_extras(step, settings, sink)
    hook = graph.specs.exit_hook
    if hook is not None and not features.hook_on_abort:
        message = f"{features.title} runs no exit hook when a run is aborted"
        notes = ("the hook runs after a success and after a failure",)
        sink.report(catalog.HOOK_NOT_ON_ABORT, hook.span, message, notes=notes)


def _check_platform(step: Step, settings: Settings, features: Features, sink: Sink) -> None:
    kubernetes, batch = step.spec.kubernetes, step.spec.batch
    if features.platform == "kubernetes":
        if batch is not None and kubernetes is None:
            _report_batch(step, batch, features, sink)
        if kubernetes is not None:
            _report_ignored(step, "kubernetes", kubernetes, features.ignored, features, sink)
        return
    if kubernetes is None or batch is not None:
        return
    if settings.stepfunctions.eks_cluster is None:
        message = f"`{step.name}` has `@kubernetes`, and {features.title} has no cluster to run it on"
        helps = (
            'name an EKS cluster: `eks_cluster = "…"` under [tool.flowc.stepfunctions]',
            "or ask for the same resources with `@resources` or `@batch`",
        )
        sink.report(catalog.KUBERNETES_STEP, kubernetes.span, message, helps=helps)
        return
    _report_ignored(step, "kubernetes", kubernetes, POD_IGNORED, features, sink)


def _report_batch(step: Step, batch: Platform, features: Features, sink: Sink) -> None:
    ignored = ", ".join(f"`{name}`" for name in batch.attributes)
    notes = (f"not used: {ignored}",) if ignored else ()
    message = f"{features.title} runs the `@batch` step `{step.name}` as a pod with the resources it asks for"
    helps = ("use `@resources` for what holds on every platform, `@kubernetes` for a pod's own attributes",)
    sink.report(catalog.BATCH_STEP, batch.span, message, notes=notes, helps=helps)


def _report_ignored(
    step: Step, decorator: str, platform: Platform, ignored: frozenset[str], features: Features, sink: Sink
) -> None:
    for name, located in platform.attributes.items():
        if name in ignored and located.value is not None:
            message = f"{features.title} does not honour `{name}` of `@{decorator}` on `{step.name}`"
            helps: tuple[str, ...] = ()
            if name == "namespace":
                place = "set `namespace` under [tool.flowc.argo]"
                helps = (
                    place if features.platform == "kubernetes" else "leave it out: jobs run in `default`",
                )
            sink.report(catalog.ATTRIBUTE_IGNORED, located.span, message, helps=helps)


def _check_extras(step: Step, settings: Settings, sink: Sink) -> None:
    """Packages and cards of a step; no target makes anything of them."""
    for packages in step.spec.packages:
        if not packages.disabled and settings.code != "image":
            message = f"the packages of `@{packages.manager}` on `{step.name}` are not installed when it runs"
            sink.report(catalog.PACKAGES_IGNORED, packages.span, message, helps=_PACKAGES_HELP)
    if step.spec.card is not None:
        message = f"no card is made of `{step.name}`"
        helps = ("the step runs as without `@card`; keep what the card shows as an artifact",)
        sink.report(catalog.CARD_IGNORED, step.spec.card, message, helps=helps)


_PACKAGES_HELP = ("name an image that has them with `image`, or build one: `--code image`",)


def _check_flow_packages(graph: FlowGraph, settings: Settings, sink: Sink) -> None:
    for packages in graph.specs.packages:
        if not packages.disabled and settings.code != "image":
            message = f"the packages of `@{packages.manager}_base` are not installed when a step runs"
            sink.report(catalog.PACKAGES_IGNORED, packages.span, message, helps=_PACKAGES_HELP)


def _check_datastore(graph: FlowGraph, settings: Settings, features: Features, sink: Sink) -> None:
    datastore = settings.datastore or ""
    mounted = features.platform == "kubernetes" and settings.argo.volume_claim is not None
    if not datastore.startswith("file:") or mounted:
        return
    message = f"tasks on {features.title} cannot reach the datastore `{datastore}` of this machine"
    helps = ["use an object store: `--datastore s3://bucket/prefix`"]
    if features.platform == "kubernetes":
        helps.append("or mount a volume that all pods share: `volume_claim` under [tool.flowc.argo]")
    sink.report(catalog.LOCAL_DATASTORE, graph.span, message, helps=helps)


def _check_images(graph: FlowGraph, settings: Settings, sink: Sink) -> None:
    images = list(_images(graph, settings))
    if not images:
        return
    from flowc.target.images import floating_reason

    for image, where, owner in images:
        why = floating_reason(image)
        if why:
            message = f"the image `{image}` of {owner} {why}, so that a run tomorrow may run other code"
            helps = ("pin it: `name:1.2` or, exactly, `name@sha256:…`",)
            sink.report(catalog.FLOATING_IMAGE, where, message, helps=helps)


def _images(graph: FlowGraph, settings: Settings) -> Iterator[tuple[str, Span, str]]:
    if settings.image is not None:
        yield settings.image, graph.span, f"`{graph.name}`"
    for step in graph.steps.values():
        for platform in (step.spec.kubernetes, step.spec.batch):
            located = platform.attributes.get("image") if platform else None
            if located is not None and isinstance(located.value, str) and located.value:
                yield located.value, located.span, f"`{step.name}`"


def _check_inputs(graph: FlowGraph, settings: Settings, sink: Sink) -> None:
    """FC505: nobody is there to give a value when a schedule or a trigger starts the run."""
    schedule, events = graph.specs.schedule, graph.specs.events
    starters: list[tuple[Label, frozenset[str]]] = []
    if schedule is not None:
        starters.append((Label(schedule.span, "the schedule"), frozenset()))
    if events:
        mapped = frozenset(name for event in events for name in event.parameters)
        starters.append((Label(events[0].span, "the trigger"), mapped))
    for starter, _ in starters[:1]:
        _check_configured(graph, settings, starter, sink)
    for starter, mapped in starters:
        _check_given(graph, starter, mapped, sink)


def _check_configured(graph: FlowGraph, settings: Settings, starter: Label, sink: Sink) -> None:
    for name, value in (("image", settings.image), ("datastore", settings.datastore)):
        if value is None:
            message = f"{starter.text} starts `{graph.name}` by itself, and no {name} is configured"
            helps = [f"give it with `--{name}`, or as `{name}` under [tool.flowc]"]
            sink.report(catalog.MISSING_INPUT, starter.span, message, helps=helps)


def _check_given(graph: FlowGraph, starter: Label, mapped: frozenset[str], sink: Sink) -> None:
    """What a run needs and only a person could give; `mapped` are the parameters that the starter gives."""
    for parameter in graph.parameters.values():
        needed = parameter.required and parameter.default is None and not parameter.callable_default
        if needed and parameter.name not in mapped:
            where = Label(parameter.span, "required, without a default")
            message = f"{starter.text} starts `{graph.name}` by itself, and nothing gives its parameter `{parameter.name}`"
            helps = ["give the parameter a default"]
            if starter.text == "the trigger":
                helps = [f"{helps[0]}, or map it in the trigger"]
            begun = Label(starter.span, "starts by itself")
            sink.report(catalog.MISSING_INPUT, where, message, secondary=[begun], helps=helps)
