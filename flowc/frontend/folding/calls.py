"""Calls in a constant expression.

Builtins and methods of constants are computed; functions of the project are followed when they
only compute and return; all else has a value that only the running flow knows.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding import inline, names, variables
from flowc.frontend.folding.displays import comprehension
from flowc.frontend.folding.limits import PathText, Refused, TooManyItems
from flowc.frontend.folding.paths import PATH_FUNCTIONS, PATH_METHODS
from flowc.frontend.folding.pure_calls import BUILTIN_SHAPES, BUILTINS, SAME_LENGTH, call
from flowc.frontend.folding.pure_library import FUNCTIONS, HANDLES
from flowc.frontend.folding.pure_methods import METHODS
from flowc.frontend.folding.scope import Scope, Stuck
from flowc.frontend.project.dotted import is_builtin
from flowc.ir.values import Const, Shape, Unknown, length_of

if TYPE_CHECKING:
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.values import Constant, Value


def call_value(folder: Folder, expr: ast.Call, scope: Scope) -> Value:
    """What a call is known to give."""
    func = expr.func
    if isinstance(func, ast.Lambda):
        return inline.apply_lambda(folder, func, arguments(folder, expr, scope), scope)
    if isinstance(func, ast.Name) and _is_builtin(folder, func.id, scope):
        return _builtin(folder, func.id, expr, scope)
    dotted = names.outside(folder, func, scope)
    if dotted is not None:
        return _outside(folder, dotted, expr, scope)
    if isinstance(func, (ast.Name, ast.Attribute)):
        binding = folder.project.resolve(scope.module, func)
        own = isinstance(func, ast.Name) and func.id in scope.names
        if binding is not None and not own and isinstance(binding.node, ast.FunctionDef):
            found = arguments(folder, expr, scope)
            return inline.apply_function(folder, binding.node, binding.module, found, scope)
    if isinstance(func, ast.Attribute):
        return _method(folder, func, expr, scope)
    raise Refused(f"what `{_written(func)}(…)` gives is known only when the flow runs")


def _is_builtin(folder: Folder, word: str, scope: Scope) -> bool:
    if word in scope.names or not is_builtin(word):
        return False
    if scope.owner is not None and scope.module.class_bindings(scope.owner).get(word):
        return False
    return folder.project.lookup(scope.module, word) is None


class Arguments:
    """The values of a call's arguments, `*` and `**` unpacked."""

    __slots__ = ("keywords", "positional")

    def __init__(self, positional: list[Value], keywords: dict[str, Value]) -> None:
        self.positional = positional
        self.keywords = keywords

    def constants(self) -> tuple[list[Constant], dict[str, Constant]] | None:
        """All of them, where all are constants."""
        everything = (*self.positional, *self.keywords.values())
        if not all(isinstance(v, Const) for v in everything):
            return None
        return (
            [v.value for v in self.positional if isinstance(v, Const)],
            {k: v.value for k, v in self.keywords.items() if isinstance(v, Const)},
        )

    def first_obstacle(self) -> Value:
        """The first that is no constant."""
        return next(v for v in (*self.positional, *self.keywords.values()) if not isinstance(v, Const))


def arguments(folder: Folder, expr: ast.Call, scope: Scope, *, consumes: bool = False) -> Arguments:
    """Evaluate a call's arguments. `consumes`: a generator is run through at once, as a list is."""
    positional: list[Value] = []
    for arg in expr.args:
        if isinstance(arg, ast.Starred):
            positional.extend(names.unpack(folder.value(arg.value, scope)))
        elif consumes and isinstance(arg, ast.GeneratorExp):
            positional.append(comprehension(folder, arg, scope))
        else:
            positional.append(folder.value(arg, scope))
    keywords: dict[str, Value] = {}
    for keyword in expr.keywords:
        value = folder.value(keyword.value, scope)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        if not (isinstance(value, Const) and isinstance(value.value, dict)):
            raise Stuck(value if isinstance(value, Unknown) else _not_computed(expr, scope))
        keywords.update({str(k): Const(v) for k, v in value.value.items()})
    return Arguments(positional, keywords)


def _not_computed(expr: ast.Call, scope: Scope) -> Unknown:
    return Unknown(scope.module.span(expr), "its arguments are known only when the flow runs")


def _builtin(folder: Folder, word: str, expr: ast.Call, scope: Scope) -> Value:
    if word == "map" and len(expr.args) == 2 and not expr.keywords:
        return _map(folder, expr, scope)
    if word in ("iter", "open") or (word not in BUILTINS and word not in BUILTIN_SHAPES):
        if word in BUILTIN_SHAPES:
            return Shape(BUILTIN_SHAPES[word])
        raise Refused(f"what `{word}(…)` gives is known only when the flow runs")
    found = arguments(folder, expr, scope, consumes=True)
    constants = found.constants()
    if constants is not None and word in BUILTINS:
        try:
            folder.spend(sum(length_of(v) or 0 for v in found.positional if not _is_range(v)))
            return Const(call(BUILTINS[word], *constants))
        except TooManyItems as refusal:
            if word in SAME_LENGTH:
                return Shape(BUILTIN_SHAPES[word], refusal.length)
            raise
        except Refused as refusal:
            return _of_unordered(word, found, refusal)
    return _builtin_shape(word, found, expr, scope)


def _is_range(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, range)


def _of_unordered(word: str, found: Arguments, refusal: Refused) -> Value:
    """`list({…})` has no order and a length; anything else that was refused is not known."""
    only = found.positional[0] if len(found.positional) == 1 else None
    if word in SAME_LENGTH and isinstance(only, Const) and isinstance(only.value, (set, frozenset)):
        return Shape(BUILTIN_SHAPES[word], len(only.value))
    raise refusal


def _builtin_shape(word: str, found: Arguments, expr: ast.Call, scope: Scope) -> Value:
    from flowc.frontend.folding.constants import because

    first = found.positional[0] if found.positional else None
    if word == "len" and isinstance(first, Shape) and first.length is not None:
        return Const(first.length)
    if word in BUILTIN_SHAPES:
        length = length_of(first) if first is not None and word in SAME_LENGTH else None
        return Shape(BUILTIN_SHAPES[word], length)
    obstacle = found.first_obstacle()
    raise Stuck(because(obstacle, expr, scope))


def _map(folder: Folder, expr: ast.Call, scope: Scope) -> Value:
    """`map(function, items)` has as many items as `items`; of simple functions they are computed too."""
    function, items = expr.args
    source = folder.value(items, scope)
    loop = ast.comprehension(target=ast.Name("item", ast.Store()), iter=items, ifs=[], is_async=0)
    applied = ast.Call(func=function, args=[ast.Name("item", ast.Load())], keywords=[])
    for node in (applied, applied.args[0], loop.target):
        ast.copy_location(node, expr)
    simple = isinstance(function, ast.Name) and function.id in BUILTINS
    if simple:
        listed = comprehension(folder, ast.ListComp(elt=applied, generators=[loop]), scope)
        if isinstance(listed, Const) and isinstance(listed.value, list):
            from flowc.frontend.folding.limits import Iterated

            return Const(Iterated("map", listed.value))
    return Shape("map", length_of(source))


def _outside(folder: Folder, dotted: str, expr: ast.Call, scope: Scope) -> Value:
    root, _, rest = dotted.partition(".")
    if root in ("flowc", "metaflow"):
        return _api_call(folder, rest.rpartition(".")[2], expr, scope)
    if dotted in variables.LOOKUPS:
        return variables.looked_up(folder, expr, scope)
    if dotted in HANDLES:
        return Shape(HANDLES[dotted])
    pure = FUNCTIONS.get(dotted) or (PATH_FUNCTIONS.get(dotted) if _paths_allowed(dotted, scope) else None)
    if pure is None:
        raise Refused(f"what `{_written(expr.func)}(…)` gives is known only when the flow runs")
    found = arguments(folder, expr, scope)
    constants = found.constants()
    if constants is None:
        from flowc.frontend.folding.constants import because

        raise Stuck(because(found.first_obstacle(), expr, scope))
    return Const(call(pure, *constants))


def _paths_allowed(dotted: str, scope: Scope) -> bool:
    """`pathlib.Path` is text only where a path of the project is asked for."""
    return scope.anchored or dotted.startswith("os.path.")


def _api_call(folder: Folder, word: str, expr: ast.Call, scope: Scope) -> Value:
    match word:
        case "config_expr":
            return _config_expression(folder, expr, scope)
        case "Config":
            if expr in folder.configs:
                return folder.configs[expr]
            raise Refused("this configuration does not belong to the flow")
        case "namespaced_event_name":
            return _namespaced(folder, expr, scope)
        case "Parameter" | "IncludeFile":
            raise Refused("it is a parameter, whose value only a run knows")
        case _:
            raise Refused(f"what `{word}(…)` gives is known only when the flow runs")


def _namespaced(folder: Folder, expr: ast.Call, scope: Scope) -> Value:
    """`namespaced_event_name("x")`: the event's name within the project's branch."""
    if folder.event_prefix is None:
        raise Refused("the branch of `@project` is known only when `--branch` or `--production` is given")
    name = folder.constant(expr.args[0], scope) if expr.args else None
    if not isinstance(name, str):
        raise Refused("`namespaced_event_name` takes one name, as text")
    return Const(f"{folder.event_prefix}.{name}")


def _config_expression(folder: Folder, expr: ast.Call, scope: Scope) -> Value:
    """`config_expr("config.a + 1")`: the text is an expression over the configurations' names."""
    text = folder.constant(expr.args[0], scope) if expr.args else None
    if not isinstance(text, str):
        raise Refused("`config_expr` takes one expression, as text")
    try:
        inner = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refused(f"`{text}` is no expression of Python") from None
    for node in ast.walk(inner):
        # The text has no place of its own in the file: what is said of it is said of the call.
        if isinstance(node, (ast.expr, ast.keyword)):
            ast.copy_location(node, expr)
    value = folder.value(inner, Scope(scope.module, None, folder.config_names, anchored=scope.anchored))
    if isinstance(value, Unknown) and isinstance(inner, ast.Name) and inner.id not in folder.config_names:
        raise Refused(f"the flow has no configuration named `{inner.id}`")
    return value


def _method(folder: Folder, func: ast.Attribute, expr: ast.Call, scope: Scope) -> Value:
    """A method of a constant."""
    from flowc.frontend.folding.constants import because

    base = folder.value(func.value, scope)
    if isinstance(base, Shape) and base.kind == "dict" and func.attr in ("keys", "values", "items"):
        return Shape(f"dict {func.attr} view", base.length)
    if isinstance(base, Shape) and base.kind == "list" and func.attr == "copy":
        return base
    if not isinstance(base, Const):
        raise Stuck(because(base, func.value, scope))
    methods = PATH_METHODS if isinstance(base.value, PathText) else METHODS.get(type(base.value), {})
    pure = methods.get(func.attr)
    if pure is None:
        raise Refused(f"the method `{func.attr}` is not computed")
    found = arguments(
        folder, expr, scope, consumes=func.attr in ("join", "union", "difference", "intersection")
    )
    constants = found.constants()
    if constants is None:
        raise Stuck(because(found.first_obstacle(), expr, scope))
    folder.spend(len(base.value) // 100 if isinstance(base.value, str) else 1)
    return Const(call(pure, (base.value, *constants[0]), constants[1]))


def _written(func: ast.expr) -> str:
    return ast.unparse(func) if isinstance(func, (ast.Name, ast.Attribute)) else "such a call"
