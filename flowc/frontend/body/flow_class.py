"""What the reader of a method's body knows of the flow's class."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from flowc.frontend.decl import MethodDecl, StepDecl

if TYPE_CHECKING:
    from flowc.frontend.decl import FlowDecl, Member
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project
    from flowc.ir.values import Value

# Of FlowSpec itself: reading one is no read of an artifact.
FLOWSPEC_NAMES = frozenset(
    "cmd foreach_stack index input merge_artifacts name next script_name"
    " _datastore _cached_input _graph _flow_state _steps _transition _current_step _success _task_ok".split()
)

# Those of them that a step can assign, and that later steps find as FlowSpec's own nevertheless.
SHADOWING = frozenset({"foreach_stack", "merge_artifacts"})


class ClassContext:
    """Names of the class by what they are, and where constants are folded."""

    def __init__(self, decl: FlowDecl, folder: Folder) -> None:
        self.decl = decl
        self.folder = folder
        self.project: Project = folder.project
        self.steps = {step.name: step for step in decl.steps}
        self.methods = {method.name: method for method in decl.methods}
        self.attributes = {attribute.name: attribute for attribute in decl.attributes}
        self.classes = {member.owner.name for several in decl.overridden.values() for member in several}
        self.values: dict[str, Value] = {}  # of attributes that no step assigns: parameters, class constants
        self._dotted: dict[str, dict[str, Value]] = {}
        self.reached: dict[str, MethodDecl | StepDecl] = {}  # overridden methods that are called, by key
        self._runs: dict[str, Runs] = {}
        self._never: dict[ast.AST, bool] = {}

    def values_of(self, self_name: str) -> dict[str, Value]:
        """What is known of the flow's attributes, by the dotted names that a method uses."""
        if self_name not in self._dotted:
            self._dotted[self_name] = {f"{self_name}.{name}": value for name, value in self.values.items()}
        return self._dotted[self_name]

    def is_artifact(self, name: str) -> bool:
        """Whether `self.name` may be an artifact, a parameter or a class attribute."""
        if name in self.steps or name in self.methods or name in FLOWSPEC_NAMES:
            return False
        return not (name.startswith("__") and name.endswith("__"))

    def half_of(self, name: str, half: str) -> bool:
        """Whether the property `name` has a `setter` or a `deleter`, beside it in the class that defines it."""
        whole, completing = self.methods.get(name), self.methods.get(f"{name}.{half}")
        return whole is not None and completing is not None and completing.owner is whole.owner

    def has_unseen_setter(self, name: str) -> bool:
        """Whether `name` is a property that a call makes, with a function that assigns."""
        attribute = self.attributes.get(name)
        if attribute is None or not isinstance(attribute.value, ast.Call):
            return False
        from flowc.frontend.body.properties import has_setter

        return has_setter(attribute.value) is True

    def overridden(self, name: str, owner: ast.ClassDef | None) -> MethodDecl | StepDecl | None:
        """The method that `super().name` means in a class of the flow."""
        candidates = self._definitions(name)
        after = [c.owner is owner for c in candidates]
        found = candidates[after.index(True) + 1 :] if True in after else candidates[1:]
        return next((m for m in found if isinstance(m, (MethodDecl, StepDecl))), None)

    def of_class(self, name: str, class_name: str) -> MethodDecl | StepDecl | None:
        """The method that `Class.name` means, for a base class of the flow."""
        for member in self._definitions(name):
            if member.owner.name == class_name and isinstance(member, (MethodDecl, StepDecl)):
                return member
        return None

    def _definitions(self, name: str) -> list[Member]:
        first = self.steps.get(name) or self.methods.get(name) or self.attributes.get(name)
        return [*([first] if first else []), *self.decl.overridden.get(name, ())]

    def key(self, member: MethodDecl | StepDecl) -> str:
        """The name of a method's body: its own, or `Class.name` where another definition overrides it."""
        own = self.steps.get(member.name) or self.methods.get(member.name)
        if own is member:
            return member.name
        key = f"{member.owner.name}.{member.name}"
        self.reached[key] = member
        return key

    def runs(self, key: str) -> Runs:
        """What a call of a method does to its body."""
        if key not in self._runs:
            self._runs[key] = self._find_runs(key)
        return self._runs[key]

    def _find_runs(self, key: str) -> Runs:
        member = self.methods.get(key) or self.reached.get(key)
        if member is None:
            return Runs.NOW
        function = member.function
        names = {_decorator_name(decorator) for decorator in function.decorator_list}
        if names - _TRANSPARENT - _WRAPPING:
            return Runs.UNSEEN
        lazy = isinstance(function, ast.AsyncFunctionDef) or any(
            isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function)
        )
        return Runs.MAYBE if lazy or names & _WRAPPING else Runs.NOW

    def never_returns(self, module: Module, expr: ast.expr) -> bool:
        """Whether a call of a function of the project or of Python itself never returns."""
        dotted = self.project.dotted(module, expr)
        if dotted is not None and is_exit(dotted):
            return True
        binding = self.project.resolve(module, expr) if isinstance(expr, (ast.Name, ast.Attribute)) else None
        if binding is None:
            return isinstance(expr, ast.Name) and expr.id in ("exit", "quit")
        if not isinstance(binding.node, ast.FunctionDef):
            return False
        if binding.node not in self._never:
            self._never[binding.node] = _is_no_return(binding.node)
        return self._never[binding.node]


class Runs(Enum):
    """What calling a method means."""

    NOW = "now"  # its body runs
    MAYBE = "maybe"  # its body may run now, later or not at all: a generator, a cached function
    UNSEEN = "unseen"  # a decorator decides, and may do anything


# Decorators, by their last name, that leave a call as it is, and those that may put the body off.
_TRANSPARENT = frozenset(
    {
        "abstractmethod",
        "classmethod",
        "deleter",
        "final",
        "getter",
        "override",
        "property",
        "setter",
        "staticmethod",
    }
)
_WRAPPING = frozenset({"asynccontextmanager", "cache", "cached_property", "contextmanager", "lru_cache"})


def _decorator_name(decorator: ast.expr) -> str:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def is_exit(dotted: str) -> bool:
    """Whether a function of the standard library ends the process."""
    return dotted in _EXITS


_EXITS = frozenset(
    {
        "sys.exit",
        "os._exit",
        "os.abort",
        "typing.assert_never",
        "typing_extensions.assert_never",
        "posix._exit",
    }
    | {f"os.exec{suffix}" for suffix in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
)
_NO_RETURN = ("NoReturn", "Never")


def _is_no_return(function: ast.FunctionDef) -> bool:
    """A function that says so, or that ends by raising without a way around."""
    match function.returns:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)) if (
            name in _NO_RETURN
        ):
            return True
    if not isinstance(function.body[-1], ast.Raise):
        return False
    return not any(isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) for node in ast.walk(function))
