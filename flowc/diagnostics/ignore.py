"""`# flowc: ignore[FC403]`: comments that silence diagnostics of one line.

A comment silences the codes it lists where the diagnostic's primary place is on the comment's
line, or in a statement that begins on it. Only real comments count: the same words in a string
are text. A file without the words is never tokenized. In a manifest, which is no Python, every `#`
after a blank begins a comment.

Invariant: a diagnostic is either kept or silenced by a comment that is then in use; nothing is
lost. Rules of UNSILENCED are always kept, since what follows them cannot be compiled.
"""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowc.diagnostics.model import Diagnostic, Sink
    from flowc.source import SourceFile

_MARK = "flowc:"
_PRAGMA = re.compile(r"#\s*flowc:\s*ignore(?:\s*\[(?P<codes>[^\]\n]*)\])?")
_IN_MANIFEST = re.compile(r"(?:^|(?<=\s))#.*")
_WORD = re.compile(r"[^\s,]+")
_ITSELF = (catalog.UNUSED_IGNORE.code, catalog.UNKNOWN_IGNORE_CODE.code)


class Code(NamedTuple):
    """One code of a comment and its place."""

    text: str
    start: int
    end: int


class Pragma(NamedTuple):
    """One comment: its line, its place from `#` to the end of the pragma, and the codes it lists."""

    line: int
    start: int
    end: int
    codes: tuple[Code, ...]


class Pragmas:
    """The comments of one file and the first line of every statement that goes over several."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.found: list[Pragma] = []
        self.used: set[Code] = set()
        self._firsts: dict[int, int] = {}
        if _MARK in file.text:
            self._scan()

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences the diagnostic; the comment is then in use."""
        line = diagnostic.primary.span.line
        lines = {line, self._firsts.get(line, line)}
        code = diagnostic.rule.code
        hits = [c for p in self.found if p.line in lines for c in p.codes if c.text == code]
        self.used.update(hits)
        return bool(hits)

    def _scan(self) -> None:
        if not self.file.path.endswith(".py"):
            for line, text in enumerate(self.file.text.split("\n"), 1):
                for match in _IN_MANIFEST.finditer(text):
                    self._comment(match[0], line, match.start())
            return
        first = 0
        for token in _tokens(self.file.text):
            kind, (line, column) = token.type, token.start
            if kind == tokenize.COMMENT:
                self._comment(token.string, line, column)
            elif kind in {tokenize.NEWLINE, tokenize.ENDMARKER}:
                first = 0
            elif kind not in {tokenize.NL, tokenize.INDENT, tokenize.DEDENT}:
                first = first or line
                for inner in range(line, token.end[0] + 1):
                    self._firsts.setdefault(inner, first)

    def _comment(self, text: str, line: int, column: int) -> None:
        start = self.file.line_starts[line - 1] + column
        for match in _PRAGMA.finditer(text):
            inside = match.start("codes")
            words = _WORD.finditer(match["codes"] or "")
            codes = tuple(Code(w[0], start + inside + w.start(), start + inside + w.end()) for w in words)
            self.found.append(Pragma(line, start + match.start(), start + match.end(), codes))


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to the first fault of the text, which the parser reports."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


class Ignores:
    """The comments of all files that diagnostics point at, read when first needed."""

    def __init__(self) -> None:
        self._files: dict[SourceFile, Pragmas] = {}

    def of(self, file: SourceFile) -> Pragmas:
        """The comments of one file."""
        if file not in self._files:
            self._files[file] = Pragmas(file)
        return self._files[file]

    def keep(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics that no comment silences, in the order given."""
        return [
            d for d in diagnostics if not (can_be_silenced(d) and self.of(d.primary.span.file).silences(d))
        ]


def can_be_silenced(diagnostic: Diagnostic) -> bool:
    """Errors of a target and our own are kept: the target refuses, whatever a comment says."""
    return diagnostic.severity is Severity.WARNING or diagnostic.rule.code[:3] not in {"FC0", "FC6", "FC9"}


def check_ignores(pragmas: Pragmas, judged: Iterable[str], sink: Sink) -> None:
    """Report comments that name unknown codes, and codes of `judged` that silenced nothing."""
    judged = frozenset(judged)
    for pragma in pragmas.found:
        whole = Span(pragmas.file, pragma.start, pragma.end)
        if not pragma.codes:
            message = "this comment names no code, so it silences nothing"
            helps = ("name what it is to silence: `# flowc: ignore[FC403]`",)
            sink.report(catalog.UNKNOWN_IGNORE_CODE, whole, message, helps=helps)
        for code in pragma.codes:
            span = Span(pragmas.file, code.start, code.end)
            if code.text not in catalog.RULES:
                _unknown(code, span, sink)
            elif code.text in judged and code not in pragmas.used and code.text not in _ITSELF:
                message = f"`{code.text}` is not reported here, so the comment silences nothing"
                sink.report(catalog.UNUSED_IGNORE, span, message, fix=_removal(pragmas, pragma, code))


def _unknown(code: Code, span: Span, sink: Sink) -> None:
    by_name = {rule.name: rule.code for rule in catalog.RULES.values()}
    if code.text in by_name:
        helps: tuple[str, ...] = (f"comments name the code: `{by_name[code.text]}`",)
    else:
        helps = did_you_mean(code.text, (*catalog.RULES, *by_name)) or ("`flowc explain` lists the codes",)
    sink.report(catalog.UNKNOWN_IGNORE_CODE, span, f"`{code.text}` is no code of a diagnostic", helps=helps)


def _removal(pragmas: Pragmas, pragma: Pragma, code: Code) -> Fix:
    """Take the code out of the comment, or the comment out of the line with its last code."""
    text = pragmas.file.text
    if len(pragma.codes) > 1:
        at = pragma.codes.index(code)
        start = pragma.codes[at - 1].end if at else code.start
        end = code.end if at else pragma.codes[1].start
        return Fix(f"remove `{code.text}`", (Edit(Span(pragmas.file, start, end), ""),))
    start, end = pragma.start, pragma.end
    rest = text[end : text.find("\n", end) if "\n" in text[end:] else len(text)]
    if not rest.strip():  # nothing follows: the blanks before the comment go too
        end += len(rest)
        line_start = pragmas.file.line_starts[pragma.line - 1]
        start = line_start + len(text[line_start:start].rstrip())
    return Fix("remove the comment", (Edit(Span(pragmas.file, start, end), ""),))
