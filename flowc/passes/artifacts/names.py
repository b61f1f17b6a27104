"""The names that the analysis follows, each as a bit, so that sets of names are integers.

Only names that something reads matter: what is assigned and never used can be lost anywhere. Where
a join merges all that its inputs have, every name assigned matters too.

Names that a flow always has (parameters, configs, class attributes, FlowSpec's own) have no bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.body import Call, Delete, InputRead, Merge, Present, Read, Write
from flowc.ir.graph import Choose, Foreach, simple_transitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowc.ir.body import Event, MethodBody
    from flowc.ir.graph import FlowGraph, Step

# What FlowSpec itself and its runtime keep on a flow.
OWN_NAMES = frozenset(
    """
    cmd foreach_stack index input merge_artifacts name next script_name
    _EPHEMERAL _NON_PARAMETERS _cached_input _catch_exception _control_mapper_tasks _control_task_is_mapper_zero
    _current_step _datastore _exception _flow_decorators _flow_mutators _flow_state _foreach_num_splits
    _foreach_stack _foreach_values _foreach_var _graph _graph_info _iteration_stack _parallel_ubf_iter _steps
    _success _task_ok _transition _unbounded_foreach
    """.split()
)


class Names:
    """Bits for the names of one graph. `everything` has all of them."""

    __slots__ = ("_bits", "_names", "everything", "given")

    def __init__(self, graph: FlowGraph) -> None:
        self.given = _given(graph)
        used = dict.fromkeys(_used(graph))
        self._names = [name for name in used if not self.is_given(name)]
        self._bits = {name: 1 << number for number, name in enumerate(self._names)}
        self.everything = (1 << len(self._names)) - 1

    def is_given(self, name: str) -> bool:
        """Whether a flow always has an attribute of this name."""
        return name in self.given or name in OWN_NAMES or (name.startswith("__") and name.endswith("__"))

    def bit(self, name: str) -> int:
        """The name's bit; 0 where it is always there or never read."""
        return self._bits.get(name, 0)

    def mask(self, names: Iterable[str]) -> int:
        """The bits of several names."""
        mask = 0
        for name in names:
            mask |= self._bits.get(name, 0)
        return mask

    def of(self, mask: int) -> Iterator[str]:
        """The names whose bits are set, in the order in which the source uses them."""
        while mask:
            lowest = mask & -mask
            yield self._names[lowest.bit_length() - 1]
            mask ^= lowest

    def merged(self, event: Merge) -> int:
        """The bits that a `merge_artifacts` lets through."""
        if not event.static:
            return self.everything
        if event.include:
            return self.mask(event.include)
        return self.everything & ~self.mask(event.exclude or ())


def bodies(graph: FlowGraph) -> Iterator[MethodBody]:
    """The bodies of all steps and all other methods."""
    for step in graph.steps.values():
        yield step.body
    yield from graph.methods.values()


def events(body: MethodBody) -> Iterator[Event]:
    """All events of a body, block by block."""
    for block in body.blocks:
        yield from block.events


def split_names(step: Step) -> Iterator[str]:
    """The artifacts that a step's `self.next` looks up: what it splits over, what it switches on."""
    if isinstance(step.transition, Choose) and step.transition.condition is not None:
        yield step.transition.condition.value
    for _, simple in simple_transitions(step.transition):
        if isinstance(simple, Foreach):
            yield from (items.value for items in simple.items)


def _given(graph: FlowGraph) -> frozenset[str]:
    parameters = (parameter.attribute for parameter in graph.parameters.values())
    configs = (config.attribute for config in graph.configs.values())
    return frozenset(
        (*graph.class_attributes, *graph.methods, *graph.steps, *parameters, *configs, *_made(graph))
    )


def _made(graph: FlowGraph) -> Iterator[str]:
    """What `__init__` assigns: each task makes the flow anew."""
    seen: set[str] = set()
    pending = ["__init__"]
    while pending:
        name = pending.pop()
        if name in seen or name not in graph.methods:
            continue
        seen.add(name)
        for event in events(graph.methods[name]):
            if isinstance(event, Write):
                yield event.name
            elif isinstance(event, Call):
                pending.append(event.method)


def _used(graph: FlowGraph) -> Iterator[str]:
    """Every name that matters, in the order of the source."""
    written: list[str] = []
    merges_all = False
    for body in bodies(graph):
        for event in events(body):
            match event:
                case Read(name=name) | Delete(name=name) | Present(name=name):
                    yield name
                case InputRead(name=str(name)):
                    yield name
                case Merge(include=include):
                    yield from include or ()
                    merges_all = merges_all or not include
                case Write(name=name):
                    written.append(name)
                case _:
                    pass
    for step in graph.steps.values():
        yield from split_names(step)
    if merges_all:
        yield from written
