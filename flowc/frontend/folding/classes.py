"""Attributes in constant expressions: of modules, classes and enumerations of the project."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding.limits import Refused
from flowc.frontend.folding.names import meaning, outside, require_untouched
from flowc.frontend.folding.pure_library import CONSTANTS
from flowc.frontend.project.dotted import chain
from flowc.ir.values import Const, Shape

if TYPE_CHECKING:
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.frontend.project.module import Module
    from flowc.ir.values import Value

_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
_NESTED_CLASSES = 8  # `A.B.C`; a chain of thousands of attributes is no class


def attribute(folder: Folder, expr: ast.Attribute, scope: Scope) -> Value | None:
    """`self.x` among the given names, `module.NAME`, `Class.NAME`, `Enum.MEMBER.value`; None for all else."""
    parts = chain(expr)
    if scope.names and ".".join(parts) in scope.names:
        return scope.names[".".join(parts)]
    if parts and parts[0] in scope.names:
        return None
    if expr.attr in ("value", "name") and isinstance(expr.value, ast.Attribute):
        member = _enum_member(folder, expr.value, scope)
        if member is not None:
            return member if expr.attr == "value" else Const(expr.value.attr)
    owner = class_of(folder, expr.value, scope)
    if owner is not None:
        return _class_attribute(folder, owner[0], owner[1], expr.attr, scope)
    if not parts or (scope.owner is not None and scope.module.class_bindings(scope.owner).get(parts[0])):
        return None
    return _module_attribute(folder, expr, scope)


def _module_attribute(folder: Folder, expr: ast.Attribute, scope: Scope) -> Value | None:
    binding = folder.project.resolve(scope.module, expr)
    if binding is not None and not binding.is_import:
        require_untouched(scope.module, expr.attr)
        found = binding.module.bindings.get(binding.name)
        return meaning(folder, found, scope.of(binding.module), binding.name)
    dotted = outside(folder, expr, scope)
    if dotted is None:
        return None
    if dotted in CONSTANTS:
        return Const(CONSTANTS[dotted])
    if dotted.startswith("os.environ"):
        raise Refused("it depends on the environment")
    raise Refused(f"`{ast.unparse(expr)}` comes from outside the project, and only the running flow knows it")


def _class_attribute(folder: Folder, module: Module, node: ast.ClassDef, attr: str, scope: Scope) -> Value:
    if is_enum(folder, module, node):
        return Shape(f"member of `{node.name}`")
    for owner_module, owner in _ancestry(folder, module, node):
        found = owner_module.class_bindings(owner).get(attr)
        if found:
            return meaning(folder, found, scope.of(owner_module, owner), attr)
    raise Refused(f"the class `{node.name}` assigns no `{attr}`")


def _enum_member(folder: Folder, expr: ast.Attribute, scope: Scope) -> Value | None:
    owner = class_of(folder, expr.value, scope)
    if owner is None or not is_enum(folder, *owner):
        return None
    module, node = owner
    found = module.class_bindings(node).get(expr.attr)
    return meaning(folder, found, scope.of(module, node), expr.attr) if found else None


def is_enum(folder: Folder, module: Module, node: ast.ClassDef) -> bool:
    """Whether a class is an enumeration, by itself or through its bases."""
    return any(base in _ENUMS for base in bases_outside(folder, module, node))


def bases_outside(folder: Folder, module: Module, node: ast.ClassDef) -> list[str]:
    """The full names of the bases outside the project that a class has, by itself or through its bases."""
    found = (
        folder.project.dotted(owner_module, base)
        for owner_module, owner in _ancestry(folder, module, node)
        for base in owner.bases
    )
    return [name for name in found if name is not None]


def _ancestry(folder: Folder, module: Module, node: ast.ClassDef) -> list[tuple[Module, ast.ClassDef]]:
    """A class and its bases in the project, depth first, each once."""
    found: list[tuple[Module, ast.ClassDef]] = []
    waiting = [(module, node)]
    while waiting:
        current = waiting.pop()
        if any(current[1] is seen for _, seen in found):
            continue
        found.append(current)
        for base in reversed(current[1].bases):
            binding = folder.project.resolve(current[0], base)
            if binding is not None and isinstance(binding.node, ast.ClassDef):
                waiting.append((binding.module, binding.node))
    return found


def class_of(
    folder: Folder, expr: ast.expr, scope: Scope, levels: int = _NESTED_CLASSES
) -> tuple[Module, ast.ClassDef] | None:
    """The class of the project that an expression names, with its module."""
    if isinstance(expr, ast.Name) and expr.id in scope.names:
        return None
    if isinstance(expr, ast.Name) and scope.owner is not None:
        own = scope.module.class_bindings(scope.owner).get(expr.id)
        if own:
            node = own[-1].node
            return (scope.module, node) if isinstance(node, ast.ClassDef) else None
    binding = folder.project.resolve(scope.module, expr)
    if binding is not None:
        return (binding.module, binding.node) if isinstance(binding.node, ast.ClassDef) else None
    if isinstance(expr, ast.Attribute) and levels:
        outer = class_of(folder, expr.value, scope, levels - 1)
        inner = outer[0].class_bindings(outer[1]).get(expr.attr) if outer else ()
        if outer and inner and isinstance(inner[-1].node, ast.ClassDef):
            return outer[0], inner[-1].node
    return None
