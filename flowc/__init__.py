"""flowc: an ahead-of-time compiler for Python workflows.

`from flowc import FlowSpec, step, resources, …` is the authoring API. It is loaded when first
asked for, so that the compiler does not pay for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

# Modules that `from flowc import …` asks for here before it imports them; no names of the API.
_MODULES = ("contract", "dsl", "share")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of the API is of any type
    if name in _MODULES or (name.startswith("__") and name != "__all__"):
        raise AttributeError(name)
    import importlib

    from flowc.runtime.api import modules, names

    modules.watch_imports()
    if name == "__all__":
        return list(names.STAR)
    if name in names.HOMES:
        found = globals()[name] = getattr(importlib.import_module(names.HOMES[name]), name)
        return found
    if name in names.LEAKED or name in names.MODULES:
        return importlib.import_module(name if name in names.LEAKED else f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
