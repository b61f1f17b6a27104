"""What names and attributes mean in a constant expression.

A name is a constant when exactly one statement, outside branches and loops, assigns it, and
nothing changes it in place.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding.displays import assign
from flowc.frontend.folding.limits import Refused, items_of
from flowc.frontend.folding.paths import ANCHOR, PATH_FUNCTIONS
from flowc.frontend.folding.pure_library import CONSTANTS, FUNCTIONS, HANDLES
from flowc.frontend.folding.scope import Stuck
from flowc.frontend.project.dotted import chain, is_builtin
from flowc.ir.values import Const, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.frontend.project.bindings import Binding
    from flowc.frontend.project.module import Module
    from flowc.ir.values import Value

# Modules that a function may import by itself, where the module's own names do not show it.
_LOCAL_IMPORTS = frozenset(
    word.partition(".")[0] for table in (CONSTANTS, FUNCTIONS, HANDLES, PATH_FUNCTIONS) for word in table
) | {"os", "platform", "sys"}
_MUTABLE = (list, dict, set)


def name(folder: Folder, expr: ast.Name, scope: Scope) -> Value:
    """What a name is known to be."""
    word = expr.id
    if word in scope.names:
        return scope.names[word]
    if scope.owner is not None:
        # A class body sees what it bound before; what it binds later is not there yet.
        own = scope.module.class_bindings(scope.owner).get(word)
        before = [b for b in own if (b.node.end_lineno or b.node.lineno) < expr.lineno]
        if before:
            return meaning(folder, before, scope.of(scope.module, scope.owner), word)
    if word == "__file__" and scope.anchored:
        return Const(ANCHOR + "/" + scope.module.path)
    binding = folder.project.lookup(scope.module, word)
    if binding is None:
        raise Refused(_unbound(word, scope))
    if binding.is_import:
        raise Refused(f"`{word}` comes from outside the project, and only the running flow knows it")
    found = binding.module.bindings.get(binding.name)
    value = meaning(folder, found, scope.of(binding.module), binding.name)
    if binding.module is not scope.module:
        require_untouched(scope.module, binding.name)
    return value


def _unbound(word: str, scope: Scope) -> str:
    if word in ("__file__", "__name__"):
        return f"`{word}` differs from place to place"
    if is_builtin(word):
        return f"`{word}` is a builtin of Python, not a constant"
    return f"`{word}` is assigned nowhere at the top level of `{scope.module.path}`"


def meaning(folder: Folder, found: Sequence[Binding], scope: Scope, word: str) -> Value:
    """The value of the one assignment among the bindings of a name."""
    binding = found[-1]
    if len(found) > 1:
        first, second = found[0].node.lineno, found[1].node.lineno
        raise Refused(f"`{word}` is assigned more than once, in lines {first} and {second}")
    if binding.conditional:
        raise Refused(f"`{word}` is assigned in a branch, a loop or a `try`, in line {binding.node.lineno}")
    key = (binding.node, word, scope.anchored, scope.late)
    if key not in folder.known:
        folder.known[key] = _assigned(folder, binding, scope, word)
    value = folder.known[key]
    if isinstance(value, Const) and isinstance(value.value, _MUTABLE):
        _require_unchanged(binding, scope, word)
    return value


def _require_unchanged(binding: Binding, scope: Scope, word: str) -> None:
    changes = binding.module.mutations
    names = [word] if scope.owner is None else [word, f"{scope.owner.name}.{word}", f"cls.{word}"]
    for dotted in names:
        line = changes.early.get(dotted) or (changes.late.get(dotted) if scope.late else None)
        if line:
            raise Refused(f"`{word}` is changed after its assignment, in line {line}")


def require_untouched(module: Module, word: str) -> None:
    """Refuse a name of another module that this one assigns anew: `consts.LIMIT = 3`."""
    if f".{word}" not in module.file.text:
        return
    for dotted, line in module.mutations.early.items():
        if dotted.endswith(f".{word}"):
            raise Refused(f"`{dotted}` is changed in line {line} of `{module.path}`")


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
                reason = f"`{word}` is a {kind}, not a constant"
            case _:
                reason = f"`{word}` is given its value by running line {binding.node.lineno}"
    except Refused as refusal:
        reason = refusal.reason
    finally:
        folder.open.discard(mark)
    return Unknown(scope.module.span(binding.node), reason)


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


def unpack(value: Value) -> list[Value]:
    """The items of `*value` in a call; raises where they are not known."""
    if not isinstance(value, Const):
        raise Stuck(value)
    return [Const(item) for item in items_of(value.value)]
