"""JSONata as Step Functions reads it: whether an expression can be read, and which variables it reads.

Expressions are not evaluated. Operands and operators must alternate and brackets match; `$name` is
a variable unless the expression binds it itself (`:=`, the parameters of a function) or calls it.
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
_WORDS = {"and", "or", "in"}
FUNCTIONS = frozenset(
    "abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent "
    "distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber "
    "fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse "
    "parseInteger partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt "
    "string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip".split()
)
_STATES = ("input", "result", "errorOutput", "context")


class Variable(NamedTuple):
    """A variable that an expression reads: its name without `$`, what is looked up in it first, and its place."""

    name: str
    field: str
    start: int
    end: int


class Fault(NamedTuple):
    """Why an expression cannot be read, what to do, and where."""

    reason: str
    remedy: str
    start: int
    end: int


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def read_jsonata(text: str) -> tuple[list[Variable], Fault | None]:
    """The variables that an expression reads and does not bind, and its first fault.

    A function that is passed on (`$map(xs, $string)`) looks like a variable and is among them.
    """
    # The types of a function's parameters say nothing that is judged here.
    tokens, fault = _tokens(_SIGNATURE.sub(lambda match: match[1] + " " * len(match[2]), text))
    fault = fault or _alternation(tokens, len(text)) or _unsupported(tokens)
    if fault is not None:
        return [], fault
    bound = _bound(tokens)
    found = []
    for index, token in enumerate(tokens):
        name = token.text[1:]
        if token.kind != "variable" or name in {"", "$"} or name in bound:
            continue
        following = [each.text for each in tokens[index + 1 : index + 3]]
        if following[:1] == ["("]:
            if name not in FUNCTIONS:
                return [], _no_function(token)
            continue
        field = following[1] if following[:1] == ["."] and len(following) > 1 else ""
        found.append(Variable(name, field, token.start, token.end))
    return found, None


def _tokens(text: str) -> tuple[list[_Token], Fault | None]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        wants_value = not tokens or _wants_value(tokens[-1])
        match = (
            _REGEX.match(text, at)
            if wants_value and text.startswith("/", at) and not text.startswith("/*", at)
            else None
        )
        kind = "regex"
        if match is None:
            match = _TOKEN.match(text, at)
            kind = match.lastgroup or "" if match else ""
        if match is None:
            return tokens, _stray(text, at)
        if kind != "blank":
            tokens.append(_Token(kind, match[0], at, match.end()))
        at = match.end()
    return tokens, None


def _wants_value(token: _Token) -> bool:
    if token.kind in {"text", "number", "variable", "regex"}:
        return False
    return token.text in _WORDS or (token.kind == "mark" and token.text not in {")", "]", "}"})


def _stray(text: str, at: int) -> Fault:
    if text[at] in "\"'`":
        return Fault("a text is not closed", "close it with the same quote", at, len(text))
    return Fault(f"`{text[at]}` means nothing in JSONata", "remove it", at, at + 1)


# ------------------------------------------------------------------------------------ alternation
class _Open:
    """A bracket, or the bars of a transform, that is not closed yet: its mark, and the `?` that wait for a `:`."""

    __slots__ = ("bars", "token", "waiting")

    def __init__(self, token: _Token) -> None:
        self.token = token
        self.waiting = 0
        self.bars = 1


def _alternation(tokens: list[_Token], length: int) -> Fault | None:
    """The first place at which operands and operators do not take turns, or a bracket does not match."""
    if not tokens:
        return Fault("it is empty", "write an expression", 0, length)
    opened = [_Open(_Token("", "", 0, 0))]
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


def _close(token: _Token, opened: list[_Open], before: str) -> str | Fault:
    if opened[-1].token.text != _CLOSES[token.text]:
        return Fault(
            f"`{token.text}` closes nothing", "remove it, or open the bracket", token.start, token.end
        )
    last = opened.pop().token
    return "value" if before in {"value", last.text, ";"} else _missing(token)


def _missing(token: _Token) -> Fault:
    return Fault(
        f"a value is missing before `{token.text}`",
        "write one, or remove the operator",
        token.start,
        token.end,
    )


def _after_value(token: _Token, opened: list[_Open], last: _Token) -> str | Fault:
    """What comes after a token that follows a value: an operator, a call, a filter, a grouping, a lookup."""
    if token.kind == "name" and token.text in _WORDS:
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


def _is_in_place(token: _Token, around: _Open, last: _Token) -> bool:
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


def _value(token: _Token, opened: list[_Open], before: str) -> str | Fault:
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


# --------------------------------------------------------------------------------------- meanings
def _bound(tokens: list[_Token]) -> set[str]:
    """Names that the expression binds: by `:=`, `@$x`, `#$i`, and as parameters of its functions."""
    found = set()
    for index, token in enumerate(tokens):
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1].text if index else ""
        if token.kind == "variable" and (after == ":=" or before in {"@", "#"}):
            found.add(token.text[1:])
        if token.kind == "name" and token.text in {"function", "λ"} and after == "(":
            at = index + 2
            while at < len(tokens) and tokens[at].text != ")":
                if tokens[at].kind == "variable":
                    found.add(tokens[at].text[1:])
                at += 1
    return found


def _unsupported(tokens: list[_Token]) -> Fault | None:
    """What JSONata has and Step Functions has not: `$eval`, and the input as the expression's own context."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += (
            {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
            if token.kind == "mark"
            else 0
        )
        before = tokens[index - 1] if index else None
        if token.text == "$eval":
            return Fault(
                "Step Functions has no `$eval`", "write the expression itself", token.start, token.end
            )
        is_first = (
            depth == 0
            and (before is None or _wants_value(before))
            and (before is None or before.text not in {".", "@", "#", "~>"})
        )
        is_context = token.text in {"$", "$$"} or (
            token.kind == "name" and token.text not in {"true", "false", "null", "function", "λ", *_WORDS}
        )
        if is_first and is_context and not any(each.text in {"|", "^"} for each in tokens[:index]):
            return Fault(
                f"`{token.text}` has no meaning outside of a path",
                "begin with `$states.input` or a variable",
                token.start,
                token.end,
            )
        if (
            token.text == "$states"
            and index + 2 < len(tokens)
            and tokens[index + 1].text == "."
            and tokens[index + 2].text not in _STATES
        ):
            word = tokens[index + 2]
            return Fault(
                f"`$states` has no `{word.text}`",
                f"it has {', '.join(f'`{name}`' for name in _STATES)}",
                word.start,
                word.end,
            )
    return None


def _no_function(token: _Token) -> Fault:
    from flowc.diagnostics.suggest import nearest

    near = nearest(token.text[1:], FUNCTIONS)
    remedy = f"did you mean `${near}`?" if near else "bind it with `:=` before it is called"
    return Fault(f"there is no function `{token.text}`", remedy, token.start, token.end)
