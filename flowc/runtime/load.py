"""The flow's class, loaded from its file with `flowc` and `metaflow` being our own modules."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import types
from typing import TYPE_CHECKING

from flowc import dsl

if TYPE_CHECKING:
    from typing import Any


class FlowNotFound(Exception):
    """The flow's file or class is not where the manifest says."""


def load_flow(entry: str, name: str) -> type:
    """Import the file `entry` and return its class `name`. The file's own folder comes first on the path."""
    entry = os.path.abspath(entry)
    if not os.path.isfile(entry):
        raise FlowNotFound(f"there is no flow file {entry}")
    install_metaflow()
    folder = os.path.dirname(entry)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module_name = os.path.splitext(os.path.basename(entry))[0]
    spec = importlib.util.spec_from_file_location(module_name, entry)
    if spec is None or spec.loader is None:
        raise FlowNotFound(f"{entry} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Objects whose classes the flow file defines are unpickled by this name.
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, dsl.FlowSpec)):
        raise FlowNotFound(f"{entry} has no flow `{name}`")
    return found


class _ApiModule(types.ModuleType):
    """`metaflow` as flowc provides it; what it lacks comes from an installed package, if there is one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        import flowc

        return getattr(flowc, name)


def install_metaflow() -> None:
    """Make `import metaflow` give flowc's own API in this process."""
    known = sys.modules.get("metaflow")
    if isinstance(known, _ApiModule):
        return
    api = _ApiModule("metaflow")
    api.__path__ = _installed_path()
    sys.modules["metaflow"] = api
    exceptions = types.ModuleType("metaflow.exception")
    for name in dir(dsl):
        if name.endswith("Exception"):
            setattr(exceptions, name, getattr(dsl, name))
    sys.modules["metaflow.exception"] = exceptions


def _installed_path() -> list[str]:
    found = importlib.util.find_spec("metaflow") if "metaflow" not in sys.modules else None
    return list(found.submodule_search_locations or ()) if found else []
