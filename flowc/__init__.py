"""flowc: an ahead-of-time compiler for Python workflows.

`from flowc import FlowSpec, step, resources, …` is the authoring API. It is loaded when first
asked for, so that the compiler does not pay for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_ELSEWHERE = {
    "parallel_map": "flowc.runtime.parallel",
    "parallel_imap_unordered": "flowc.runtime.parallel",
    "UserStepDecorator": "flowc.runtime.user_decorators",
    "user_step_decorator": "flowc.runtime.user_decorators",
    "StepMutator": "flowc.runtime.user_decorators",
    "FlowMutator": "flowc.runtime.user_decorators",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of the API is of any type
    import importlib

    if name == "__all__":
        return [*importlib.import_module("flowc.dsl").EXPORTS, *_ELSEWHERE]
    if name.startswith("__"):
        raise AttributeError(name)
    home = importlib.import_module(_ELSEWHERE.get(name, "flowc.dsl"))
    try:
        return getattr(home, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
