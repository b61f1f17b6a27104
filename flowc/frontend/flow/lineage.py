"""A class's bases, followed through the project, in the order in which Python looks names up.

Python's C3 order over the classes that can be seen. A base that cannot be seen is left out and
remembered: what it might bring is unknown, and no name is then reported as missing.

Invariant: every chain of bases ends, whatever the source says; nothing recurses.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.frontend.project.bindings import Binding
    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project

_ALIASES = 20  # `Base = Other` followed this far


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class statement and the module it is written in."""

    node: ast.ClassDef
    module: Module


@dataclass(frozen=True, slots=True)
class MissingBase:
    """A base class that is not found in the project."""

    expr: ast.expr
    module: Module


@dataclass(frozen=True, slots=True)
class Lineage:
    """`order` begins with the class itself; `FlowSpec`, `object` and the standard library are left out."""

    order: tuple[ClassRef, ...]
    has_flowspec: bool
    missing: tuple[MissingBase, ...]


@dataclass(frozen=True, slots=True)
class _Bases:
    classes: tuple[ClassRef, ...]
    has_flowspec: bool
    missing: tuple[MissingBase, ...]


class Lineages:
    """The lineages of one project's classes, each found once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._bases: dict[ast.ClassDef, _Bases] = {}
        self._found: dict[ast.ClassDef, Lineage] = {}

    def of(self, ref: ClassRef) -> Lineage:
        """The lineage of a class. Bases first, by a stack, since a chain may be as long as the source."""
        stack = [ref]
        entered: set[ast.ClassDef] = set()
        while stack:
            top = stack[-1]
            if top.node in self._found:
                stack.pop()
                continue
            bases = self.bases(top).classes
            waiting = [b for b in bases if b.node not in self._found and b.node not in entered]
            if waiting and top.node not in entered:
                entered.add(top.node)
                stack.extend(reversed(waiting))
                continue
            self._found[top.node] = self._merge(
                top, [self._found[b.node] for b in bases if b.node in self._found]
            )
            stack.pop()
        return self._found[ref.node]

    def bases(self, ref: ClassRef) -> _Bases:
        """What the class statement itself names as bases."""
        if ref.node not in self._bases:
            self._bases[ref.node] = self._find_bases(ref)
        return self._bases[ref.node]

    def written(self, ref: ClassRef) -> list[ast.ClassDef | str]:
        """The bases as they are written, those left out that cannot be seen; `FlowSpec` and `object` by name."""
        found: list[ast.ClassDef | str] = []
        for written in ref.node.bases:
            expr, module = self._follow(written, ref.module)
            if self._project.api_name(module, expr) == "FlowSpec":
                found.append("FlowSpec")
            elif isinstance(expr, ast.Name) and expr.id == "object":
                found.append("object")
            elif (base := self._class(ref, expr, module)) is not None:
                found.append(base.node)
        return found

    def _merge(self, ref: ClassRef, above: Sequence[Lineage]) -> Lineage:
        own = self._bases[ref.node]
        order = _c3([list(lineage.order) for lineage in above] + [[lineage.order[0] for lineage in above]])
        inherited = [base for lineage in above for base in lineage.missing]
        missing = {id(base.expr): base for base in [*own.missing, *inherited]}
        return Lineage(
            (ref, *(order if order is not None else _depth_first(above))),
            own.has_flowspec or any(lineage.has_flowspec for lineage in above),
            tuple(missing.values()),
        )

    def _find_bases(self, ref: ClassRef) -> _Bases:
        classes: list[ClassRef] = []
        missing: list[MissingBase] = []
        has_flowspec = False
        for written in ref.node.bases:
            expr, module = self._follow(written, ref.module)
            if self._project.api_name(module, expr) == "FlowSpec":
                has_flowspec = True
                continue
            found = self._class(ref, expr, module)
            if found is not None:
                classes.append(found)
            elif not self._is_known_outside(module, expr):
                missing.append(MissingBase(written, ref.module))
        return _Bases(tuple(classes), has_flowspec, tuple(missing))

    def _follow(self, expr: ast.expr, module: Module) -> tuple[ast.expr, Module]:
        """Strip type arguments and follow `Base = Other`."""
        for _ in range(_ALIASES):
            if isinstance(expr, ast.Subscript):
                expr = expr.value
                continue
            binding = self._project.resolve(module, expr)
            value = binding.value if binding is not None else None
            if binding is None or not isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)):
                break
            expr, module = value, binding.module
        return expr, module

    def _class(self, ref: ClassRef, expr: ast.expr, module: Module) -> ClassRef | None:
        binding = self._project.resolve(module, expr)
        if binding is not None and binding.node is ref.node:
            binding = _earlier(ref)  # `class Flow(Flow)` extends the class of that name before it
        if binding is not None and isinstance(binding.node, ast.ClassDef):
            return ClassRef(binding.node, binding.module)
        return None

    def _is_known_outside(self, module: Module, expr: ast.expr) -> bool:
        """Whether the base is Python's own: it has no steps."""
        if isinstance(expr, ast.Name) and expr.id == "object":
            return True
        dotted = self._project.dotted(module, expr)
        return dotted is not None and dotted.partition(".")[0] in sys.stdlib_module_names


def _earlier(ref: ClassRef) -> Binding | None:
    before: Binding | None = None
    for binding in ref.module.bindings.get(ref.node.name):
        if binding.node is ref.node:
            return before
        before = binding
    return None


def _c3(sequences: list[list[ClassRef]]) -> list[ClassRef] | None:
    """Python's merge of the orders of the bases; None where they contradict one another."""
    pending = [sequence[::-1] for sequence in sequences if sequence]
    if len(pending) == 2:  # one base: its own order
        return sequences[0]
    in_tails: dict[ast.ClassDef, int] = {}
    for sequence in pending:
        for ref in sequence[:-1]:
            in_tails[ref.node] = in_tails.get(ref.node, 0) + 1
    order: list[ClassRef] = []
    while pending:
        head = next((s[-1] for s in pending if not in_tails.get(s[-1].node)), None)
        if head is None:
            return None
        order.append(head)
        for sequence in pending:
            if sequence[-1].node is head.node:
                sequence.pop()
                if sequence:
                    in_tails[sequence[-1].node] -= 1
        pending = [sequence for sequence in pending if sequence]
    return order


def _depth_first(above: Sequence[Lineage]) -> Iterator[ClassRef]:
    seen: set[ast.ClassDef] = set()
    for lineage in above:
        for ref in lineage.order:
            if ref.node not in seen:
                seen.add(ref.node)
                yield ref
