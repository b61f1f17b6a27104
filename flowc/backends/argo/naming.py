"""The names of templates: steps keep theirs, what the structure needs makes room.

Invariant: a step's template and its task in a DAG are called alike, wherever the step stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.ir.graph import Foreach, key_of, simple_transitions
from flowc.manifest.names import Names, step_label

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph


# Words of the language of `depends`, which no task can be called.
_RESERVED = frozenset(
    ("and", "contains", "else", "false", "if", "in", "let", "matches", "nil", "not", "or", "true")
)


def task_label(step: str) -> str:
    """The name of a step's template and task: it begins with a letter and is no word of `depends`."""
    label = step_label(step)
    if label[0].isdigit():
        return f"x-{label}"
    return f"{label}-step" if label in _RESERVED else label


class TemplateNames:
    """The names of a workflow's templates."""

    def __init__(self, graph: FlowGraph) -> None:
        self._names = Names()
        self.steps = {step: self._names.claim(task_label(step)) for step in graph.steps}
        self._graph = graph
        self._splits: dict[tuple[str, str], str] = {}
        self._loops: dict[str, str] = {}

    def claim(self, wanted: str) -> str:
        """A name for a template of the structure."""
        return self._names.claim(wanted)

    def split(self, head: str, key: str) -> str:
        """The wrapper of a foreach or gang, or the DAG of a fork: by its head and what it splits over."""
        if (head, key) not in self._splits:
            over = contract.unescape_name(self.split_over(head, key))
            self._splits[head, key] = self.claim(f"{self.steps[head]}-{step_label(over)}")
        return self._splits[head, key]

    def split_over(self, head: str, key: str) -> str:
        """What a split is over, in a word: a foreach's artifact, `gang` or `split`."""
        for _, simple in simple_transitions(self._graph.steps[head].transition):
            if isinstance(simple, Foreach) and key_of(simple) == key:
                if simple.items:  # none where only the running step knows the artifact's name
                    return contract.escape_name(simple.items[0].value)
                return "foreach"
        return "gang" if key.startswith("gang:") else "split"

    def loop(self, head: str) -> str:
        """The recursive template of a loop."""
        if head not in self._loops:
            self._loops[head] = self.claim(f"{self.steps[head]}-loop")
        return self._loops[head]
