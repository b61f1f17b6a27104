"""The modules of a project, found and read without importing any of them.

A name is followed through imports, re-exports of packages and star imports until it reaches what
defines it or leaves the project.

Invariant: only paths inside the project are read, and each is parsed once. Import cycles end.
"""

from __future__ import annotations

import ast
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from flowc.diagnostics.model import Sink
from flowc.frontend.decl import Origin
from flowc.frontend.project.api_names import API_MODULES, API_NAMES, STAR_NAMES
from flowc.frontend.project.bindings import Binding
from flowc.frontend.project.dotted import (
    chain,
    function_globals,
    is_api,
    is_api_star,
    is_builtin,
    listed_exports,
)
from flowc.frontend.project.module import Module
from flowc.frontend.project.syntax import parse, report_unreadable
from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowc.source import Sources


class Project:
    """The modules reachable from a flow file. `sink` receives what cannot be read.

    `environ` are the variables that the flow's module finds when it runs on this machine; None where the
    outcome has to be the same on every machine.
    """

    def __init__(
        self, sources: Sources, entry_path: str, sink: Sink, environ: Mapping[str, str] | None = None
    ) -> None:
        self.sources = sources
        self.sink = sink
        self.environ = environ
        self.entry_path = posixpath.normpath(entry_path)
        self.data_files: set[str] = set()  # files that the flow includes, found when its parameters are read
        self._modules: dict[str, Module | None] = {}
        folder = posixpath.dirname(self.entry_path)
        self._roots = tuple(dict.fromkeys((folder, "", "src")))

    @cached_property
    def entry(self) -> Module | None:
        """The flow file; None when it cannot be read or parsed, which was reported."""
        found = self.sources.get(self.entry_path)
        if not isinstance(found, SourceFile):
            report_unreadable(found, self.entry_path, self.sink)
            return None
        return self._module(found)

    @property
    def modules(self) -> Iterator[Module]:
        """The modules loaded so far, in the order of loading."""
        return (module for module in list(self._modules.values()) if module)

    def load(self, dotted: str, from_module: Module, level: int = 0) -> Module | None:
        """The project's module that `import dotted` (or `from …dotted import`) means; None outside it."""
        path = self.find(dotted, from_module, level)
        if path is None:
            return None
        found = self.sources.get(path)
        return self._module(found) if isinstance(found, SourceFile) else None

    def find(self, dotted: str, from_module: Module, level: int = 0) -> str | None:
        """The path of a module of the project, unparsed."""
        inside = dotted.replace(".", "/")
        if level == 0:
            if not dotted or dotted.partition(".")[0] in API_MODULES:
                return None
            return self._first(self._roots, inside)
        folder = from_module.package
        for _ in range(level - 1):
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        return self._first((folder,), inside)

    def _first(self, folders: Iterable[str], inside: str) -> str | None:
        for folder in folders:
            base = posixpath.join(folder, inside) if inside else folder
            candidates = (posixpath.join(base, "__init__.py"), f"{base}.py" if inside else "")
            for path in candidates:
                if path and isinstance(self.sources.get(path), SourceFile):
                    return posixpath.normpath(path)
        return None

    def _module(self, file: SourceFile) -> Module | None:
        if file.path not in self._modules:
            tree = parse(file, self.sink)
            self._modules[file.path] = Module(file, tree) if tree else None
        return self._modules[file.path]

    def quiet_module(self, path: str) -> Module | None:
        """The module at a path, where a fault of its text is no fault of the flow: nothing is reported."""
        if path in self._modules:
            return self._modules[path]
        found = self.sources.get(path)
        tree = parse(found, Sink()) if isinstance(found, SourceFile) else None
        return Module(found, tree) if tree and isinstance(found, SourceFile) else None

    def closure(self, include: Sequence[str] = ()) -> tuple[str, ...]:
        """Paths of the files to embed: the static import closure, included files and `include`, sorted."""
        from flowc.frontend.project.closure import import_closure

        return import_closure(self, include)

    def lookup(self, module: Module, name: str) -> Binding | None:
        """What a name at the top level of `module` is bound to, followed through the project's modules.

        The result is an import only where it leaves the project or binds a module; None where
        nothing that can be seen binds the name.
        """
        seen: set[tuple[str, str]] = set()
        last: Binding | None = None
        while (module.path, name) not in seen:
            seen.add((module.path, name))
            binding = self._choose(module, name)
            if binding is None:
                return last
            last = binding
            if binding.imported is None:
                return binding
            target = self.load(binding.source or "", binding.module, binding.level)
            if target is None or not self._defines(target, binding.imported):
                return binding
            module, name = target, binding.imported
        return last

    def _choose(self, module: Module, name: str) -> Binding | None:
        """The binding that counts: of alternatives, the first import, one that can be followed before others."""
        found = module.bindings.get(name)
        if not found:
            return self._from_stars(module, name)
        if len(found) == 1 or not found[-1].conditional:
            return found[-1]
        imports = [b for b in found if b.is_import]
        for binding in imports:
            if is_api(binding) or self._leads_inside(binding):
                return binding
        return imports[0] if imports else found[-1]

    def _leads_inside(self, binding: Binding) -> bool:
        return self.find(binding.source or "", binding.module, binding.level) is not None

    def _from_stars(self, module: Module, name: str) -> Binding | None:
        for statement in reversed(module.bindings.stars):
            binding = Binding(
                name=name,
                module=module,
                node=statement,
                source=statement.module or "",
                level=statement.level,
                imported=name,
            )
            if is_api(binding):
                if name in STAR_NAMES:
                    return binding
                continue
            target = self.load(statement.module or "", module, statement.level)
            if target is not None and self._exports(target, name):
                return binding
        return None

    def _exports(self, module: Module, name: str) -> bool:
        """Whether `from module import *` brings a name."""
        listed = listed_exports(module)
        public = not name.startswith("_") if listed is None else name in listed
        return public and self._defines(module, name)

    def _defines(self, module: Module, name: str, depth: int = 0) -> bool:
        if module.bindings.get(name):
            return True
        if depth > _STAR_DEPTH:
            return False
        for statement in module.bindings.stars:
            if statement.level == 0 and (statement.module or "").partition(".")[0] in API_MODULES:
                if name in STAR_NAMES:
                    return True
                continue
            target = self.load(statement.module or "", module, statement.level)
            if target is not None and target is not module and self._defines(target, name, depth + 1):
                return True
        return False

    def resolve(self, module: Module, expr: ast.expr) -> Binding | None:
        """What `name` or `package.module.name` is bound to, as `lookup` follows it."""
        match expr:
            case ast.Name(id=name):
                return self.lookup(module, name)
            case ast.Attribute(value=value, attr=attr):
                target = self.module_of(module, value)
                return self.lookup(target, attr) if target else None
            case _:
                return None

    def module_of(self, module: Module, expr: ast.expr) -> Module | None:
        """The project's module that an expression names: `consts` after `import consts` or `from . import consts`."""
        parts = chain(expr)
        binding = self.lookup(module, parts[0]) if parts else None
        if binding is None or not binding.is_import:
            return None
        dotted = binding.source or ""
        if binding.imported is not None:
            dotted = f"{dotted}.{binding.imported}" if dotted else binding.imported
        return self.load(".".join((dotted, *parts[1:])), binding.module, binding.level)

    def dotted(self, module: Module, expr: ast.expr) -> str | None:
        """The full name of what lies outside the project: `numpy.random.rand` for `np.random.rand`."""
        parts = chain(expr)
        if not parts:
            return None
        binding = self._outward(module, parts)
        if binding is None or binding[0].level:
            return None
        found, rest = binding
        names = [found.source or "", *([found.imported] if found.imported else []), *rest]
        return ".".join(names)

    def _outward(self, module: Module, parts: Sequence[str]) -> tuple[Binding, Sequence[str]] | None:
        """The import that leaves the project, and the attributes after it, walking through modules on the way."""
        binding = self.lookup(module, parts[0])
        rest = parts[1:]
        while binding is not None and binding.is_import:
            dotted = binding.source or ""
            if binding.imported is not None:
                dotted = f"{dotted}.{binding.imported}" if dotted else binding.imported
            inner = self.load(dotted, binding.module, binding.level)
            if inner is None or not rest:
                return binding, rest
            following = self.lookup(inner, rest[0])
            if following is None:
                return binding, rest
            binding, rest = following, rest[1:]
        return None

    def api_name(self, module: Module, expr: ast.expr) -> str | None:
        """The API's own name for an expression that comes from flowc or metaflow under any alias, else None."""
        dotted = self.dotted(module, expr)
        if dotted is None:
            return None
        root, _, rest = dotted.partition(".")
        name = rest.rpartition(".")[2]
        return name if root in API_MODULES and name in API_NAMES else None

    def origin(self, module: Module, expr: ast.expr, owner: ast.ClassDef | None = None) -> Origin:
        """Where a name comes from. In the body of `owner` its own names count too."""
        if isinstance(expr, ast.Call):
            return self.origin(module, expr.func, owner)
        parts = chain(expr)
        if not parts:
            return Origin.PROJECT
        if owner is not None and module.class_bindings(owner).get(parts[0]):
            return Origin.PROJECT
        binding = self.lookup(module, parts[0])
        if binding is None:
            return Origin.EXTERNAL if self._may_bind(module, parts[0]) else Origin.UNBOUND
        dotted = self.dotted(module, expr)
        if dotted is not None and dotted.partition(".")[0] in API_MODULES:
            return Origin.API
        if self.resolve(module, expr) is None and self.module_of(module, expr) is None:
            return Origin.EXTERNAL if binding.is_import else Origin.PROJECT
        target = self.resolve(module, expr)
        return Origin.EXTERNAL if target is not None and target.is_import else Origin.PROJECT

    def _may_bind(self, module: Module, name: str) -> bool:
        """Whether a name without a binding may still have a meaning."""
        if is_builtin(name) or module.binds_unseen or name in function_globals(module):
            return True
        return any(
            not is_api_star(star) and self.load(star.module or "", module, star.level) is None
            for star in module.bindings.stars
        )


_STAR_DEPTH = 20
