"""Paths and intrinsic functions of the JSONPath language: whether they can be read."""

from __future__ import annotations

import re

# Name → the fewest and the most arguments (None: any number).
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "Format": (1, None), "StringToJson": (1, 1), "JsonToString": (1, 1), "Array": (0, None), "ArrayPartition": (2, 2),
    "ArrayContains": (2, 2), "ArrayRange": (3, 3), "ArrayGetItem": (2, 2), "ArrayLength": (1, 1), "ArrayUnique": (1, 1),
    "Base64Encode": (1, 1), "Base64Decode": (1, 1), "Hash": (2, 2), "JsonMerge": (3, 3), "MathRandom": (2, 3),
    "MathAdd": (2, 2), "StringSplit": (2, 2), "UUID": (0, 0),
}  # fmt: skip
_STEP = re.compile(
    r"""\.\.?(?:\*|[^\s.\[\]()'"$@?,]+(?:\(\))?)   # .name, ..name, .*, .length()
    |\.?\[\s*(?:\*|-?[0-9]+(?:\s*,\s*-?[0-9]+)*|-?[0-9]*\s*:\s*-?[0-9]*(?:\s*:\s*-?[0-9]+)?)\s*\]
    |\.?\[\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*\s*\]""",
    re.VERBOSE,
)
_ROOT = re.compile(r"\$[^\W\d]\w*|\$\$?")
_MANY = re.compile(r"\.\.|\*|\?|:|,|@")
_CALL = re.compile(r"States\.(\w+)\(")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def path_fault(written: str, *, reference: bool, may_call: bool) -> str | None:
    """Why a text is no path; None where it is one. `reference`: one that names a single place to write."""
    written = written.strip()
    if written.startswith("States."):
        return _call_fault(written) if may_call else "a function cannot stand here"
    if not written.startswith("$"):
        return "it does not begin with `$`"
    if reference and (written.startswith("$$") or _MANY.search(written)):
        return (
            "it names the context, or more than one place"
            if written.startswith("$$")
            else "it may name more than one place"
        )
    end = _path_end(written, 0)
    return None if end == len(written) else f"`{written[end : end + 12]}` is no part of a path"


def _path_end(written: str, at: int) -> int:
    """Where the path that begins at `at` ends; filters are taken as they are."""
    root = _ROOT.match(written, at)
    at = root.end() if root and len(root[0]) > 1 else at + 1
    while at < len(written):
        step = _STEP.match(written, at)
        if step is not None:
            at = step.end()
        elif re.match(r"\.?\.?\[\s*[?(]", written[at:]):
            at = _bracket_end(written, at)
        else:
            break
    return at


def _bracket_end(written: str, at: int) -> int:
    depth = 0
    for index in range(at, len(written)):
        depth += {"[": 1, "]": -1}.get(written[index], 0)
        if depth == 0 and written[index] == "]":
            return index + 1
    return at


# -------------------------------------------------------------------------------------- functions
def _call_fault(written: str) -> str | None:
    try:
        end = _call_end(written, 0)
    except _CallError as fault:
        return str(fault)
    return None if end == len(written) else f"`{written[end : end + 12]}` follows the function"


class _CallError(Exception):
    """Ends the reading of one function; never leaves this module."""


def _call_end(written: str, at: int) -> int:
    match = _CALL.match(written, at)
    if match is None:
        raise _CallError(f"`{written[at : at + 20]}` is no call of a function")
    name = match[1]
    if name not in FUNCTIONS:
        from flowc.diagnostics.suggest import nearest

        near = nearest(name, FUNCTIONS)
        raise _CallError(f"there is no `States.{name}`" + (f"; `States.{near}` is one" if near else ""))
    arguments, at = _arguments(written, match.end(), name)
    least, most = FUNCTIONS[name]
    if len(arguments) < least or (most is not None and len(arguments) > most):
        wanted = f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"
        raise _CallError(f"`States.{name}` takes {wanted} arguments, not {len(arguments)}")
    if name == "Format" and arguments[0].startswith("'"):
        holes = len(re.findall(r"(?<!\\)\{\}", arguments[0]))
        if holes != len(arguments) - 1:
            raise _CallError(f"its text has {holes} `{{}}` for {len(arguments) - 1} values")
    return at


def _arguments(written: str, at: int, name: str) -> tuple[list[str], int]:
    """The arguments as written, and where the call ends."""
    found: list[str] = []
    at = _skip(written, at)
    if written.startswith(")", at):
        return found, at + 1
    while True:
        end = _argument_end(written, at, name)
        found.append(written[at:end])
        at = _skip(written, end)
        if written.startswith(")", at):
            return found, at + 1
        if not written.startswith(",", at):
            raise _CallError(f"`,` or `)` is missing in `States.{name}`")
        at = _skip(written, at + 1)


def _argument_end(written: str, at: int, name: str) -> int:
    if written.startswith("'", at):
        text = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL).match(written, at)
        if text is None:
            raise _CallError("a text is not closed")
        return text.end()
    if written.startswith("States.", at):
        return _call_end(written, at)
    if written.startswith("$", at):
        return _path_end(written, at)
    for word in ("true", "false", "null"):
        if written.startswith(word, at):
            return at + len(word)
    number = _NUMBER.match(written, at)
    if number is None:
        raise _CallError(
            f"an argument of `States.{name}` is missing, or its text stands not in single quotes"
        )
    return number.end()


def _skip(written: str, at: int) -> int:
    while at < len(written) and written[at].isspace():
        at += 1
    return at
