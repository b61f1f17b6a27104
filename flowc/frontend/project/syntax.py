"""Parse a file, or say in a diagnostic why it cannot be parsed.

Python's own parser judges. What it refuses only because it is older than the syntax is told apart,
by the few constructs that Python added since the oldest version flowc runs on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.source import SourceFile, Span

if TYPE_CHECKING:
    import ast

    from flowc.diagnostics.model import Sink
    from flowc.source import Unreadable


def parse(file: SourceFile, sink: Sink) -> ast.Module | None:
    """The syntax tree; None after a report."""
    try:
        return file.tree
    except SyntaxError as error:
        _report_syntax(file, error, sink)
    except ValueError as error:
        _report_null(file, str(error), sink)
    except (RecursionError, MemoryError):
        sink.report(
            catalog.TOO_DEEP_SOURCE,
            _deepest_line(file),
            f"`{file.path}` nests expressions more deeply than Python's parser can follow",
            helps=["split the expression into several assignments, or load the value from a file"],
        )
    return None


def report_unreadable(found: Unreadable | None, path: str, sink: Sink) -> None:
    """FC002 for a file that is missing (`found` is None) or is no text."""
    reason = found.reason if found else "there is no such file"
    sink.report(
        catalog.UNREADABLE_FILE,
        Span(SourceFile(path, ""), 0, 0),
        f"`{path}` cannot be read: {reason}",
        helps=["give the path of a Python file in UTF-8, or with a coding line that names its encoding"],
    )


def _report_syntax(file: SourceFile, error: SyntaxError, sink: Sink) -> None:
    if "null bytes" in error.msg:
        _report_null(file, error.msg, sink)
        return
    if "too many nested" in error.msg or "too deeply" in error.msg:
        sink.report(
            catalog.TOO_DEEP_SOURCE,
            _error_span(file, error),
            f"Python cannot parse `{file.path}`: {error.msg}",
            helps=["split the expression into several assignments, or load the value from a file"],
        )
        return
    span = _error_span(file, error)
    newer = _newer_syntax(file, error)
    if newer:
        version, construct = newer
        running = "{}.{}".format(*sys.version_info)
        sink.report(
            catalog.NEWER_SYNTAX,
            span,
            f"{construct} are syntax of Python {version}, and flowc runs on Python {running}",
            helps=[f"run flowc on Python {version} or later, or write it in the syntax of Python {running}"],
        )
        return
    sink.report(
        catalog.SYNTAX_ERROR,
        span,
        f"invalid Python: {error.msg}",
        notes=[f"read by Python {sys.version_info[0]}.{sys.version_info[1]}"],
        helps=["correct the syntax; nothing else of this file was checked"],
    )


def _report_null(file: SourceFile, message: str, sink: Sink) -> None:
    at = max(file.text.find("\0"), 0)
    sink.report(
        catalog.SYNTAX_ERROR,
        Span(file, at, at + 1),
        f"invalid Python: {message}",
        helps=["save the file as text in UTF-8; null bytes come from UTF-16 or from binary content"],
    )


def _error_span(file: SourceFile, error: SyntaxError) -> Span:
    starts, size = file.line_starts, len(file.text)
    line = min(max(error.lineno or 1, 1), len(starts))
    limit = starts[line - 1] + len(file.line(line))
    start = min(starts[line - 1] + max((error.offset or 1) - 1, 0), limit)
    end = start + 1
    if error.end_lineno and error.end_offset and error.end_offset > 0 and error.end_lineno <= len(starts):
        end = max(starts[error.end_lineno - 1] + error.end_offset - 1, start)
    return Span(file, start, min(end, size))


def _deepest_line(file: SourceFile) -> Span:
    """The line that nests most, as far as counting brackets and operators tells."""
    text = file.text
    lines = text.split("\n")
    weights = [sum(line.count(c) for c in "([{+-*/.|&") for line in lines]
    deepest = weights.index(max(weights))
    start = file.line_starts[deepest]
    return Span(file, start, start + len(lines[deepest]))


# Each construct: since which Python, its name in the plural, and whether the refused line has it.
def _newer_syntax(file: SourceFile, error: SyntaxError) -> tuple[str, str] | None:
    line = file.line(min(max(error.lineno or 1, 1), len(file.line_starts))).strip()
    at = min(max((error.offset or 1) - 1, 0), len(line))
    for version, construct, matches in _CONSTRUCTS:
        if sys.version_info[:2] < version and matches(line, at, error.msg):
            return "{}.{}".format(*version), construct
    return None


def _is_type_alias(line: str, _at: int, _message: str) -> bool:
    words = line.partition("=")[0].partition("[")[0].split()
    return len(words) == 2 and words[0] == "type" and words[1].isidentifier() and "=" in line


def _has_type_parameters(line: str, _at: int, message: str) -> bool:
    head = line.removeprefix("async ").partition("(")[0]
    words = head.partition("[")[0].split()
    starts = len(words) == 2 and words[0] in ("def", "class") and "[" in head
    return starts and ("expected '('" in message or "invalid syntax" in message)


def _has_parameter_default(line: str, at: int, message: str) -> bool:
    return _has_type_parameters(line, at, message or "invalid syntax") and "=" in line.partition("(")[0]


def _nests_quotes(line: str, _at: int, message: str) -> bool:
    if "f-string expression part cannot include" in message:
        return True
    if "f-string" not in message and "line continuation" not in message:
        return False
    return any(_reuses_quote(line, quote) for quote in "\"'")


def _reuses_quote(line: str, quote: str) -> bool:
    """Whether an f-string of `quote` holds the same quote inside its braces."""
    at = line.find("f" + quote)
    if at < 0:
        return False
    depth = 0
    for c in line[at + 2 :]:
        depth += (c == "{") - (c == "}")
        if c == quote:
            return depth > 0
    return False


def _is_template(line: str, at: int, _message: str) -> bool:
    before = line[:at].rstrip()[-1:]
    return any(f"t{quote}" in line for quote in "\"'") and before in ("", "=", "(", ",", "t", "T", ":", "[")


def _catches_bare_tuple(line: str, _at: int, message: str) -> bool:
    return "multiple exception types must be parenthesized" in message and " as " not in line


_CONSTRUCTS = (
    ((3, 12), "`type` statements", _is_type_alias),
    ((3, 13), "defaults of type parameters", _has_parameter_default),
    ((3, 12), "type parameters", _has_type_parameters),
    ((3, 12), "quotes and backslashes inside the braces of an f-string", _nests_quotes),
    ((3, 14), "template strings", _is_template),
    ((3, 14), "several exception types without parentheses", _catches_bare_tuple),
)
