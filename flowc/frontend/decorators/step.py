"""What the decorators of a step say, checked and folded into a `StepSpec`.

Resources follow Metaflow's rule: of `@resources` and `@kubernetes` or `@batch`, the larger value
of each attribute counts, defaults included where the decorator has one.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.decorators.attributes import read_attributes
from flowc.frontend.decorators.kept import split_known
from flowc.frontend.decorators.table import RESOURCE_ATTRIBUTES, STEP_RULES
from flowc.ir.graph import Choose, Foreach, simple_transitions
from flowc.ir.resources import Resources
from flowc.ir.spec import Catch, Fanout, Platform, Retry, StepSpec
from flowc.source import Located, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl, StepDecl
    from flowc.frontend.decorators.attributes import Values
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.graph import Transition
    from flowc.ir.spec import Packages, Secret
    from flowc.ir.values import Constant
    from flowc.target.settings import Settings

    Found = Mapping[str, tuple[DecoratorDecl, Values]]

# What a decorator asks for where it does not say: Metaflow's own defaults.
_DEFAULTS: dict[str, dict[str, float]] = {
    "resources": {"cpu": 1, "memory": 4096},
    "kubernetes": {"cpu": 1, "memory": 4096},
    "batch": {},
}
_DISK_ON_KUBERNETES = 10_240


def step_spec(
    step: StepDecl, folder: Folder, settings: Settings, sink: Sink, transition: Transition | None = None
) -> StepSpec:
    """All that a step's decorators say. `transition` is what `self.next` was found to be, if anything."""
    del settings  # nothing of a step's own decorators depends on it
    if not step.decorators:
        return StepSpec()
    known, kept = split_known(step.decorators, STEP_RULES, f"the step `{step.name}`", folder, sink)
    known = [d for d in known if not d.attached or _applies(d, step, transition, sink)]
    found = {d.name: (d, read_attributes(d, STEP_RULES[d.name], folder, sink)) for d in known}
    _check_platforms(step, found, sink)
    _check_catch(step, found, transition, sink)
    return StepSpec(
        resources=_resources(found),
        resources_span=_resources_span(found),
        retry=_retry(found),
        timeout_seconds=_timeout(found, sink),
        catch=_catch(found, sink),
        environment=_environment(found, folder, sink),
        secrets=_secrets(found, sink),
        kubernetes=_platform("kubernetes", found, sink),
        batch=_platform("batch", found, sink),
        parallel=next((found[n][0].span for n in ("parallel", "pytorch_parallel") if n in found), None),
        fanout=_fanout(found),
        packages=_packages(found, sink),
        card=found["card"][0].span if "card" in found else None,
        kept=kept,
    )


def _applies(decorator: DecoratorDecl, step: StepDecl, transition: Transition | None, sink: Sink) -> bool:
    """Whether a decorator that `--with` gives to all steps is for this one too."""
    if transition is None:
        return True
    if decorator.name == "fanout":
        return any(isinstance(simple, Foreach) for _, simple in simple_transitions(transition))
    if decorator.name == "catch" and isinstance(transition, (Foreach, Choose)):
        sink.report(
            catalog.CATCH_ON_SPLIT,
            decorator.span,
            f"`--with catch` leaves out the step `{step.name}`, which {_what_it_does(transition)}",
            secondary=[Label(step.span, "this step")],
            severity=Severity.WARNING,
        )
        return False
    return True


def _what_it_does(transition: Foreach | Choose) -> str:
    return "splits over a foreach" if isinstance(transition, Foreach) else "chooses its next step"


# --------------------------------------------------------------------------- resources
def _resources(found: Found) -> Resources:
    present = [name for name in _DEFAULTS if name in found]
    if not present:
        return Resources()
    cpu = _largest("cpu", present, found)
    memory = _largest("memory", present, found)
    disk = _largest("disk", present, found)
    if disk is not None and "kubernetes" in present:
        disk = disk if "disk" in found["kubernetes"][1] else max(disk, _DISK_ON_KUBERNETES)
    memory_mb = 4096 if memory is None else ceil(memory)
    return Resources(
        cpu_millis=1000 if cpu is None else ceil(round(cpu * 1000, 6)),
        memory_mb=memory_mb,
        gpu=ceil(_largest("gpu", present, found) or 0),
        disk_mb=None if disk is None else ceil(disk),
        shared_memory_mb=ceil(_largest("shared_memory", present, found) or 0) or None,
        tmpfs_mb=_tmpfs(memory_mb, found),
    )


def _largest(attribute: str, present: list[str], found: Found) -> float | None:
    """The larger of what the decorators say, their defaults included; None where none says anything."""
    values: list[float] = []
    for name in present:
        given = found[name][1].get(attribute)
        number = given.value if given else _DEFAULTS[name].get(attribute)
        if isinstance(number, (int, float)):
            values.append(number)
    return max(values, default=None)


def _tmpfs(memory_mb: int, found: Found) -> int | None:
    """The size given, else half of the memory where `use_tmpfs` is set."""
    for name in ("kubernetes", "batch"):
        values = found[name][1] if name in found else {}
        size, use = values.get("tmpfs_size"), values.get("use_tmpfs")
        if size and isinstance(size.value, (int, float)):
            return ceil(size.value)
        if use and use.value:
            return memory_mb // 2
    return None


def _resources_span(found: Found) -> Span | None:
    for name in ("resources", "kubernetes", "batch"):
        if name in found and any(attribute in found[name][1] for attribute in RESOURCE_ATTRIBUTES):
            return found[name][0].whole
    return None


def _platform(name: str, found: Found, sink: Sink) -> Platform | None:
    if name not in found:
        return None
    decorator, values = found[name]
    attributes = {k: v for k, v in values.items() if k not in (*RESOURCE_ATTRIBUTES, "tmpfs_size")}
    selector = attributes.get("node_selector")
    if selector is not None and isinstance(selector.value, str):
        attributes["node_selector"] = Located(_pairs(selector, sink), selector.span)
    if "trainium" in attributes:
        alias = attributes.pop("trainium")
        if "inferentia" in attributes:
            sink.report(
                catalog.RESOURCES_CONFLICT,
                alias.span,
                "`trainium` of `@batch` is another name of `inferentia`, and both are given",
                secondary=[Label(attributes["inferentia"].span, "`inferentia` is given here")],
                helps=["keep one of the two"],
            )
        attributes["inferentia"] = alias
    return Platform(attributes, decorator.span)


def _pairs(selector: Located[Constant], sink: Sink) -> Constant:
    """`"a=b,c=d"` as a dict."""
    pairs: dict[Constant, Constant] = {}
    for item in str(selector.value).split(","):
        key, equals, value = item.strip().partition("=")
        if not equals or not key:
            sink.report(
                catalog.ATTRIBUTE_RANGE,
                selector.span,
                f"`node_selector` of `@kubernetes` has the item {shown(item)}, which is no `label=value`",
                helps=['write `"label=value,other=value"` or a dict'],
            )
        else:
            pairs[key] = value
    return pairs


def _check_platforms(step: StepDecl, found: Found, sink: Sink) -> None:
    if "kubernetes" in found and "batch" in found:
        sink.report(
            catalog.RESOURCES_CONFLICT,
            found["batch"][0].span,
            f"the step `{step.name}` has both `@kubernetes` and `@batch`, and can run on one of them",
            secondary=[Label(found["kubernetes"][0].span, "`@kubernetes` is here")],
            helps=["remove one of the two; `@resources` says what either target gives"],
        )


# --------------------------------------------------------------------------- attempts
def _retry(found: Found) -> Retry | None:
    if "retry" not in found:
        return None
    decorator, values = found["retry"]
    times = _integer(values, "times", 3)
    minutes = values["minutes_between_retries"].value if "minutes_between_retries" in values else 2
    return Retry(times, round(minutes * 60) if isinstance(minutes, (int, float)) else 120, decorator.span)


def _integer(values: Values, name: str, default: int) -> int:
    value = values[name].value if name in values else default
    return int(value) if isinstance(value, (int, float)) else default


def _timeout(found: Found, sink: Sink) -> Located[int] | None:
    if "timeout" not in found:
        return None
    decorator, values = found["timeout"]
    total = sum(
        _integer(values, name, 0) * unit for name, unit in (("seconds", 1), ("minutes", 60), ("hours", 3600))
    )
    given = {keyword.arg for keyword in decorator.keywords}
    if total == 0:
        if not given or given <= set(values):  # else its attribute was reported
            sink.report(
                catalog.MISSING_ATTRIBUTE,
                decorator.whole,
                "`@timeout` needs a duration: `seconds`, `minutes` or `hours`, which are added up",
                helps=["write for example `@timeout(minutes=30)`"],
            )
        return None
    return Located(total, decorator.whole)


def _catch(found: Found, sink: Sink) -> Catch | None:
    if "catch" not in found:
        return None
    decorator, values = found["catch"]
    var = values.get("var")
    printed = bool(values["print_exception"].value) if "print_exception" in values else True
    name = str(var.value) if var and var.value else None
    if var and name and not name.isidentifier():
        sink.report(
            catalog.ATTRIBUTE_RANGE,
            var.span,
            f"`var` of `@catch` is {shown(name)}, which cannot be the name of an artifact",
            helps=["write an identifier, so that `self.NAME` can be read"],
        )
        name = None
    return Catch(name, printed, decorator.span)


def _check_catch(step: StepDecl, found: Found, transition: Transition | None, sink: Sink) -> None:
    if "catch" not in found or not isinstance(transition, (Foreach, Choose)):
        return
    sink.report(
        catalog.CATCH_ON_SPLIT,
        found["catch"][0].span,
        f"`@catch` is on the step `{step.name}`, which {_what_it_does(transition)}",
        secondary=[Label(step.span, "this step")],
        notes=["after an exception nobody would know which transition to take"],
        helps=["move what may fail to a step of its own before this one, and put `@catch` there"],
    )


def _fanout(found: Found) -> Fanout | None:
    if "fanout" not in found:
        return None
    decorator, values = found["fanout"]
    workers = _integer(values, "max_workers", 0) or None
    return Fanout(workers, _integer(values, "max_num_splits", 0) or None, decorator.span)


# --------------------------------------------------------------------------- what few steps have
# The modules behind these are imported only where a step needs them: start-up time is counted.
def _environment(found: Found, folder: Folder, sink: Sink) -> Mapping[str, Located[str]]:
    if "environment" not in found:
        return {}
    from flowc.frontend.decorators.environments import variables_of

    return variables_of(*found["environment"], folder, sink)


def _secrets(found: Found, sink: Sink) -> tuple[Secret, ...]:
    if "secrets" not in found:
        return ()
    from flowc.frontend.decorators.secret_sources import secret_sources

    return secret_sources(*found["secrets"], sink)


def _packages(found: Found, sink: Sink) -> tuple[Packages, ...]:
    names = [name for name in ("pypi", "conda") if name in found]
    if not names:
        return ()
    from flowc.frontend.decorators.packages import packages

    return tuple(packages(*found[name], sink) for name in names)
