"""Names of the API that are not imported, and the edit that imports them, however imports are laid out."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.declaring import mended, read_flow

FLOW = """

class F(FlowSpec):
    @resources(cpu=2)
    @step
    def start(self):
        self.next(self.end)

    @retry
    @resources(cpu=4)
    @step
    def end(self):
        pass
"""

LAYOUTS = [
    ("from metaflow import FlowSpec, step, retry", "from metaflow import FlowSpec, step, retry, resources"),
    ("from flowc import FlowSpec as FlowSpec, step, retry # all", "from flowc import FlowSpec as FlowSpec, step, retry, resources # all"),
    ("from flowc import (FlowSpec, step, retry)", "from flowc import (FlowSpec, step, retry, resources)"),
    ("from flowc import (\n    FlowSpec,\n    retry,\n    step,  # why\n)", "from flowc import (\n    FlowSpec,\n    retry,\n    step,\n    resources,  # why\n)"),
    ("from flowc import FlowSpec, \\\n    step, retry", "from flowc import FlowSpec, \\\n    step, retry, resources"),
    ("import os; from flowc import FlowSpec, step, retry; x = 1", "import os; from flowc import FlowSpec, step, retry, resources; x = 1"),
    ("try:\n    from flowc import FlowSpec, step, retry\nexcept ImportError:\n    from metaflow import FlowSpec, step, retry",
     "try:\n    from flowc import FlowSpec, step, retry, resources\nexcept ImportError:\n    from metaflow import FlowSpec, step, retry, resources"),
    ("'''Doc.'''\nfrom __future__ import annotations\nfrom base import FlowSpec, step, retry",
     "'''Doc.'''\nfrom __future__ import annotations\nfrom flowc import resources\nfrom base import FlowSpec, step, retry"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_a_missing_import_is_added(before: str, after: str) -> None:
    found = read_flow(before + FLOW, {"base.py": "from metaflow import *"})
    assert [(d.rule.code, d.message) for d in found.diagnostics] == [
        ("FC104", "`resources` is used as a decorator but never imported or defined")
    ]
    assert mended(before + FLOW, found.diagnostics) == after + FLOW


def test_a_step_that_is_never_imported_is_still_a_step() -> None:
    text = (
        "import metaflow\nclass F(metaflow.FlowSpec):\n"
        "    @tuned\n    def helper(self): pass\n"
        "    @step\n    def start(self): self.next(self.end)\n"
        "    @mf.step\n    def end(self): pass\n"
    )
    found = read_flow(text, {})
    assert list(found.steps) == ["start", "end"]
    assert [d.message for d in found.diagnostics] == [
        "`tuned` is used as a decorator but never imported or defined",
        "`step` is used as a decorator but never imported or defined",
        "`mf` is used as a decorator but never imported or defined",
    ]


def test_a_broken_module_that_the_flow_imports_is_reported() -> None:
    files = {
        "a.py": "from package import b, gone\nimport numpy, a\ntry:\n    import c\nexcept SyntaxError:\n    pass\n",
        "package/__init__.py": "",
        "package/b.py": "def f(:\n",
        "c.py": "def f(:\n",
        "d.py": "def f(:\n",
    }
    found = read_flow("from metaflow import FlowSpec, step, retry, resources\nimport a\n" + FLOW, files)
    assert [(d.primary.span.file.path, d.rule.code) for d in found.diagnostics] == [("package/b.py", "FC001")]


@st.composite
def imports(draw: st.DrawFn) -> str:
    """Import statements of every layout, with comments, aliases and odd spaces."""
    names = draw(st.permutations(["FlowSpec", "step", "retry", "card as _card", "JSONType  as  J"]))
    gap = draw(st.sampled_from([" ", "  ", "\t"]))
    layout = draw(st.sampled_from(["plain", "parens", "lines", "hanging", "backslash"]))
    comma = draw(st.sampled_from(["", ","]))
    comment = draw(st.sampled_from(["", "  # é ü", " # noqa"]))
    head = f"from{gap}metaflow import"
    match layout:
        case "plain":
            return f"{head} {f',{gap}'.join(names)}{comment}"
        case "parens":
            return f"{head} ({', '.join(names)}{comma}){comment}"
        case "lines":
            body = "".join(f"    {name},{comment}\n" for name in names[:-1])
            return f"{head} (\n{body}    {names[-1]}{comma}{comment}\n)"
        case "hanging":
            return f"{head} ({names[0]},{comment}\n{gap}{', '.join(names[1:])}{comma})"
        case _:
            return f"{head} {names[0]}, \\\n  {', '.join(names[1:])}{comment}"


@given(imports())
def test_every_layout_stays_python_and_brings_the_name(statement: str) -> None:
    text = statement + FLOW
    found = read_flow(text)
    assert [d.rule.code for d in found.diagnostics] == ["FC104"]
    after = mended(text, found.diagnostics)
    tree = ast.parse(after)
    names = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(names) == ["FlowSpec", "JSONType", "card", "resources", "retry", "step"]
    assert not read_flow(after).faults


UNKNOWN = [
    ("from metaflow import FlowSpec, step, paralel_map", ["1:38 error FC123"]),
    ("from flowc import FlowSpec, step, paralel_map as p", ["1:35 error FC123"]),
    ("from metaflow import FlowSpec, step, checkpoint", ["1:38 error FC123"]),
    ("from flowc import FlowSpec, step, util", ["1:35 error FC123"]),
    ("from metaflow import FlowSpec, step, plugins, os, util", ["1:51 warning FC134"]),
    ("from metaflow import FlowSpec, step\nfrom metaflow.util import get_username", ["2:1 warning FC134"]),
    (
        "from metaflow import FlowSpec, step\ntry:\n    import metaflow.util\nexcept ImportError:\n    pass",
        [],
    ),
    ("from metaflow import FlowSpec, step\nfrom metaflow.nope.x import y", ["2:1 error FC123"]),
    ("from metaflow import FlowSpec, step\nimport os, metaflow.nope", ["2:1 error FC123"]),
    ("from metaflow import FlowSpec, step\nimport flowc.util, metaflow.exception", ["2:1 error FC123"]),
    ("from metaflow import FlowSpec, step\nimport metaflow.exception as e, metaflow._vendor.click", []),
    ("from flowc import FlowSpec, step\nfrom flowc.cards import Markdown\nimport flowc.runtime.say", []),
    (
        "from metaflow import FlowSpec, step\ntry:\n    from metaflow import new_thing\nexcept ImportError:\n    pass",
        [],
    ),
    (
        "from metaflow import FlowSpec, step\ndef f():\n    from metaflow import new_thing",
        ["3:26 warning FC123"],
    ),
    ("from metaflow import FlowSpec, step, torchrun", ["1:38 error FC123"]),
    ("from metaflow import FlowSpec, step\nfrom metaflow.cards import Markdown, Tabel", ["2:38 error FC123"]),
    ("from metaflow import FlowSpec, step\nfrom metaflow.cards import BeautifulOfAnExtension", []),
    ("from metaflow import FlowSpec, step\nfrom metaflow.anything import new_thing", ["2:1 error FC123"]),
]


@pytest.mark.parametrize(("head", "faults"), UNKNOWN)
def test_unknown_imports(head: str, faults: list[str]) -> None:
    rest = "\nclass F(FlowSpec):\n    @step\n    def start(self): self.next(self.end)\n    @step\n    def end(self): pass\n"
    found = []
    for diagnostic in read_flow(head + rest).diagnostics:
        line, column = diagnostic.primary.span.file.place(diagnostic.primary.span.start)
        found.append(f"{line}:{column} {diagnostic.severity.value} {diagnostic.rule.code}")
    assert found == faults


MISSPELT = [
    ("from metaflow import FlowSpec, step, Paramter\nclass F(FlowSpec):\n    p = Paramter('p')\n", "Parameter"),
    ("from metaflow import FlowSpec, step, Paramter as P\nclass F(FlowSpec):\n    p = P('p')\n", "Parameter"),
    ("import metaflow as mf\nfrom metaflow import step\nclass F(mf.FlowSpc):\n", "FlowSpec"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), MISSPELT)
def test_a_misspelt_name_is_put_right_wherever_it_stands(text: str, meant: str) -> None:
    steps = "    @step\n    def start(self): pass\n"
    found = read_flow(text + steps).diagnostics
    assert [d.rule.code for d in found] == ["FC123"]
    repaired = mended(text + steps, found)
    assert repaired == re.sub("Paramter|FlowSpc", meant, text) + steps
    assert read_flow(repaired).diagnostics == []


def test_misspelt_attribute_of_the_package() -> None:
    text = "import metaflow as mf\nclass F(mf.FlowSpec):\n    @mf.retri\n    @mf.step\n    def start(self): pass\n"
    [found] = read_flow(text).diagnostics
    assert (found.rule.code, found.helps) == ("FC123", ("did you mean `retry`?",))


def test_a_class_that_is_not_imported() -> None:
    text = "from flowc import FlowSpec, step\nclass F(FlowSpec):\n    p = Parameter('p')\n    @step\n    def start(self): pass\n"
    [found] = read_flow(text).diagnostics
    assert found.message == "`Parameter` is used as a class but never imported or defined"
    assert "from flowc import FlowSpec, step, Parameter\n" in mended(text, [found])
