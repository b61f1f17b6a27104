"""JSONata as Step Functions reads it: whether an expression can be read, and which variables it reads.

Expressions are not evaluated. Operands and operators must alternate and brackets match; `$name` is
a variable unless the expression binds it itself (`:=`, the parameters of a function) or calls it.
"""

from __future__ import annotations

from typing import NamedTuple

from flowc.validate.asl.jsonata_syntax import WORDS, Fault, Token, order_fault, read_tokens, wants_value

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


def read_jsonata(text: str) -> tuple[list[Variable], Fault | None]:
    """The variables that an expression reads and does not bind, and its first fault.

    A function that is passed on (`$map(xs, $string)`) looks like a variable and is among them.
    """
    tokens, fault = read_tokens(text)
    fault = fault or order_fault(tokens, len(text)) or _unsupported(tokens)
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


# --------------------------------------------------------------------------------------- meanings
def _bound(tokens: list[Token]) -> set[str]:
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


def _unsupported(tokens: list[Token]) -> Fault | None:
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
            and (before is None or wants_value(before))
            and (before is None or before.text not in {".", "@", "#", "~>"})
        )
        is_context = token.text in {"$", "$$"} or (
            token.kind == "name" and token.text not in {"true", "false", "null", "function", "λ", *WORDS}
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


def _no_function(token: Token) -> Fault:
    from flowc.diagnostics.suggest import nearest

    near = nearest(token.text[1:], FUNCTIONS)
    remedy = f"did you mean `${near}`?" if near else "bind it with `:=` before it is called"
    return Fault(f"there is no function `{token.text}`", remedy, token.start, token.end)
