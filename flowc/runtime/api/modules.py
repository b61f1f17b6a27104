"""`import flowc.X` and `import metaflow.X`, answered by flowc wherever it has the module.

Once `install_metaflow` has run, `metaflow` is flowc's own module, installed Metaflow or not. A module of
`names.MODULES` gives flowc's names; a name that it lacks is looked for in the installed file of
the same module, which is executed only then. A module that flowc has not comes from the installed
package. What neither has is an ImportError that says so, at the import.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from importlib.machinery import ModuleSpec

from flowc.runtime.api.names import MODULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

METAFLOW = "metaflow"
API_VERSION = "2.19"  # the Metaflow whose names these are


class ApiModule(types.ModuleType):
    """A module of the authoring API: flowc's names first, then those of the installed file."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__all__", "__version__"):
            raise AttributeError(name)
        try:
            found = _own(self.__name__, name)
        except AttributeError:
            found = _installed_name(self, name)
        if found is _NOTHING:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_names(self.__name__)})


_NOTHING = object()


def install_metaflow() -> None:
    """Make `metaflow` flowc's own in this process, whatever was imported before."""
    if not any(isinstance(finder, _OwnModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OwnModules())
        sys.meta_path.append(_NoModules())
    if isinstance(sys.modules.get(METAFLOW), ApiModule):
        return
    for name in [n for n in sys.modules if n == METAFLOW or n.startswith(METAFLOW + ".")]:
        del sys.modules[name]
    importlib.import_module(METAFLOW)


def find_in_flowc(name: str) -> ModuleSpec | None:
    """The module `name` below `flowc`, which no file has. Raises ImportError for what the API has not, either."""
    spec = _own_spec(name, [])
    if spec is None:
        _refuse(name, "flowc")
    return spec


# --------------------------------------------------------------------------- finding
class _OwnModules:
    """Finds what flowc has of `metaflow`; the first on `sys.meta_path`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: Any = None
    ) -> ModuleSpec | None:
        if name == METAFLOW:
            return _spec(name, _places_of_metaflow())
        return _own_spec(name, path or ()) if name.startswith(METAFLOW + ".") else None


class _NoModules:
    """Says what is missing of `metaflow`, where every other finder has passed; the last on `sys.meta_path`."""

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: Any = None) -> None:
        _refuse(name, METAFLOW)


class _Loader:
    """Makes modules whose names are looked up when they are asked for."""

    def create_module(self, spec: ModuleSpec) -> ApiModule:
        return ApiModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is executed."""


def _own_spec(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """One of MODULES; what it lacks is looked for in the installed folder of its name, if `path` has one."""
    if name.partition(".")[2] not in MODULES:
        return None
    places = [os.path.join(place, name.rpartition(".")[2]) for place in path]
    return _spec(name, [place for place in places if os.path.isdir(place)])


def _spec(name: str, places: list[str]) -> ModuleSpec:
    spec = ModuleSpec(name, _Loader(), is_package=True)  # type: ignore[arg-type]  # a loader by its methods
    spec.submodule_search_locations = places
    return spec


def _refuse(name: str, root: str) -> None:
    parent, _, last = name.rpartition(".")
    if parent == root or (parent.startswith(root + ".") and isinstance(sys.modules.get(parent), ApiModule)):
        raise _missing(parent, last)


def _missing(parent: str, name: str) -> ImportError:
    cause = getattr(sys.modules.get(parent), "__dict__", {}).get("_flowc_failure")
    if cause is not None:
        return ImportError(f"`{parent}` of the installed Metaflow cannot be loaded for `{name}`: {cause}")
    if parent.partition(".")[0] != METAFLOW:
        return ImportError(f"there is no `{name}` in `{parent}`", name=parent)
    if _metaflow_path():
        return ImportError(
            f"there is no `{name}` in `{parent}`: neither flowc nor the installed Metaflow has it",
            name=parent,
        )
    return ModuleNotFoundError(
        f"flowc has no `{name}` in `{parent}`, and Metaflow is not installed here: add `metaflow` to what the "
        "step's image or environment installs, or do without the name",
        name=METAFLOW,
    )


def _metaflow_path() -> list[str]:
    module = sys.modules.get(METAFLOW)
    return list(module.__path__) if isinstance(module, ApiModule) else _places_of_metaflow()


def _places_of_metaflow() -> list[str]:
    """The folders of an installed Metaflow; [] without one."""
    spec = _spec_elsewhere(METAFLOW, None)
    return list(spec.submodule_search_locations or ()) if spec else []


def _spec_elsewhere(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """What the other finders say of a module."""
    for finder in sys.meta_path:
        if not isinstance(finder, (_OwnModules, _NoModules)):
            spec = finder.find_spec(name, path, None)
            if spec is not None:
                return spec
    return None


# --------------------------------------------------------------------------- names
def _own(module: str, name: str) -> Any:
    """Flowc's own `name` of a module. Raises AttributeError."""
    root, _, inner = module.partition(".")
    if name == "__version__":
        return version()
    if not inner:
        import flowc

        if f"{root}.{name}" not in sys.modules and name in MODULES:
            return importlib.import_module(f"{root}.{name}")
        return getattr(flowc, name)
    home, listed = MODULES[inner]
    if f"{inner}.{name}" in MODULES:
        return importlib.import_module(f"{module}.{name}")
    if name.startswith("_") or (listed and name not in listed.split()):
        raise AttributeError(name)
    return getattr(importlib.import_module(home), name)


def _names(module: str) -> list[str]:
    from flowc.runtime.api.names import STAR

    inner = module.partition(".")[2]
    if not inner:
        return list(STAR)
    home, listed = MODULES[inner]
    return (
        listed.split() if listed else [n for n in dir(importlib.import_module(home)) if not n.startswith("_")]
    )


def _installed_name(module: ApiModule, name: str) -> Any:
    """The `name` of the installed file or package of a module, or _NOTHING."""
    root, _, inner = module.__name__.partition(".")
    if root != METAFLOW or name.startswith("_"):
        return _NOTHING
    if not inner:
        # Metaflow's own top level would start all of its machinery: only its modules are taken from it.
        is_there = _spec_elsewhere(f"{METAFLOW}.{name}", list(module.__path__)) is not None
        return importlib.import_module(f"{METAFLOW}.{name}") if is_there else _NOTHING
    return getattr(_installed_file(module), name, _NOTHING)


def _installed_file(module: ApiModule) -> types.ModuleType | None:
    """The installed file of a module, executed once; None where there is none or it cannot be loaded."""
    if "_flowc_installed" in module.__dict__:
        return module.__dict__["_flowc_installed"]  # type: ignore[no-any-return]  # set below
    module.__dict__["_flowc_installed"] = None
    spec = _spec_elsewhere(module.__name__, _installed_path(module.__name__))
    if spec is None or spec.loader is None:
        return None
    import importlib.util

    loaded = importlib.util.module_from_spec(spec)
    module.__dict__["_flowc_installed"] = loaded  # what it imports may ask for its names meanwhile
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        module.__dict__.update(_flowc_installed=None, _flowc_failure=error)
        return None
    return loaded


def _installed_path(name: str) -> list[str]:
    inner = name.split(".")[1:-1]
    return [os.path.join(place, *inner) for place in _metaflow_path()]


def version() -> str:
    """What `metaflow.__version__` says: the Metaflow whose API this is, and that it is flowc's."""
    from flowc import __version__

    return f"{API_VERSION}+flowc{__version__}"
