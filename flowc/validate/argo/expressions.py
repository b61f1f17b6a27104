"""Expressions of Argo Workflows (the `expr` language): whether they can be read, and what they name.

They are not evaluated: operands and operators must alternate and brackets match, which is where
mistakes show. What is looked up (`inputs.parameters['x']`, `tasks.a.outputs`) comes out as chains.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
    |(?P<number>0[xXbBoO][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[^\W\d]\w*|\$\w*)
    |(?P<item>\#\w*)
    |(?P<mark>\?\.|\?\?|\*\*|\.\.|[=!<>]=|&&|\|\||[-+*/%^<>=?:,.;|!()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_PREFIX = {"!", "-", "+"}
_BINARY = set("+ - * / % ^ ** < > <= >= == != && || ?? ? : , ; | .. =".split())
_BINARY_WORDS = {"and", "or", "in", "contains", "startsWith", "endsWith", "matches", "not"}


class Chain(NamedTuple):
    """A name and what is looked up in it: `tasks['a'].outputs` is ("tasks", "a", "outputs").

    Names that the expression gives itself (`let x = …`, keys of a mapping) are none.
    """

    parts: tuple[str, ...]
    start: int
    end: int
    may_be_missing: bool  # looked up with `?.` or a default
    is_call: bool


class Fault(NamedTuple):
    """Why an expression cannot be read, and where."""

    reason: str
    start: int
    end: int


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def read_expression(text: str) -> tuple[list[Chain], Fault | None]:
    """The chains of an expression, and its first fault."""
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return [], _stray(text, at)
        kind = match.lastgroup or ""
        if kind != "blank":
            tokens.append(_Token(kind, match[0], at, match.end()))
        at = match.end()
    fault = _alternation(tokens, len(text))
    return ([] if fault else _chains(tokens)), fault


def _stray(text: str, at: int) -> Fault:
    if text[at] in "\"'`":
        return Fault("a text is not closed", at, len(text))
    if text[at] == "&":
        return Fault("`&` is none of its operators; `and` is written `&&`", at, at + 1)
    return Fault(f"`{text[at]}` means nothing in it", at, at + 1)


def _alternation(tokens: list[_Token], length: int) -> Fault | None:
    """The first place at which operands and operators do not take turns, or a bracket does not match."""
    opened: list[_Token] = []
    waiting = [0]  # the `?` that wait for a `:`, in each bracket
    before = ""  # the mark that an operand is wanted after; "operand" after one
    for index, token in enumerate(tokens):
        if token.text in _CLOSES and token.kind == "mark":
            fault = _closing(token, opened, before)
            if fault or waiting.pop():
                return fault or _no_else(token)
            before = "operand"
        elif before == "operand":
            follows = _after_operand(token, opened, tokens[index + 1 : index + 2])
            if follows is None:
                return Fault(f"an operator is missing before `{token.text}`", token.start, token.end)
            if token.text == "=" and (index < 2 or tokens[index - 2].text != "let"):
                return Fault("`=` compares nothing; it is written `==`", token.start, token.end)
            waiting[-1] = max(0, waiting[-1] + {"?": 1, ":": -1}.get(token.text, 0))
            waiting += [0] * (token.text in {"(", "["})
            before = follows
        else:
            follows = _for_operand(token, opened, before)
            if follows is None:
                return Fault(f"a value is missing before `{token.text}`", token.start, token.end)
            waiting += [0] * (token.kind == "mark" and token.text in {"(", "[", "{"})
            before = follows
    if opened:
        return Fault(f"`{opened[-1].text}` is not closed", opened[-1].start, opened[-1].end)
    if before != "operand":
        return Fault(
            "it ends where a value is missing" if tokens else "it is empty", max(0, length - 1), length
        )
    return _no_else(tokens[-1]) if waiting[0] else None


def _no_else(token: _Token) -> Fault:
    return Fault("a `?` has no `:`", token.start, token.end)


def _closing(token: _Token, opened: list[_Token], before: str) -> Fault | None:
    if not opened or opened[-1].text != _CLOSES[token.text]:
        return Fault(f"`{token.text}` closes nothing", token.start, token.end)
    last = opened.pop()
    # `f()`, `[1, 2,]` and `a[1:]` end without a value; `f(a +)` does not.
    if before not in {"operand", last.text, ",", ";"} and not (before == ":" and last.text == "["):
        return Fault(f"a value is missing before `{token.text}`", token.start, token.end)
    return None


def _after_operand(token: _Token, opened: list[_Token], following: list[_Token]) -> str | None:
    if token.kind == "mark":
        if token.text in {"(", "["}:
            opened.append(token)
            return token.text
        if token.text in {".", "?."}:
            return "."
        if token.text in _BINARY:
            return token.text
        return "operand" if token.text == "!" and not following else None
    return token.text if token.kind == "name" and token.text in _BINARY_WORDS else None


def _for_operand(token: _Token, opened: list[_Token], before: str) -> str | None:
    if token.kind == "name" and token.text == "let" and before != ".":
        return "let"
    if token.kind == "name" and token.text == "not" and before != ".":
        return "not"
    if token.kind == "name" and before == "not" and token.text in _BINARY_WORDS:
        return token.text  # `a not in b`
    if token.kind in {"name", "number", "text", "item"}:
        return "operand"
    if token.text in {"(", "[", "{"}:
        opened.append(token)
        return token.text
    if token.text == "." and before != ".":
        return "."  # a field of the item in a closure
    if token.text in _PREFIX:
        return token.text
    is_slice = token.text == ":" and before == "["
    return ":" if is_slice else "[" if token.text == "[" else None


def _chains(tokens: list[_Token]) -> list[Chain]:
    found = []
    own = {tokens[at + 1].text for at, token in enumerate(tokens[:-1]) if token.text == "let"}
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind != "name" or token.text in own or not _is_root(tokens, at):
            at += 1
            continue
        parts, at, optional = _follow(tokens, at)
        is_call = at < len(tokens) and tokens[at].text == "("
        found.append(
            Chain(parts, token.start, tokens[at - 1].end, optional or _has_default(tokens, at), is_call)
        )
    return found


def _is_root(tokens: list[_Token], at: int) -> bool:
    """Whether a name stands for itself: it is no field, no part of a closure and no key of a mapping."""
    before = tokens[at - 1].text if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    is_key = before in {"{", ","} and after == ":"
    return before not in {".", "?."} and not is_key


def _follow(tokens: list[_Token], at: int) -> tuple[tuple[str, ...], int, bool]:
    """The chain that begins at a token, what comes after it, and whether a part may be missing."""
    parts = [tokens[at].text]
    optional = False
    at += 1
    while at + 1 < len(tokens):
        mark, part = tokens[at].text, tokens[at + 1]
        if mark in {".", "?."} and part.kind == "name":
            parts.append(part.text)
            at += 2
        elif mark == "[" and part.kind == "text" and at + 2 < len(tokens) and tokens[at + 2].text == "]":
            parts.append(part.text[1:-1])
            at += 3
        else:
            break
        optional = optional or mark == "?."
    return tuple(parts), at, optional


def _has_default(tokens: list[_Token], at: int) -> bool:
    return (at < len(tokens) and tokens[at].text in {"??", "=="}) or (
        at < len(tokens) and tokens[at].text == "!="
    )
