"""What decorators say of a step and of the flow, checked and folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc.ir.resources import Resources
from flowc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.values import Constant
    from flowc.source import Located, Span

Attributes: TypeAlias = "Mapping[str, Located[Constant]]"


@dataclass(frozen=True, slots=True)
class Retry:
    """`@retry`: `times` attempts beyond the first, `delay_seconds` apart."""

    times: int
    delay_seconds: int
    span: Span


@dataclass(frozen=True, slots=True)
class Catch:
    """`@catch`: `var` receives the exception (None: it is only swallowed)."""

    var: str | None
    print_exception: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A source of `@secrets`: a plain `name`, or a typed one with `id` and `options`."""

    name: str
    span: Span
    type: str | None = None
    options: Mapping[str, Constant] = field(default_factory=dict)
    role: str | None = None
    allow_override: bool = False


@dataclass(frozen=True, slots=True)
class Fanout:
    """flowc's `@fanout` on a splitting step: limits of that foreach alone."""

    max_workers: int | None
    max_num_splits: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Platform:
    """`@kubernetes` or `@batch`: its attributes that are no resources, as written."""

    attributes: Attributes
    span: Span


@dataclass(frozen=True, slots=True)
class Packages:
    """`@pypi`, `@conda` or their flow-wide forms: package → version."""

    manager: str
    packages: Mapping[str, str]
    python: str | None
    disabled: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Kept:
    """A decorator or mutator that only the runtime understands."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """All that a step's decorators say. None or empty where nothing is said."""

    resources: Resources = Resources()
    resources_span: Span | None = None
    retry: Retry | None = None
    timeout_seconds: Located[int] | None = None
    catch: Catch | None = None
    environment: Mapping[str, Located[str]] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()
    kubernetes: Platform | None = None
    batch: Platform | None = None
    parallel: Span | None = None
    fanout: Fanout | None = None
    packages: tuple[Packages, ...] = ()
    card: Span | None = None
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`@schedule`: `cron` as written (five fields are Unix, six AWS); None: not scheduled."""

    cron: str
    timezone: str | None
    span: Span
    cron_span: Span | None = None  # where the expression itself is written, if it is
    timezone_span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of `@trigger` or a flow of `@trigger_on_finish` (`on_finish`).

    `parameters` maps a flow parameter's name to the event's field.
    """

    name: str
    span: Span
    parameters: Mapping[str, str] = field(default_factory=dict)
    on_finish: bool = False
    project: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`@project(name=…, branch=…, production=…)`."""

    name: str
    branch: str | None
    production: bool
    span: Span


@dataclass(frozen=True, slots=True)
class ExitHook:
    """`@exit_hook`: names of functions of the flow's module, in order."""

    on_success: tuple[Located[str], ...]
    on_error: tuple[Located[str], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpecs:
    """All that the flow's decorators say."""

    schedule: Schedule | None = None
    project: Project | None = None
    events: tuple[Event, ...] = ()
    events_all: bool = True  # all events, or any: Metaflow waits for all
    exit_hook: ExitHook | None = None
    packages: tuple[Packages, ...] = ()
    kept: tuple[Kept, ...] = ()
