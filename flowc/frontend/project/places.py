"""Places and texts of definitions that `ast` does not give: the name in a `def`, the docstring."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.source import Span

if TYPE_CHECKING:
    from flowc.frontend.project.module import Module

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_span(module: Module, node: Definition) -> Span:
    """The name in `def name` or `class name`; the keyword where the name is written in other letters.

    (Python normalises identifiers, so that the tree may spell one otherwise than the source.)
    """
    file = module.file
    start = file.offset(node.lineno, node.col_offset)
    keyword = {ast.ClassDef: "class", ast.FunctionDef: "def"}.get(type(node), "async def")
    after = start + len(keyword)
    end = file.text.find("\n", after)
    at = file.text.find(node.name, after, end if end >= 0 else len(file.text))
    if at < 0:
        return Span(file, start, after)
    return Span(file, at, at + len(node.name))


def docstring(node: Definition) -> str:
    """The docstring without its indentation; "" where there is none."""
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return _dedent(text)
        case _:
            return ""


def _dedent(text: str) -> str:
    first, *rest = text.expandtabs().splitlines() or [""]
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    lines = [first.strip(), *(line[margin:].rstrip() for line in rest)]
    return "\n".join(lines).strip("\n")
