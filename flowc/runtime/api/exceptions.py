"""The exceptions of the authoring API: `metaflow.exception`.

Flows raise them, catch them and derive from them, so that each takes what Metaflow's takes. The
first argument is the message; all can be pickled, since an exception may become an artifact.
"""

from __future__ import annotations

from flowc.dsl import (
    InvalidNextException,
    MetaflowException,
    MissingInMergeArtifactsException,
    UnhandledInMergeArtifactsException,
)
from flowc.runtime.caught import CaughtException as MetaflowExceptionWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "METAFLOW_EXIT_ALLOW_RETRY", "METAFLOW_EXIT_DISALLOW_RETRY", "CommandException", "ExternalCommandFailed",
    "InvalidDecoratorAttribute", "InvalidNextException", "MetaflowDataMissing", "MetaflowException",
    "MetaflowExceptionWrapper", "MetaflowInternalError", "MetaflowInvalidPathspec", "MetaflowNamespaceMismatch",
    "MetaflowNotFound", "MetaflowTaggingError", "MetaflowUnknownUser", "MissingInMergeArtifactsException",
    "ParameterFieldFailed", "ParameterFieldTypeMismatch", "TimeoutException",
    "UnhandledInMergeArtifactsException",
]  # fmt: skip

METAFLOW_EXIT_DISALLOW_RETRY = 202
METAFLOW_EXIT_ALLOW_RETRY = 203


class CommandException(MetaflowException):
    """A command was given what it cannot take."""

    headline = "Invalid command"


class ExternalCommandFailed(MetaflowException):
    """A command that a step started failed."""

    headline = "External command failed"


class MetaflowDataMissing(MetaflowException):
    """What a task stored is not there any more."""

    headline = "Data missing"


class MetaflowInternalError(MetaflowException):
    """The machinery below the flow failed."""

    headline = "Internal error"


class MetaflowInvalidPathspec(MetaflowException):
    """A text that names no flow, run, step or task."""

    headline = "Invalid pathspec"


class MetaflowNotFound(MetaflowException):
    """There is no such flow, run, step, task or artifact."""

    headline = "Object not found"


class MetaflowTaggingError(MetaflowException):
    """A tag that cannot be."""

    headline = "Tagging error"


class ParameterFieldTypeMismatch(MetaflowException):
    """A parameter's option is of another type than the parameter's."""

    headline = "Parameter field with a mismatching type"


class TimeoutException(MetaflowException):
    """`@timeout` ended the step."""

    headline = "@timeout"


class _Described(MetaflowException):
    """An exception whose message is made of its arguments, which make it anew where it is unpickled."""

    def __init__(self, message: str, *arguments: Any) -> None:
        super().__init__(message)
        self._arguments = arguments

    def __reduce__(self) -> Any:
        return (type(self), self._arguments)


class MetaflowNamespaceMismatch(_Described):
    """The object belongs to another namespace than the current one."""

    headline = "Object not in the current namespace"

    def __init__(self, namespace: str) -> None:
        super().__init__(f"Object not in namespace '{namespace}'", namespace)


class MetaflowUnknownUser(_Described):
    """Nothing says who runs the flow."""

    headline = "Unknown user"

    def __init__(self) -> None:
        super().__init__("no environment variable ($USER, $USERNAME, …) says who runs the flow")


class ParameterFieldFailed(_Described):
    """A callable option of a parameter raised."""

    headline = "Parameter field failed"

    def __init__(self, name: str, field: str) -> None:
        super().__init__(f"the `{field}` of parameter `{name}` raised", name, field)


class InvalidDecoratorAttribute(_Described):
    """A decorator was given an attribute that it has not."""

    headline = "Unknown decorator attribute"

    def __init__(self, deconame: str, attr: str, defaults: Iterable[str]) -> None:
        known = list(defaults)
        super().__init__(
            f"@{deconame} has no attribute `{attr}`; it has: {', '.join(known)}", deconame, attr, known
        )
