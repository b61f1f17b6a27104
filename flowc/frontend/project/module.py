"""One parsed file of a project."""

from __future__ import annotations

import ast
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from flowc.frontend.project.bindings import Bindings
from flowc.frontend.project.mutations import Mutations

if TYPE_CHECKING:
    from flowc.source import Node, SourceFile, Span


class Module:
    """A parsed file. Two modules are equal when they are the same object."""

    def __init__(self, file: SourceFile, tree: ast.Module) -> None:
        self.file = file
        self.tree = tree
        self._classes: dict[ast.ClassDef, Bindings] = {}

    def __repr__(self) -> str:
        return f"Module({self.path!r})"

    @property
    def path(self) -> str:
        """The file's path from the project root."""
        return self.file.path

    @property
    def package(self) -> str:
        """The folder that one dot of a relative import means."""
        return posixpath.dirname(self.path)

    @cached_property
    def bindings(self) -> Bindings:
        """What the top level binds."""
        return Bindings(self, self.tree.body)

    def class_bindings(self, node: ast.ClassDef) -> Bindings:
        """What the body of a class of this module binds."""
        if node not in self._classes:
            self._classes[node] = Bindings(self, node.body)
        return self._classes[node]

    def span(self, node: Node) -> Span:
        """The whole of a node of this module."""
        return self.file.span(node)

    @cached_property
    def top_imports(self) -> list[ast.stmt] | None:
        """The imports, if all of them are statements of the top level; None where one may be deeper.

        Every import is spelled with the word, so where each has its statement here, none is deeper.
        """
        top: list[ast.stmt] = [n for n in self.tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        return top if self.file.text.count("import") == len(top) else None

    @cached_property
    def mutations(self) -> Mutations:
        """What the module changes in place."""
        return Mutations(self.tree)

    @cached_property
    def binds_unseen(self) -> bool:
        """Whether names may be bound that cannot be seen: by `exec`, `globals()` or `setattr` on the module."""
        text = self.file.text
        return "globals()" in text or "exec(" in text or "sys.modules[__name__]" in text
