"""`# flowc: ignore[…]`: each case is a text whose diagnostics are reported where `@FCnnn` marks them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics import catalog
from flowc.diagnostics.fixes import apply_fixes
from flowc.diagnostics.ignore import Ignores, Pragmas, check_ignores
from flowc.diagnostics.model import Sink
from flowc.source import SourceFile, Span


def check(text: str) -> tuple[list[str], list[str], str]:
    """(codes kept, reports on the comments, the text after `--fix`) for a text with marks `@FCnnn@`."""
    marks = [(m.start(), m[1]) for m in re.finditer(r"@(FC\d{3})@", text)]
    shift = 0
    sink = Sink()
    file = SourceFile("flow.py", re.sub(r"@FC\d{3}@", "", text))
    for start, code in marks:
        at = start - shift
        shift += len(f"@{code}@")
        sink.report(catalog.RULES[code], Span(file, at, at + 1), "here")
    ignores = Ignores()
    kept = [d.rule.code for d in ignores.keep(sink)]
    about = Sink()
    check_ignores(ignores.of(file), catalog.RULES, about)
    fixed = apply_fixes(about).texts.get(file, file.text)
    return kept, [f"{d.rule.code} {d.primary.span.text}" for d in about], fixed


@pytest.mark.parametrize(
    ("text", "kept", "about"),
    [
        ("x = @FC403@y  # flowc: ignore[FC403]\n", [], []),
        ("x = @FC403@y  # flowc: ignore[FC403, FC421]\n", [], ["FC007 FC421"]),
        ("x = @FC403@y + @FC421@z  #flowc:ignore[FC403,FC421]\n", [], []),
        ("x = @FC403@y  # because of z # flowc: ignore[FC403]\n", [], []),
        ("x = @FC403@y\n# flowc: ignore[FC403]\n", ["FC403"], ["FC007 FC403"]),
        # The statement's first line silences all of its lines, another line only itself.
        ("f(  # flowc: ignore[FC403]\n  @FC403@a,\n  @FC403@b)\n", [], []),
        ("f(\n  @FC403@a,  # flowc: ignore[FC403]\n  @FC403@b)\n", ["FC403"], []),
        ("def f(  # flowc: ignore[FC403]\n  a):\n  @FC403@b\n", ["FC403"], ["FC007 FC403"]),
        ("if x: # flowc: ignore[FC403]\n  pass\n@FC403@y\n", ["FC403"], ["FC007 FC403"]),
        # Only comments count.
        ("x = @FC403@'# flowc: ignore[FC403]'\n", ["FC403"], []),
        ('"""\n@FC403@# flowc: ignore[FC403]\n"""\n', ["FC403"], []),
        # What is wrong with a comment is said.
        ("x = @FC403@y  # flowc: ignore[FC430]\n", ["FC403"], ["FC008 FC430"]),
        ("x = @FC403@y  # flowc: ignore[maybe-undefined]\n", ["FC403"], ["FC008 maybe-undefined"]),
        ("x = @FC403@y  # flowc: ignore\n", ["FC403"], ["FC008 # flowc: ignore"]),
        ("x = @FC403@y  # flowc: ignore[]\n", ["FC403"], ["FC008 # flowc: ignore[]"]),
        # What a target refuses, and what cannot be read, stays.
        ("x = @FC601@y  # flowc: ignore[FC601]\n", ["FC601"], ["FC007 FC601"]),
        # A text that does not parse keeps the comments before the fault.
        ("x = @FC403@y  # flowc: ignore[FC403]\nz = (\n", [], []),
        ("x = @FC403@y  # flowc: ignore[FC403]", [], []),
    ],
)
def test_ignore(text: str, kept: list[str], about: list[str]) -> None:
    assert check(text)[:2] == (kept, about)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("x = y  # flowc: ignore[FC403]\n", "x = y\n"),
        ("x = y  # why # flowc: ignore[FC403]\n", "x = y  # why\n"),
        ("x = y  # flowc: ignore[FC403] why\n", "x = y   why\n"),
        ("x = @FC403@y  # flowc: ignore[FC421, FC403]\n", "x = y  # flowc: ignore[FC403]\n"),
        ("x = @FC403@y  # flowc: ignore[FC403, FC421]\n", "x = y  # flowc: ignore[FC403]\n"),
        ("x = y  # flowc: ignore[FC403]", "x = y"),
    ],
)
def test_an_unused_comment_is_removed_by_its_fix(text: str, fixed: str) -> None:
    assert check(text)[2] == fixed


def test_a_file_without_the_word_is_not_scanned() -> None:
    assert Pragmas(SourceFile("flow.py", "x = 1  # ignore\n")).found == []


@given(st.text(alphabet="#flowc: ignre[]FC403,\n'\"()\\x", max_size=60))
def test_no_text_breaks_the_scanner(text: str) -> None:
    pragmas = Pragmas(SourceFile("flow.py", text))
    sink = Sink()
    check_ignores(pragmas, catalog.RULES, sink)
    for pragma in pragmas.found:
        assert text[pragma.start] == "#"
        assert all(text[c.start : c.end] == c.text for c in pragma.codes)
