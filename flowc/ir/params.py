"""What a run is given: parameters, included files, configurations."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.ir.values import Value
    from flowc.source import Span


class ParameterType(Enum):
    """The type a value is converted to; a list is text split at the separator."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    JSON = "json"
    LIST = "list"
    FILE = "file"  # IncludeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`attribute = Parameter(name, …)` or `IncludeFile`.

    `default` is None where there is none; `Unknown` where only running code gives it (a callable
    default runs in `start`: `callable_default`). A FILE's default is its path as the flow file sees it.
    """

    attribute: str
    name: str
    span: Span
    type: ParameterType
    default: Value | None
    required: bool
    help: str
    separator: str | None = None
    callable_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`attribute = Config(name, default=…, default_value=…)`; `value` is what the compiler loaded."""

    attribute: str
    name: str
    span: Span
    value: Value
    required: bool
    help: str
    path: str | None = None
