"""Where an expression is evaluated, and the two ways in which evaluating it may stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from flowc.frontend.project.module import Module
    from flowc.ir.values import Value

_NO_NAMES: Mapping[str, Value] = {}


class Scope:
    """The names an expression sees: `names` first, then those of the class `owner`, then the module's.

    A dotted name such as `self.x` may be among `names`.
    `anchored`: `__file__` stands for its place in the project. `late`: the expression runs inside a
    task, when methods may have changed what modules hold.
    """

    __slots__ = ("anchored", "late", "module", "names", "owner")

    def __init__(
        self,
        module: Module,
        owner: ast.ClassDef | None = None,
        names: Mapping[str, Value] = _NO_NAMES,
        *,
        anchored: bool = False,
        late: bool = False,
    ) -> None:
        self.module = module
        self.owner = owner
        self.names = names
        self.anchored = anchored
        self.late = late

    def inner(self, names: Mapping[str, Value]) -> Scope:
        """The scope of a comprehension or lambda in this one, which does not see the class's names."""
        return Scope(self.module, None, names, anchored=self.anchored, late=self.late)

    def of(self, module: Module, owner: ast.ClassDef | None = None) -> Scope:
        """The scope of a definition elsewhere that this one refers to."""
        return Scope(module, owner, anchored=self.anchored, late=self.late)


class Stuck(Exception):  # noqa: N818 - no error of the user: evaluation ends with what is known
    """A part of an expression is no constant; `value` says what is known of the whole."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value
