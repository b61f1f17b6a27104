"""The syntax of JSONata: tokens, and whether operands and operators take turns and brackets match.

Invariant: what JSONata's own parser reads is read here (a test asks it); not all that it refuses is
refused, since a few operators also need company of a certain kind.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# A name goes on to the next blank or operator, whatever else is in it.
_IN_NAME = r"[^\s.\[\]{}(),@\#;:?+\-*/%|=<>^&!~]"
_TOKEN = re.compile(
    rf"""(?P<blank>\s+|/\*.*?\*/)
    |(?P<text>"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{{4}})*"|'(?:[^'\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{{4}})*')
    |(?P<number>[0-9]+(?:\.(?!\.)[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<variable>\${_IN_NAME}*)
    |(?P<name>`[^`]*`|(?!["'`0-9]){_IN_NAME}+)
    |(?P<mark>:=|!=|<=|>=|~>|\?\?|\?:|\.\.|\*\*|[-+*/%^<>=?:,.;|&@\#!()\[\]{{}}])""",
    re.VERBOSE | re.DOTALL,
)
_SIGNATURE = re.compile(r"((?:function|λ)\s*\([^()]*\)\s*)(<[^{}]*>)(?=\s*\{)")
_REGEX = re.compile(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[im]*")
_CLOSES = {")": "(", "]": "[", "}": "{"}
_BINARY = set("+ - * / % ^ < > <= >= = != & ? : , ; .. := ~> ?? ?: | @ #".split())
WORDS = {"and", "or", "in"}


class Fault(NamedTuple):
    """Why an expression cannot be read, what to do, and where."""

    reason: str
    remedy: str
    start: int
    end: int


class Token(NamedTuple):
    """A word of an expression and its place; `kind` is text, number, regex, variable, name or mark."""

    kind: str
    text: str
    start: int
    end: int


def read_tokens(text: str) -> tuple[list[Token], Fault | None]:
    """The tokens of an expression up to its first character that means nothing, which is the fault."""
    # The types of a function's parameters say nothing that is judged here.
    text = _SIGNATURE.sub(lambda match: match[1] + " " * len(match[2]), text)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        is_wanted = not tokens or wants_value(tokens[-1])
        match = (
            _REGEX.match(text, at)
            if is_wanted and text.startswith("/", at) and not text.startswith("/*", at)
            else None
        )
        kind = "regex"
        if match is None:
            match = _TOKEN.match(text, at)
            kind = match.lastgroup or "" if match else ""
        if match is None:
            return tokens, _stray(text, at)
        if kind != "blank":
            tokens.append(Token(kind, match[0], at, match.end()))
        at = match.end()
    return tokens, None


def wants_value(token: Token) -> bool:
    """Whether a value is wanted after a token."""
    if token.kind in {"text", "number", "variable", "regex"}:
        return False
    return token.text in WORDS or (token.kind == "mark" and token.text not in {")", "]", "}"})


def _stray(text: str, at: int) -> Fault:
    if text[at] in "\"'`":
        return Fault("a text is not closed", "close it with the same quote", at, len(text))
    return Fault(f"`{text[at]}` means nothing in JSONata", "remove it", at, at + 1)


class _Open:
    """A bracket, or the bars of a transform, that is not closed yet: its mark, and the `?` that wait for a `:`."""

    __slots__ = ("bars", "token", "waiting")

    def __init__(self, token: Token) -> None:
        self.token = token
        self.waiting = 0
        self.bars = 1


def order_fault(tokens: list[Token], length: int) -> Fault | None:
    """The first place at which operands and operators do not take turns, or a bracket does not match."""
    if not tokens:
        return Fault("it is empty", "write an expression", 0, length)
    opened = [_Open(Token("", "", 0, 0))]
    before = ""  # the mark after which a value is wanted; "value" after one
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in _CLOSES:
            after = _close(token, opened, before)
        elif before == "value":
            after = _after_value(token, opened, tokens[index - 1])
        else:
            after = _value(token, opened, before)
        if isinstance(after, Fault):
            return after
        before = after
    if len(opened) > 1:
        last = opened[-1].token
        return Fault(f"`{last.text}` is not closed", "close it", last.start, last.end)
    return (
        None
        if before == "value"
        else Fault("it ends where a value is missing", "complete it", max(0, length - 1), length)
    )


def _close(token: Token, opened: list[_Open], before: str) -> str | Fault:
    if opened[-1].token.text != _CLOSES[token.text]:
        return Fault(
            f"`{token.text}` closes nothing", "remove it, or open the bracket", token.start, token.end
        )
    last = opened.pop().token
    return "value" if before in {"value", last.text, ";"} else _missing(token)


def _missing(token: Token) -> Fault:
    return Fault(
        f"a value is missing before `{token.text}`",
        "write one, or remove the operator",
        token.start,
        token.end,
    )


def _after_value(token: Token, opened: list[_Open], last: Token) -> str | Fault:
    """What comes after a token that follows a value: an operator, a call, a filter, a grouping, a lookup."""
    if token.kind == "name" and token.text in WORDS:
        return token.text
    if token.kind != "mark" or (token.text not in _BINARY and token.text not in {"(", "[", "{", ".", "**"}):
        return Fault(
            f"an operator is missing before `{token.text}`",
            "join the two, as with `&` or `,`",
            token.start,
            token.end,
        )
    around = opened[-1]
    if token.text in {"(", "[", "{"}:
        opened.append(_Open(token))
    elif token.text == "?":
        around.waiting += 1
    elif token.text == "|" and around.token.text == "|":
        around.bars += 1
        if around.bars > 2:
            opened.pop()
            return "value"
    elif not _is_in_place(token, around, last):
        return Fault(f"`{token.text}` has no meaning here", "remove it", token.start, token.end)
    elif token.text == ":" and around.waiting:
        around.waiting -= 1
    return token.text


def _is_in_place(token: Token, around: _Open, last: Token) -> bool:
    """Whether the few operators that need company have it."""
    match token.text:
        case ":":
            return around.waiting > 0 or around.token.text == "{"
        case ",":
            return around.token.text != ""
        case ";":
            return around.token.text in {"(", "{"}
        case ":=":
            return last.kind == "variable"
        case _:
            return True


def _value(token: Token, opened: list[_Open], before: str) -> str | Fault:
    """What comes after a token that stands where a value is wanted."""
    if token.kind != "mark":
        return "value"
    if token.text in {"(", "[", "{", "|"}:
        opened.append(_Open(token))
        return token.text
    if token.text in {"*", "**", "%"}:  # every field, every descendant, the parent
        return "value"
    is_partial = token.text == "?" and before in {"(", ","}  # a function applied in part
    if is_partial:
        return "value"
    is_direction = token.text in {"<", ">"} and before in {"(", ","}  # `^(<a, >b)`
    return token.text if token.text == "-" or is_direction else _missing(token)
