"""What names and attributes mean in a constant expression.

A name is a constant when exactly one statement, outside branches and loops, assigns it, and
nothing changes it in place.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.displays import assign
from flowc.frontend.modules import is_builtin
from flowc.frontend.mutations import Mutations
from flowc.frontend.operators import Refused, items_of
from flowc.frontend.pure_calls import ANCHOR, CONSTANTS, FUNCTIONS, HANDLES, PATH_FUNCTIONS
from flowc.frontend.scope import Stuck
from flowc.ir.values import Const, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.frontend.bindings import Binding
    from flowc.frontend.constants import Folder
    from flowc.frontend.modules import Module
    from flowc.frontend.scope import Scope
    from flowc.ir.values import Value

# Modules that a function may import by itself, where the module's own names do not show it.
_LOCAL_IMPORTS = frozenset(
    word.partition(".")[0] for table in (CONSTANTS, FUNCTIONS, HANDLES, PATH_FUNCTIONS) for word in table
) | {"os", "platform", "sys"}
_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
_MUTABLE = (list, dict, set)
_NESTED_CLASSES = 8  # `A.B.C`; a chain of thousands of attributes is no class


def name(folder: Folder, expr: ast.Name, scope: Scope) -> Value:
    """What a name is known to be."""
    word = expr.id
    if word in scope.names:
        return scope.names[word]
    if scope.owner is not None:
        # A class body sees what it bound before; what it binds later is not there yet.
        own = scope.module.class_bindings(scope.owner).get(word)
        before = [b for b in own if b.node.lineno < expr.lineno]
        if before:
            return _meaning(folder, before, scope.of(scope.module, scope.owner), word)
    if word == "__file__" and scope.anchored:
        return Const(ANCHOR + "/" + scope.module.path)
    binding = folder.project.lookup(scope.module, word)
    if binding is None:
        raise Refused(_unbound(word, scope))
    if binding.is_import:
        raise Refused(f"`{word}` comes from outside the project, and only the running flow knows it")
    found = binding.module.bindings.get(binding.name)
    value = _meaning(folder, found, scope.of(binding.module), binding.name)
    if binding.module is not scope.module:
        _require_untouched(scope.module, binding.name)
    return value


def _unbound(word: str, scope: Scope) -> str:
    if word in ("__file__", "__name__"):
        return f"`{word}` differs from place to place"
    if is_builtin(word):
        return f"`{word}` is a builtin of Python, not a constant"
    return f"`{word}` is assigned nowhere at the top level of `{scope.module.path}`"


def _meaning(folder: Folder, found: Sequence[Binding], scope: Scope, word: str) -> Value:
    """The value of the one assignment among the bindings of a name."""
    binding = found[-1]
    if len(found) > 1:
        first, second = found[0].node.lineno, found[1].node.lineno
        raise Refused(f"`{word}` is assigned more than once, in lines {first} and {second}")
    if binding.conditional:
        raise Refused(f"`{word}` is assigned in a branch, a loop or a `try`, in line {binding.node.lineno}")
    key = (binding.node, word, scope.anchored)
    if key not in folder.known:
        folder.known[key] = _assigned(folder, binding, scope, word)
    value = folder.known[key]
    if isinstance(value, Const) and isinstance(value.value, _MUTABLE):
        _require_unchanged(binding, scope, word)
    return value


def _require_unchanged(binding: Binding, scope: Scope, word: str) -> None:
    changes = mutations(binding.module)
    names = [word] if scope.owner is None else [word, f"{scope.owner.name}.{word}", f"cls.{word}"]
    for dotted in names:
        line = changes.early.get(dotted) or (changes.late.get(dotted) if scope.late else None)
        if line:
            raise Refused(f"`{word}` is changed after its assignment, in line {line}")


def _require_untouched(module: Module, word: str) -> None:
    """Refuse a name of another module that this one assigns anew: `consts.LIMIT = 3`."""
    if f".{word}" not in module.file.text:
        return
    for dotted, line in mutations(module).early.items():
        if dotted.endswith(f".{word}"):
            raise Refused(f"`{dotted}` is changed in line {line} of `{module.path}`")


def mutations(module: Module) -> Mutations:
    """What a module changes in place, worked out once."""
    found = module.__dict__.get("mutations")
    if not isinstance(found, Mutations):
        found = module.__dict__["mutations"] = Mutations(module.tree)
    return found


def _assigned(folder: Folder, binding: Binding, scope: Scope, word: str) -> Value:
    """The value that one statement gives a name."""
    mark = (binding.node, word)
    if mark in folder.open:
        raise Refused(f"`{word}` is defined by itself")
    folder.open.add(mark)
    try:
        match binding.node:
            case ast.Assign(targets=targets, value=value):
                if any(isinstance(t, ast.Name) and t.id == word for t in targets):
                    return folder.value(value, scope)
                return _unpacked(folder, targets, value, scope, word)
            case ast.AnnAssign(value=ast.expr() as value):
                return folder.value(value, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                kind = "class" if isinstance(binding.node, ast.ClassDef) else "function"
                raise Refused(f"`{word}` is a {kind}, not a constant")
            case _:
                raise Refused(f"`{word}` is given its value by running line {binding.node.lineno}")
    except Refused as refusal:
        return Unknown(scope.module.span(binding.node), refusal.reason)
    finally:
        folder.open.discard(mark)


def _unpacked(folder: Folder, targets: list[ast.expr], value: ast.expr, scope: Scope, word: str) -> Value:
    """One name of `A, B = 1, 2`: elements that are written out are evaluated one by one."""
    for target in targets:
        if not isinstance(target, (ast.Tuple, ast.List)):
            continue
        parts = target.elts
        at = next((i for i, t in enumerate(parts) if isinstance(t, ast.Name) and t.id == word), None)
        written = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(parts)
        stars = any(isinstance(e, ast.Starred) for e in parts)
        if at is not None and written and not stars and isinstance(value, (ast.Tuple, ast.List)):
            return folder.value(value.elts[at], scope)
        names: dict[str, Value] = {}
        assign(target, folder.constant(value, scope), names)
        if word in names:
            return names[word]
    raise Refused(f"`{word}` is unpacked from a value that is not computed")


# --------------------------------------------------------------------------- attributes
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
        _require_untouched(scope.module, expr.attr)
        found = binding.module.bindings.get(binding.name)
        return _meaning(folder, found, scope.of(binding.module), binding.name)
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
            return _meaning(folder, found, scope.of(owner_module, owner), attr)
    raise Refused(f"the class `{node.name}` assigns no `{attr}`")


def _enum_member(folder: Folder, expr: ast.Attribute, scope: Scope) -> Value | None:
    owner = class_of(folder, expr.value, scope)
    if owner is None or not is_enum(folder, *owner):
        return None
    module, node = owner
    found = module.class_bindings(node).get(expr.attr)
    return _meaning(folder, found, scope.of(module, node), expr.attr) if found else None


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


def outside(folder: Folder, expr: ast.expr, scope: Scope) -> str | None:
    """The full name of something outside the project: `os.environ` after `import os`, wherever that stands."""
    parts = chain(expr)
    if not parts or parts[0] in scope.names:
        return None
    dotted = folder.project.dotted(scope.module, expr)
    if dotted is not None:
        return dotted
    unbound = folder.project.lookup(scope.module, parts[0]) is None
    return ".".join(parts) if unbound and parts[0] in _LOCAL_IMPORTS and len(parts) > 1 else None


def is_python_major(folder: Folder, expr: ast.Subscript, scope: Scope) -> bool:
    """`sys.version_info[0]` or `platform.python_version_tuple()[0]`: flows run on Python 3, whichever it is."""
    if not (isinstance(expr.slice, ast.Constant) and expr.slice.value == 0):
        return False
    if isinstance(expr.value, ast.Call):
        return outside(folder, expr.value.func, scope) == "platform.python_version_tuple"
    return outside(folder, expr.value, scope) == "sys.version_info"


def chain(expr: ast.expr) -> list[str]:
    """`a.b.c` as ["a", "b", "c"]; empty for any other expression."""
    parts: list[str] = []
    while isinstance(expr, ast.Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, ast.Name):
        return []
    parts.append(expr.id)
    return parts[::-1]


def unpack(value: Value) -> list[Value]:
    """The items of `*value` in a call; raises where they are not known."""
    if not isinstance(value, Const):
        raise Stuck(value)
    return [Const(item) for item in items_of(value.value)]
