"""A flow's declarations as written: syntax, found but not yet judged.

What stands here may be wrong: names that do not exist, attributes of the wrong type. `resolve`
judges it. Only this package sees `ast`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from flowc.records import dataclass, field

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from flowc.frontend.project.module import Module
    from flowc.source import Span


class Origin(Enum):
    """Where the name of a decorator or of a value's class comes from."""

    API = "api"  # flowc or metaflow
    PROJECT = "project"  # defined in a module of the project
    EXTERNAL = "external"  # imported from elsewhere
    UNBOUND = "unbound"  # never imported or defined


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoratorDecl:
    """`@name` or `@name(…)`. `name` is the API's own name where `origin` is API, else the text written."""

    name: str
    origin: Origin
    span: Span  # the name
    whole: Span  # name and arguments
    called: bool
    args: tuple[ast.expr, ...]
    keywords: tuple[ast.keyword, ...]
    module: Module  # whose names the arguments use
    owner: ast.ClassDef | None = None  # the class whose body the arguments are in
    attached: bool = False  # by `--with`, to every step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecl:
    """A method with `@step`, after inheritance: `module` is where it is written."""

    name: str
    span: Span
    function: ast.FunctionDef
    module: Module
    owner: ast.ClassDef
    decorators: tuple[DecoratorDecl, ...]  # outermost first, without `@step`
    is_start: bool  # @step(start=True)
    is_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDecl:
    """`name = value` in the body of the flow or of one of its bases."""

    name: str
    span: Span
    value: ast.expr | None
    module: Module
    owner: ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDecl:
    """A method that is no step, or a property (`is_property`)."""

    name: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    module: Module
    owner: ast.ClassDef
    is_property: bool


Member: TypeAlias = StepDecl | AttributeDecl | MethodDecl


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDecl:
    """The flow's class, with everything that its bases bring, by the method resolution order."""

    name: str
    span: Span
    doc: str
    module: Module
    node: ast.ClassDef
    decorators: tuple[DecoratorDecl, ...]
    steps: tuple[StepDecl, ...]  # bases first, each in the order of its definition
    attributes: tuple[AttributeDecl, ...]
    methods: tuple[MethodDecl, ...]
    complete: bool  # every base was found: a name that is missing is missing
    overridden: Mapping[str, tuple[Member, ...]] = field(
        default_factory=dict
    )  # what `super()` finds, nearest first
