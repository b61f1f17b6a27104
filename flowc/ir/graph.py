"""The flow as its author wrote it: steps and the transitions between them.

Invariant: every target names a step of the flow, every key of a choice is unique; what broke that
was reported by the front end and left out, and the step where it stood is one of `broken`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc import contract
from flowc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.body import MethodBody
    from flowc.ir.params import Config, Parameter
    from flowc.ir.spec import FlowSpecs, StepSpec
    from flowc.ir.values import Constant, Value
    from flowc.source import Located, Span


@dataclass(frozen=True, slots=True)
class Goto:
    """`self.next(self.a)`."""

    target: Located[str]


@dataclass(frozen=True, slots=True)
class Fork:
    """`self.next(self.a, self.b)`: all of the targets, side by side."""

    targets: tuple[Located[str], ...]


@dataclass(frozen=True, slots=True)
class Foreach:
    """`self.next(self.a, foreach='xs')`: one task of the target for each item.

    `items` are the artifacts iterated over: one, or more where several places of the step split to
    the same target over different artifacts; none where only the running step knows the name.
    """

    target: Located[str]
    items: tuple[Located[str], ...]


@dataclass(frozen=True, slots=True)
class Gang:
    """`self.next(self.a, num_parallel=N)`: N tasks of the target that run at once and know each other."""

    target: Located[str]
    size: Located[Value]


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of the flow."""


Simple: TypeAlias = Goto | Fork | Foreach | Gang


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way out of a step that chooses. `key` is what the task writes as `next` (see `contract`).

    `cases` are the condition's values that lead here; empty where an `if` in the step decides.
    `spans` are the places in the step that take this arm.
    """

    key: str
    then: Simple
    cases: tuple[Located[Constant], ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Choose:
    """Exactly one of at least two arms. `condition` is the artifact of a switch, None for an `if`."""

    arms: tuple[Arm, ...]
    condition: Located[str] | None = None


Transition: TypeAlias = Simple | Choose | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step. `span` is its name in the `def`; `inputs` the name of a join's second parameter."""

    name: str
    span: Span
    doc: str
    inputs: str | None
    transition: Transition
    transition_span: Span  # the `self.next` call, or the name where there is none
    spec: StepSpec
    body: MethodBody

    @property
    def is_join(self) -> bool:
        """Whether the step takes `inputs`."""
        return self.inputs is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowGraph:
    """A flow: `steps` by name in the order of their definition, `methods` its other methods by name.

    `class_attributes` are names that a read of `self.x` finds without an artifact: class
    attributes, properties, nested classes, methods. `complete`: every base class was found, so
    that there are no others. `read_only` are the properties without a setter, and where they stand.

    `asks_graph`: its code may ask for `current.graph`, which the run is told only then.

    `broken` are the steps whose transition was reported: it holds what is sure of it (a choice, a
    split that may lack arms), and they may lead elsewhere too, where `lacking` to steps that are
    still to be written. `unsettled` are those that may be entered in other ways than the
    transitions say (see `passes.settle`). No program has any of this.
    """

    name: str
    file: str  # POSIX path from the project root
    span: Span  # the class's name
    doc: str
    start: str
    end: str
    steps: Mapping[str, Step]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    configs: Mapping[str, Config] = field(default_factory=dict)
    specs: FlowSpecs
    methods: Mapping[str, MethodBody] = field(default_factory=dict)
    class_attributes: Mapping[str, Value] = field(default_factory=dict)
    read_only: Mapping[str, Span] = field(default_factory=dict)
    complete: bool = True
    asks_graph: bool = False
    broken: frozenset[str] = frozenset()
    lacking: bool = False
    unsettled: frozenset[str] = frozenset()


def simple_transitions(transition: Transition) -> Iterator[tuple[str | None, Simple]]:
    """The unconditional transitions of a step with the arm's key; the key is None where there is no choice."""
    match transition:
        case Finish():
            return
        case Choose(arms=arms):
            for arm in arms:
                yield arm.key, arm.then
        case _:
            yield None, transition


def key_of(simple: Simple) -> str:
    """What `contract` calls a transition; the key of its arm where the step chooses."""
    match simple:
        case Goto(target=target):
            return contract.goto_key(target.value)
        case Fork(targets=several):
            return contract.fork_key(tuple(target.value for target in several))
        case Foreach(target=target):
            return contract.foreach_key(target.value)
        case Gang(target=target):
            return contract.gang_key(target.value)


def targets(simple: Simple) -> tuple[Located[str], ...]:
    """The steps that a transition names, in its order."""
    match simple:
        case Goto(target=target) | Foreach(target=target) | Gang(target=target):
            return (target,)
        case Fork(targets=several):
            return several


def successors(transition: Transition) -> list[str]:
    """The names of all steps that may come next, each once, in order."""
    names = (t.value for _, simple in simple_transitions(transition) for t in targets(simple))
    return list(dict.fromkeys(names))
