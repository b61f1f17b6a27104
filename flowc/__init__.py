"""flowc: an ahead-of-time compiler for Python workflows.

`from flowc import FlowSpec, step, resources, …` is the authoring API. It is loaded when first
asked for, so that the compiler does not pay for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any

__version__ = "0.1.0"

# Modules that `from flowc import …` asks for here before it imports them; no names of the API.
_MODULES = ("contract", "dsl", "share")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of the API is of any type
    if name in _MODULES or (name.startswith("__") and name != "__all__"):
        raise AttributeError(name)
    import importlib

    from flowc.runtime.api import names

    if name == "__all__":
        return list(names.STAR)
    if name in names.HOMES:
        found = globals()[name] = getattr(importlib.import_module(names.HOMES[name]), name)
        return found
    if name in names.LEAKED or name in names.MODULES:
        return importlib.import_module(name if name in names.LEAKED else f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _ModulesOfTheApi:
    """The last on `sys.meta_path`: `flowc.cards` and the like have no file of that name."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if not name.startswith(__name__ + "."):
            return None
        from flowc.runtime.api.modules import find_in_flowc

        return find_in_flowc(name)


sys.meta_path.append(_ModulesOfTheApi)
