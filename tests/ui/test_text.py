"""How diagnostics look: each snapshot is the source with its labels, and below it what is printed.

`--bless` writes the snapshots anew. A case is a list of labels `(text to mark, words)`, of which
the first is the primary one.
"""

from __future__ import annotations

import os

import pytest

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Applicability, Diagnostic, Fix, Label, Sink
from flowc.diagnostics.render import Look, render
from flowc.source import SourceFile, Span

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "snapshots")

JOIN = """\
from flowc import FlowSpec, step


class Train(FlowSpec):
    @step
    def pick(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        print(self.model.score)
"""
CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "one_label": (JOIN, [("self.model", "read here")]),
    "no_words": (JOIN, [("self.model", "")]),
    "two_lines": (
        JOIN,
        [("self.model", "read here"), ("pick", "nothing but parameters passes a join by itself")],
    ),
    "one_line_between": (JOIN, [("print", "read here"), ("@step\n    def end", "this step")]),
    "same_line": (
        "self.next(self.a, self.b, self.a)\n",
        [("self.b", "primary"), ("self.next", "call"), ("self.a", "one")],
    ),
    "same_place": ("f(x)\n", [("x", "primary"), ("f(x)", "the whole")]),
    "several_lines": (JOIN, [("class Train(FlowSpec):\n    @step\n    def pick", "all of this")]),
    "long_block": (JOIN, [(JOIN[JOIN.index("class") :].rstrip(), "a long one"), ("inputs", "inside")]),
    "bracket_from_the_middle": ("x = f(\n    1,\n    2,\n)\n", [("f(\n    1,\n    2,\n)", "the call")]),
    "nested_brackets": ("a(\n  b(\n  1),\n 2)\n", [("b(\n  1)", "inner"), ("a(\n  b(\n  1),\n 2)", "outer")]),
    "tabs": ("if x:\n\tself.next(\tself.a)\n", [("self.a", "after tabs")]),
    "wide": ("self.次の(self.日本, x='値')\n", [("self.日本", "wide"), ("x", "後")]),
    "combining": (
        "e\u0301te\u0301 = cafe\u0301 + x\n",
        [("x", "after combining marks"), ("cafe\u0301", "one")],
    ),
    "controls": ("x = '\x1b[31m\u202e' + y\n", [("y", "no \x1b[31mescape passes")]),
    "long_line": (f"x = '{'a' * 300}' + foo + '{'b' * 300}'\n", [("foo", "in the middle")]),
    "long_line_far_marks": (f"foo = '{'a' * 300}' + bar\n", [("bar", "far right"), ("foo", "far left")]),
    "end_of_file": ("x = (", [("", "the end")]),
    "empty_line": ("x\n\ny\n", [("\n", "nothing here")]),
}


def diagnostic(text: str, labels: list[tuple[str, str]]) -> Diagnostic:
    file = SourceFile("flows/train.py", text)
    made = []
    for marked, words in labels:
        start = text.index(marked) if marked else len(text)
        made.append(Label(Span(file, start, start + len(marked)), words))
    sink = Sink()
    sink.report(catalog.LOST_AT_JOIN, made[0], "`self.model` is lost", secondary=made[1:])
    return next(iter(sink))


def snapshot(name: str, text: str, *, bless: bool) -> None:
    path = os.path.join(FOLDER, f"{name}.txt")
    if bless:
        with open(path, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
    with open(path, encoding="utf-8", newline="") as stream:
        assert text == stream.read()


@pytest.mark.parametrize("name", CASES)
def test_text(name: str, *, bless: bool) -> None:
    snapshot(
        name, render("text", [diagnostic(*CASES[name])], Look(lambda f: f.path, columns=100)), bless=bless
    )


def test_colour(*, bless: bool) -> None:
    found = diagnostic(*CASES["two_lines"])
    snapshot("colour", render("text", [found], Look(lambda f: f.path, colour=True)), bless=bless)


def test_two_files_notes_helps_and_a_fix(*, bless: bool) -> None:
    one, two = (
        SourceFile("one.py", "import two\ntwo.f()\n"),
        SourceFile("base/two.py", "\n" * 99 + "def f(): ...\n"),
    )
    sink = Sink()
    sink.report(
        catalog.MAYBE_UNDEFINED,
        Label(Span(one, 11, 16), "called here"),
        "a fault in two files",
        secondary=[Label(Span(two, 103, 104), "defined here"), Label(Span(one, 7, 10))],
        notes=["a fact", "a fact\non two lines"],
        helps=["do this:  x = 1\nor that:  y = 2"],
        fix=Fix("remove the call", ()),
    )
    sink.report(
        catalog.INTERNAL_ERROR, Span(SourceFile("lost.py", ""), 0, 0), "no text", notes=["nothing to show"]
    )
    sink.report(
        catalog.UNKNOWN_STEP,
        Span(one, 0, 6),
        "suggested",
        fix=Fix("spell it `b`", (), Applicability.SUGGESTED),
    )
    snapshot("two_files", render("text", list(sink), Look(lambda f: f"src/{f.path}")), bless=bless)
