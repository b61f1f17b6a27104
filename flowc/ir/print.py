"""The textual form of a program: what `flowc ir` shows and what tests compare.

One line a step, with what it asks for, where its inputs lie and whom it tells; regions indent
what is inside them. The text depends on the program alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import Again, ForeachRegion, ForkRegion, GangRegion, Leave, LoopRegion, Run, SwitchRegion
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Pred, Region
    from flowc.ir.resources import Resources
    from flowc.ir.values import Constant, Value

_INDENT = "  "


def print_program(program: Program) -> str:
    """The program as text, ended by a newline."""
    lines = [*_declarations(program.graph), "", *_body(program)]
    return "\n".join(lines) + "\n"


def _declarations(graph: FlowGraph) -> Iterator[str]:
    yield f"flow {graph.name}  # {graph.file}"
    for parameter in graph.parameters.values():
        default = "" if parameter.default is None else f" = {_value(parameter.default)}"
        required = " required" if parameter.required else ""
        yield f"parameter {parameter.name}: {parameter.type.value}{default}{required}"
    for config in graph.configs.values():
        yield f"config {config.name} = {_value(config.value)}"
    specs = graph.specs
    if specs.project is not None:
        yield f"project {specs.project.name}"
    if specs.schedule is not None:
        yield f"schedule {specs.schedule.cron!r} {specs.schedule.timezone or 'UTC'}"
    for event in specs.events:
        fields = "".join(f" {name}<-{source}" for name, source in event.parameters.items())
        yield f"{'trigger-on-finish' if event.on_finish else 'trigger'} {event.name}{fields}"
    if specs.exit_hook is not None:
        for word, hooks in (("success", specs.exit_hook.on_success), ("error", specs.exit_hook.on_error)):
            yield from (f"exit-hook on-{word} {hook.value}" for hook in hooks)


def _body(program: Program) -> Iterator[str]:
    """The regions' lines. Pending are lines and, for a block still to print, its regions."""
    pending: list[str | tuple[Region, str]] = _of_block(program.body, "")
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
            continue
        region, indent = item
        head, inside = _region(region, indent, program)
        yield indent + head
        pending.extend(inside)


def _of_block(block: Block, indent: str) -> list[str | tuple[Region, str]]:
    return [(region, indent) for region in reversed(block.items)]


def _region(region: Region, indent: str, program: Program) -> tuple[str, list[str | tuple[Region, str]]]:
    """A region's own line and what is pending inside it, last first."""
    deeper = indent + _INDENT
    match region:
        case Run(step=name):
            return _step(program.graph.steps[name], program), []
        case ForkRegion(head=head, arms=arms, join=join, key=key):
            inside: list[str | tuple[Region, str]] = []
            for arm, first in zip(reversed(arms), reversed(key.split("+")), strict=True):
                inside += [*_of_block(arm, deeper + _INDENT), f"{deeper}arm {first}"]
            return f"fork {head} {key} join {join}", inside
        case ForeachRegion(head=head, body=body, join=join, key=key):
            return f"foreach {head} {key}{_fanouts(program, head, key)} join {join}", _of_block(body, deeper)
        case GangRegion(head=head, body=body, join=join, key=key):
            return f"gang {head} {key}{_fanouts(program, head, key)} join {join}", _of_block(body, deeper)
        case LoopRegion(head=head, body=body, exits=exits):
            return f"loop {head} exits {', '.join(exits)}", _of_block(body, deeper)
        case SwitchRegion():
            return _switch(region, deeper)
        case Again(loop=loop):
            return f"again {loop}", []
        case Leave(loop=loop, key=key):
            return f"leave {loop} by {key}", []


def _switch(region: SwitchRegion, deeper: str) -> tuple[str, list[str | tuple[Region, str]]]:
    inside: list[str | tuple[Region, str]] = []
    for arm in reversed(region.arms):
        inside += [*_of_block(arm.block, deeper + _INDENT), f"{deeper}arm {arm.name}{_preds(arm.preds)}"]
    node = f"loop {region.head}" if region.loop else region.head
    merge = f"merge {region.merge}" if region.merge else "ends"
    return f"switch {node} {merge}{_preds(region.merge_preds)}", inside


def _preds(preds: tuple[Pred, ...]) -> str:
    words = [
        ("loop " if pred.loop else "") + pred.node + (f" by {pred.key}" if pred.key is not None else "")
        for pred in preds
    ]
    return f" <- {', '.join(words)}" if words else ""


def _fanouts(program: Program, head: str, key: str) -> str:
    fanouts = program.fanouts.get((head, key))
    if fanouts is None:
        return ""
    length = "?" if fanouts.length is None else fanouts.length
    workers = "" if fanouts.max_workers is None else f" workers={fanouts.max_workers}"
    return f" items={length}/{fanouts.max_num_splits}{workers}"


def _step(step: Step, program: Program) -> str:
    wiring = program.wiring.get(step.name)
    words = [step.name, *_demands(step)]
    if wiring is not None and wiring.inputs:
        words.append(f"<- {wiring.inputs}")
    if wiring is not None and wiring.tells:
        words.append(f"tells {wiring.tells}")
    return " ".join(words)


def _demands(step: Step) -> Iterator[str]:
    """What the step's decorators ask for; resources always, the rest where it is said."""
    spec = step.spec
    yield from _resources(spec.resources)
    if spec.retry is not None:
        yield f"retry={spec.retry.times}x{spec.retry.delay_seconds}s"
    if spec.timeout_seconds is not None:
        yield f"timeout={spec.timeout_seconds.value}s"
    if spec.catch is not None:
        yield f"catch={spec.catch.var or '-'}"
    if spec.environment:
        yield f"environment={','.join(spec.environment)}"
    if spec.secrets:
        yield f"secrets={','.join(secret.name for secret in spec.secrets)}"
    for word, platform in (("kubernetes", spec.kubernetes), ("batch", spec.batch)):
        if platform is not None:
            yield word
    for packages in spec.packages:
        if not packages.disabled:
            yield f"{packages.manager}={','.join(packages.packages)}"
    for kept in spec.kept:
        yield f"@{kept.name}"


def _resources(resources: Resources) -> Iterator[str]:
    yield f"cpu={resources.cpu_millis / 1000:g}"
    yield f"memory={resources.memory_mb}"
    for word, amount in (
        ("gpu", resources.gpu or None),
        ("disk", resources.disk_mb),
        ("shared-memory", resources.shared_memory_mb),
        ("tmpfs", resources.tmpfs_mb),
    ):
        if amount is not None:
            yield f"{word}={amount}"


def _value(value: Value) -> str:
    match value:
        case Const(value=constant):
            return _constant(constant)
        case ParamRef(name=name):
            return f"<parameter {name}>"
        case ConfigRef(name=name, path=path):
            return f"<config {'.'.join((name, *path))}>"
        case EnvRef(name=name):
            return f"<environment {name}>"
        case Shape(kind=kind, length=length):
            return f"<{kind}>" if length is None else f"<{kind} of {length}>"
        case Unknown():
            return "<unknown>"


def _constant(constant: Constant) -> str:
    """Like `repr`, but a set's items in one order whatever their hashes."""
    match constant:
        case set() | frozenset():
            return f"{{{', '.join(sorted(map(_constant, constant)))}}}" if constant else "set()"
        case tuple():
            return f"({', '.join(map(_constant, constant))}{',' if len(constant) == 1 else ''})"
        case list():
            return f"[{', '.join(map(_constant, constant))}]"
        case dict():
            return (
                f"{{{', '.join(f'{_constant(key)}: {_constant(item)}' for key, item in constant.items())}}}"
            )
        case _:
            return repr(constant)
