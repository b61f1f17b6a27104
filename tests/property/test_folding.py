"""Folding agrees with Python's own evaluation, and never fails on anything that parses."""

from __future__ import annotations

import ast
import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.frontend.folding.constants import Folder
from flowc.ir.values import Const, Shape, Unknown
from tests.declaring import entry_of, written

HEAD = "A = 3\nB = 'text'\nC = [1, 2, 3]\nD = {'k': 1, 'x': [2]}\nE = (1.5, None, True)\n"

numbers = st.integers(-20, 300).map(str) | st.sampled_from(["0.5", "2.0", "1e3", "10**20"])
texts = st.text(string.ascii_letters + " {}%é", max_size=4).map(repr)
names = st.sampled_from(["A", "B", "C", "D", "E"])
leaves = (
    numbers | texts | names | st.sampled_from(["None", "True", "False", "b'x'", "()", "[]", "{}", "set()"])
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def joined(pattern: str, count: int) -> st.SearchStrategy[str]:
        return st.tuples(*[inner] * count).map(lambda parts: pattern.format(*parts))

    binary = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "and", "or"])
    compared = st.sampled_from(["<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "is not"])
    unary = st.sampled_from(["-", "+", "not "])
    functions = st.sampled_from(
        ["len", "sorted", "list", "tuple", "sum", "min", "max", "str", "int", "float", "bool", "abs", "round",
         "range", "any", "all", "repr", "set", "dict", "ord", "chr", "reversed", "enumerate"]
    )  # fmt: skip
    methods = st.sampled_from(
        ["upper()", "split()", "strip()", "items()", "keys()", "get('k')", "count(1)", "index(1)", "title()",
         "zfill(8)", "ljust(5, '.')", "replace('t', 'TT')", "join(['a', 'b'])", "format(1, k=2)", "partition('e')",
         "copy()", "union([1])", "bit_length()"]
    )  # fmt: skip
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, compared, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(unary, inner).map(lambda p: f"({p[0]}{p[1]})"),
        st.tuples(functions, inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, methods).map(lambda p: f"({p[0]}).{p[1]}"),
        joined("({} if {} else {})", 3),
        joined("[{}, {}]", 2),
        joined("({}, *{})", 2),
        joined("{{{}: {}}}", 2),
        joined("{{{}, {}}}", 2),
        joined("({})[{}]", 2),
        joined("({})[{}:]", 2),
        joined("[v for v in {} if {}]", 2),
        joined("{{v: 1 for v in {}}}", 1),
        joined("f'{{{}!r:>4}}|'", 1).filter(lambda t: "\\" not in t and t.count("'") == 2),
        joined("'%s-%s' % ({}, {})", 2),
        joined("(lambda v: [v, {}])({})", 2),
        joined("(lambda v, *w, **k: (v, w, k))({}, *{}, a={})", 3),
    )


@st.composite
def expressions(draw: st.DrawFn) -> str:
    return draw(st.recursive(leaves, _compound, max_leaves=8))


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Text that is Python more or less: an expression, and the same backwards."""
    text = draw(expressions())
    return f"x = {text}\ny = {text[::-1]}"


def _python(text: str) -> object:
    namespace: dict[str, object] = {}
    exec(HEAD, namespace)  # noqa: S102 - what the result is compared with
    return eval(text, namespace)  # noqa: S307 - text of this test alone


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None


@pytest.mark.filterwarnings("ignore:Generating overly large repr", "ignore::SyntaxWarning")
@given(expressions())
def test_a_constant_is_what_python_gives(text: str) -> None:
    expr = _parsed(text)
    if expr is None:
        return
    folder = Folder(written(HEAD))
    found = folder.fold(expr, entry_of(folder.project))
    if isinstance(found, Const):
        expected = _python(text)
        assert found.value == expected
        assert type(found.value) is type(expected)
        assert repr(found.value) == repr(expected) or "set" in text or "{" in text
    elif isinstance(found, Shape) and found.length is not None:
        expected = None
        with contextlib.suppress(Exception):  # an item that is not known may be one that raises
            expected = list(_python(text))  # type: ignore[call-overload]
        assert expected is None or len(expected) == found.length
    else:
        assert isinstance(found, Shape | Unknown)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(st.text(string.printable, max_size=30) | programs())
def test_nothing_that_parses_fails(text: str) -> None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError):
        return
    folder = Folder(written(text))
    module = folder.project.entry
    if module is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            folder.fold(node, module, None, {})
            folder.fold_path(node, module)
