"""The flow's class, loaded from its file with `flowc` and `metaflow` being our own modules."""

from __future__ import annotations

import os
import sys
import types
from importlib.machinery import ModuleSpec, SourceFileLoader

from flowc import dsl
from flowc.runtime.api.modules import install_metaflow


class FlowNotFound(Exception):
    """The flow's file or class is not where the manifest says."""


# Compiled flow files by path: tasks forked from one process need not compile theirs again.
_compiled: dict[str, types.CodeType] = {}


def load_flow(entry: str, name: str, root: str = "") -> type:
    """Import the file `entry` and return its class `name`.

    Modules are looked for where the compiler did: beside the file, in the project's `root`, in `root/src`.
    """
    entry = os.path.abspath(entry)
    if not os.path.isfile(entry):
        raise FlowNotFound(f"there is no flow file {entry}")
    install_metaflow()
    extend_path(entry, root)
    module_name = os.path.splitext(os.path.basename(entry))[0]
    found = getattr(_imported(module_name, entry), name, None)
    if not (isinstance(found, type) and issubclass(found, dsl.FlowSpec)):
        raise FlowNotFound(f"{entry} has no flow `{name}`")
    return found


def _imported(name: str, file: str) -> types.ModuleType:
    """The module in a file of any ending. `importlib.util` does the same and takes longer to load than most flows."""
    loader = SourceFileLoader(name, file)
    package = _package_around(os.path.dirname(file))
    spec = ModuleSpec(f"{package}.{name}" if package else name, loader, origin=file)
    spec.has_location = True
    module = types.ModuleType(name)
    module.__dict__.update(__spec__=spec, __loader__=loader, __file__=file, __package__=package)
    # Objects whose classes the flow file defines are unpickled by this name.
    sys.modules[name] = module
    code = _compiled.get(file)
    if code is None:
        loader.exec_module(module)
    else:
        exec(code, module.__dict__)  # noqa: S102 - what the loader would do with the same file
    return module


def _package_around(folder: str) -> str:
    """The dotted package that `folder` is, whose relative imports the compiler follows too; "" for none."""
    names: list[str] = []
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.insert(0, name)
    if names and folder not in sys.path:
        sys.path.append(folder)
    return ".".join(names)


def remember_code(entry: str) -> None:
    """Compile the flow file for later; what is wrong with it is said when it is loaded."""
    file = os.path.abspath(entry)
    name = os.path.splitext(os.path.basename(file))[0]
    try:
        code = SourceFileLoader(name, file).get_code(name)
    except (OSError, SyntaxError, ValueError):
        return
    if code is not None:
        _compiled[file] = code


def extend_path(entry: str, root: str) -> None:
    """Let the flow's file find the project's modules."""
    wanted = [os.path.dirname(os.path.abspath(entry)), *([root, os.path.join(root, "src")] if root else [])]
    found = [place for place in wanted if place not in sys.path and os.path.isdir(place)]
    sys.path[:0] = found
