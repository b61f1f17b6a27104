"""Environment variables in expressions: a run on this machine has them, a manifest those that are configured.

Invariant: what a task computes with them stays unknown, since it may run elsewhere, or change them first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.frontend.folding.limits import Refused
from flowc.ir.values import Const, EnvRef, Shape

if TYPE_CHECKING:
    import ast

    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.ir.values import Value

LOOKUPS = ("os.environ.get", "os.getenv")


def subscripted(folder: Folder, name: str, scope: Scope) -> Value:
    """`os.environ[name]`."""
    here = _here(folder, name, scope)
    if here is None:
        raise Refused(f"the environment variable `{name}` is not set")
    return here


def looked_up(folder: Folder, expr: ast.Call, scope: Scope) -> Value:
    """`os.environ.get(name, default)` or `os.getenv`."""
    if not expr.args:
        return Shape("str")
    here = _here(folder, str(folder.constant(expr.args[0], scope)), scope)
    if here is not None:
        return here
    given = [*expr.args[1:2], *(keyword.value for keyword in expr.keywords if keyword.arg == "default")]
    return folder.value(given[0], scope) if given else Const(None)


def _here(folder: Folder, name: str, scope: Scope) -> Value | None:
    """What is known of the variable; None where it is known that there is none."""
    environ = folder.project.environ
    if scope.late:
        return EnvRef(name)
    if environ is not None and name in environ:
        return Const(environ[name])
    if name in folder.variables:
        return Const(folder.variables[name])
    return None if environ is not None else EnvRef(name)
