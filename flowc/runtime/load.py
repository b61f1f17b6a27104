"""The flow's class, loaded from its file with `flowc` and `metaflow` being our own modules."""

from __future__ import annotations

import contextlib
import os
import sys
import types
from importlib.machinery import ModuleSpec, SourceFileLoader

from flowc import dsl
from flowc.runtime.api.modules import install_metaflow


class FlowNotFound(Exception):
    """The flow's file or class is not where the manifest says."""


# By entry, what `prepare_flow` made ready: tasks forked from this process only execute the code.
_prepared: dict[str, tuple[types.ModuleType, types.CodeType]] = {}


def load_flow(entry: str, name: str, root: str = "") -> type:
    """Import the file `entry` and return its class `name`.

    Modules are looked for where the compiler did: beside the file, in the project's `root`, in `root/src`.
    """
    module, code = _prepared.get(entry) or _module(entry, root)
    # Objects whose classes the flow file defines are unpickled by this name.
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)  # noqa: S102 - what an import does
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, dsl.FlowSpec)):
        raise FlowNotFound(f"{entry} has no flow `{name}`")
    return found


def prepare_flow(entry: str, root: str) -> None:
    """Do all that loading the flow takes but executing it; what is wrong with it is said when it is loaded."""
    with contextlib.suppress(FlowNotFound, OSError, SyntaxError, ValueError):
        _prepared[entry] = _module(entry, root)


def _module(entry: str, root: str) -> tuple[types.ModuleType, types.CodeType]:
    """A file of any ending as an empty module, and its code.

    `importlib.util` does the same and takes longer to load than most flows.
    """
    file = os.path.abspath(entry)
    if not os.path.isfile(file):
        raise FlowNotFound(f"there is no flow file {file}")
    install_metaflow()
    _extend_path(file, root)
    name = os.path.splitext(os.path.basename(file))[0]
    loader = SourceFileLoader(name, file)
    package = _package_around(os.path.dirname(file))
    spec = ModuleSpec(f"{package}.{name}" if package else name, loader, origin=file)
    spec.has_location = True
    module = types.ModuleType(name)
    module.__dict__.update(__spec__=spec, __loader__=loader, __file__=file, __package__=package)
    code = loader.get_code(name)
    assert code is not None  # noqa: S101 - a file of source has code
    return module, code


def _package_around(folder: str) -> str:
    """The dotted package that `folder` is, whose relative imports the compiler follows too; "" for none."""
    names: list[str] = []
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.insert(0, name)
    if names and folder not in sys.path:
        sys.path.append(folder)
    return ".".join(names)


def _extend_path(file: str, root: str) -> None:
    """Let the flow's file find the project's modules."""
    wanted = [os.path.dirname(file), *([root, os.path.join(root, "src")] if root else [])]
    found = [place for place in wanted if place not in sys.path and os.path.isdir(place)]
    sys.path[:0] = found
