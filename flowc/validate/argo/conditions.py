"""`when` of a task or step, as the engine reads it once every `{{…}}` is replaced.

What stands for a tag is a word, a number or several of them, known only to a run. So a tag counts
as one value, joined with whatever letters touch it, and only what no value can mend is told.
"""

from __future__ import annotations

import re

from flowc.validate.argo.tags import tags

_VALUE = "\ue000"  # stands for a tag; letters of the private use area are in no manifest
_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<bracket>[()])
    |(?P<operator>&&|\|\||==|!=|>=|<=|=~|!~|\?\?|>>|<<|\*\*|[<>+*/%^,?:])
    |(?P<prefix>!|~)
    |(?P<minus>-(?![\w{_VALUE}]))
    |(?P<word>(?:\[[^\]]*\]|[\w.@{_VALUE}-])(?:[\w.@/:{_VALUE}-]*[\w/{_VALUE}])?)""",
    re.VERBOSE,
)
_WORDS = {"in", "IN"}
_DOUBLED = {"&": "&&", "|": "||"}


def condition_fault(written: str) -> tuple[str, str] | None:
    """Why a condition cannot be read, and what to do; None where a run may be able to."""
    tokens: list[tuple[str, str]] = []
    plain = _without_tags(written)
    at = 0
    while at < len(plain):
        match = _TOKEN.match(plain, at)
        if match is None:
            return _stray(plain, at)
        kind = match.lastgroup or ""
        if kind == "word" and match[0] in _WORDS:
            kind = "operator"
        if kind != "blank":
            tokens.append((kind, match[0]))
        at = match.end()
    return _order(tokens)


def _without_tags(written: str) -> str:
    found, at = "", 0
    for tag in tags(written):
        found += written[at : tag.start] + _VALUE
        at = tag.end
    return found + written[at:]


def _stray(plain: str, at: int) -> tuple[str, str]:
    mark = plain[at]
    if mark in "'\"":
        return "a text is not closed", "close it with the same quote"
    if mark == "=":
        return "it compares with one `=`", "write `==`"
    if mark in _DOUBLED:
        return f"`{mark}` is no operator", f"write `{_DOUBLED[mark]}`"
    return f"`{mark}` means nothing in it", "put the text in quotes"


def _order(tokens: list[tuple[str, str]]) -> tuple[str, str] | None:
    """The first place at which values and operators do not take turns, or a bracket does not match."""
    depth, wants_value = 0, True
    for kind, written in tokens:
        shown = "a `{{…}}`" if _VALUE in written else f"`{written}`"
        if wants_value:
            if kind == "operator":
                return f"a value is missing before {shown}", "write what is compared"
            if written == ")":
                return "`)` stands where a value is wanted", "complete what stands before it"
            depth += written == "("
            wants_value = kind in {"prefix", "minus"} or written == "("
        elif kind in {"operator", "minus"}:
            wants_value = True
        elif written == ")":
            depth -= 1
            if depth < 0:
                return "`)` closes nothing", "close each bracket once"
        elif not written.startswith("-"):  # `a -1` subtracts
            return f"an operator is missing before {shown}", "join the two with `==`, `&&` or `||`"
    if depth:
        return "`(` is not closed", "close each bracket"
    return ("it ends where a value is missing", "write what is compared") if wants_value else None
