"""What a compiled flow says of itself, as words and their values: what `flowc diff` compares.

Invariant: nothing here depends on where in a file something stands, so that moving code is no change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.stats import cores, duration
from flowc.ir.graph import Choose, Finish, Foreach, Gang, key_of, simple_transitions, successors, targets
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.graph import Simple, Step
    from flowc.ir.params import Parameter
    from flowc.ir.program import Program
    from flowc.ir.spec import Event, StepSpec
    from flowc.passes.bounds import Certificate
    from flowc.target.settings import Settings

NONE = "none"  # the value of a word that one of two flows does not say


class Meaning(NamedTuple):
    """A flow: words about itself, its steps, its foreaches and gangs (`head→target`), and its peak.

    `around` are the steps before and after each step.
    """

    flow: str
    said: Mapping[str, str]
    steps: Mapping[str, Mapping[str, str]]
    splits: Mapping[str, Mapping[str, str]]
    around: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    peak: Certificate


def meaning(program: Program, settings: Settings, peak: Certificate) -> Meaning:
    """All that is compared of a program."""
    graph = program.graph
    before: dict[str, list[str]] = {name: [] for name in graph.steps}
    for step in graph.steps.values():
        for target in successors(step.transition):
            before[target].append(step.name)
    return Meaning(
        graph.name,
        dict(_of_flow(program, settings)),
        {name: dict(_of_step(step)) for name, step in graph.steps.items()},
        {place: dict(words) for place, words in _splits(program)},
        {name: (tuple(before[name]), tuple(successors(s.transition))) for name, s in graph.steps.items()},
        peak,
    )


# --------------------------------------------------------------------------- the flow
def _of_flow(program: Program, settings: Settings) -> Iterator[tuple[str, str]]:
    specs = program.graph.specs
    yield "image", settings.image or NONE
    yield "limit of tasks at once", f"{settings.max_workers}"
    yield "limit of visits", f"{settings.max_visits}"
    if specs.schedule is not None:
        zone = f" {specs.schedule.timezone}" if specs.schedule.timezone else ""
        yield "schedule", specs.schedule.cron + zone
    if specs.project is not None:
        yield "project", specs.project.name
    for event in specs.events:
        yield f"trigger {_event(event)}", ", ".join(f"{p}={f}" for p, f in event.parameters.items()) or "yes"
    if specs.exit_hook is not None:
        for word in ("on_success", "on_error"):
            yield f"exit hook {word}", ", ".join(f.value for f in getattr(specs.exit_hook, word)) or NONE
    for parameter in program.graph.parameters.values():
        yield f"parameter {parameter.name}", _parameter(parameter)


def _event(event: Event) -> str:
    name = ".".join(part for part in (event.project, event.branch, event.name) if part)
    return f"end of {name}" if event.on_finish else name


def _parameter(parameter: Parameter) -> str:
    words = [parameter.type.value]
    if parameter.required:
        words.append("required")
    if isinstance(parameter.default, Const):
        words.append(f"default {parameter.default.value!r}")
    return ", ".join(words)


# --------------------------------------------------------------------------- steps
def _of_step(step: Step) -> Iterator[tuple[str, str]]:
    spec = step.spec
    needs = spec.resources
    yield "cpu", cores(needs.cpu_millis)
    yield "memory", f"{needs.memory_mb} MB"
    for word, amount, unit in (
        ("gpu", needs.gpu, ""),
        ("disk", needs.disk_mb, " MB"),
        ("shared memory", needs.shared_memory_mb, " MB"),
    ):
        if amount:
            yield word, f"{amount}{unit}"
    yield from _failing(spec)
    yield from _platform(spec)
    for name, value in spec.environment.items():
        yield f"variable {name}", value.value or "empty"
    for secret in spec.secrets:
        yield f"secret {secret.name}", secret.type or "plain"
    for packages in spec.packages:
        for name, version in packages.packages.items():
            yield f"package {name}", version or "any"
    for kept in spec.kept:
        yield f"@{kept.name}", "yes"
    yield "next", _transition(step)


def _failing(spec: StepSpec) -> Iterator[tuple[str, str]]:
    if spec.retry is not None and spec.retry.times:
        yield "retry", f"{spec.retry.times} × {duration(spec.retry.delay_seconds)}"
    if spec.timeout_seconds is not None:
        yield "timeout", duration(spec.timeout_seconds.value)
    if spec.catch is not None:
        yield "catch", spec.catch.var or "yes"


def _platform(spec: StepSpec) -> Iterator[tuple[str, str]]:
    for name, platform in (("kubernetes", spec.kubernetes), ("batch", spec.batch)):
        if platform is None:
            continue
        yield f"@{name}", "yes"
        for attribute, located in platform.attributes.items():
            if located.value is not None:
                word = "image" if attribute == "image" else f"{name} {attribute}"
                yield word, str(located.value)


def _transition(step: Step) -> str:
    """The targets, with the values that lead to them; what is said of a split stands with the split."""
    transition = step.transition
    if isinstance(transition, Finish):
        return "the end"
    if not isinstance(transition, Choose):
        return ", ".join(map(_target, simples(step)))
    ways = []
    for arm in transition.arms:
        values = " or ".join(repr(case.value) for case in arm.cases)
        ways.append(f"{values}: {_target(arm.then)}" if values else _target(arm.then))
    condition = f"{transition.condition.value}? " if transition.condition is not None else ""
    return condition + " | ".join(ways)


def simples(step: Step) -> list[Simple]:
    """The unconditional transitions of a step."""
    return [simple for _, simple in simple_transitions(step.transition)]


def _target(simple: Simple) -> str:
    names = ", ".join(target.value for target in targets(simple))
    match simple:
        case Foreach():
            return f"foreach {names}"
        case Gang():
            return f"gang {names}"
        case _:
            return names


# --------------------------------------------------------------------------- foreaches and gangs
def _splits(program: Program) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for step in program.graph.steps.values():
        for simple in simples(step):
            if isinstance(simple, Foreach | Gang):
                words = list(_split(program, step.name, simple))
                yield f"{step.name}→{simple.target.value}", words


def _split(program: Program, head: str, simple: Foreach | Gang) -> Iterator[tuple[str, str]]:
    if isinstance(simple, Gang):
        yield "gang of", str(simple.size.value.value) if isinstance(simple.size.value, Const) else "unknown"
    else:
        yield "foreach over", " or ".join(dict.fromkeys(item.value for item in simple.items)) or "unknown"
    known = program.fanouts.get((head, key_of(simple)))
    if known is None:
        return
    yield "foreach limit", f"{known.max_num_splits}"
    if known.length is not None and isinstance(simple, Foreach):
        yield "items", f"{known.length}"
    if known.max_workers is not None:
        yield "at once", f"{known.max_workers}"
