"""Names followed through a project's modules, none of them imported."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

from flowc.diagnostics.model import Sink
from flowc.frontend.project.api_names import API_NAMES, EXTENSION_NAMES
from flowc.frontend.project.modules import Project
from flowc.source import Sources
from tests.declaring import described, entry_of, written

FILES = {
    "flows/flow.py": """\
import metaflow as mf
import numpy as np
import package.inner
import package.inner as renamed
from flowc import resources as r
from metaflow.decorators import step as original
from common import FlowSpec, LIMIT, looped
from package import DEEP, again, private_step
from package.stars import *
from . import beside
try:
    from flowc import retry
except ImportError:
    from metaflow import retry
try:
    import missing_dependency
except ImportError:
    missing_dependency = None
if mf.TYPE_CHECKING:
    from metaflow import catch
def local(f): return f
class Base(mf.FlowSpec): pass
""",
    "flows/beside.py": "HERE = 1\n",
    "common.py": "from metaflow import *\nLIMIT = 3\nfrom flow import looped\n",
    "package/__init__.py": "from .inner import DEEP, local as again\nfrom ._private import step as private_step\n",
    "package/inner.py": "DEEP = 1\ndef local(f): return f\n",
    "package/_private.py": "from metaflow import step\n",
    "package/stars.py": "from metaflow import timeout, card\nVISIBLE = 1\n_hidden = 2\n",
    "src/library.py": "X = 1\n",
}

NAMES = """
    mf.step => api step
    mf.FlowSpec => api FlowSpec
    mf.plugins.retry_decorator.RetryDecorator => api -
    r => api resources
    original => api step
    FlowSpec => api FlowSpec
    private_step => api step
    retry => api retry
    catch => api catch
    timeout => api timeout
    LIMIT => project common.py
    DEEP => project package/inner.py
    again => project package/inner.py
    package.inner.DEEP => project package/inner.py
    renamed.local => project package/inner.py
    beside.HERE => project flows/beside.py
    VISIBLE => project package/stars.py
    local => project flows/flow.py
    Base => project flows/flow.py
    np.random.rand => external numpy.random.rand
    missing_dependency.x => external missing_dependency.x
    property => external -
    _hidden => unbound -
    nowhere => unbound -
    looped => external flow.looped
"""


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(Sources(None, FILES), "flows/flow.py", Sink())


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_where_a_name_comes_from(project: Project, line: str) -> None:
    text, _, expected = line.strip().partition(" => ")
    module = entry_of(project)
    expr = ast.parse(text, mode="eval").body
    origin = project.origin(module, expr).value
    found = project.resolve(module, expr)
    names = {
        "api": project.api_name(module, expr),
        "external": project.dotted(module, expr),
        "project": found.module.path if found else None,
    }
    assert f"{origin} {names.get(origin) or '-'}" == expected


def test_import_cycles_end(project: Project) -> None:
    binding = project.lookup(entry_of(project), "looped")
    assert binding is not None
    assert binding.is_import


def test_search_order(project: Project) -> None:
    module = entry_of(project)
    assert project.find("beside", module) == "flows/beside.py"
    assert project.find("common", module) == "common.py"
    assert project.find("library", module) == "src/library.py"
    assert project.find("metaflow", module) is None
    assert project.find("", module, 3) is None


def test_closure_holds_what_code_may_import() -> None:
    files = {
        "flow.py": "import a.b.c\ndef f():\n    import late\nimport importlib\nimportlib.import_module('named')\n",
        "a/__init__.py": "",
        "a/b/__init__.py": "from . import sibling\n",
        "a/b/c.py": "from ...a import other",
        "a/b/sibling.py": "",
        "a/other.py": "import flow\n",
        "late.py": "this is no python",
        "named.py": "",
        "data/one.txt": "",
        "data/two.csv": "",
        "unrelated.py": "",
    }
    project = Project(Sources(None, files), "flow.py", Sink())
    assert project.closure(["data/*.txt"]) == (
        "a/__init__.py", "a/b/__init__.py", "a/b/c.py", "a/b/sibling.py", "a/other.py", "data/one.txt", "flow.py",
        "late.py", "named.py",
    )  # fmt: skip
    assert not list(project.sink)
    assert "data/two.csv" in project.closure(["data"])


@pytest.mark.metaflow
def test_every_name_of_metaflow_is_known() -> None:
    metaflow = pytest.importorskip("metaflow")
    assert {n for n in dir(metaflow) if not n.startswith("_")} - {"EXT_PKG"} <= API_NAMES
    assert not EXTENSION_NAMES & API_NAMES


def test_every_name_of_flowc_is_known() -> None:
    from flowc import dsl

    assert {
        *dsl.STEP_DECORATORS,
        *dsl.FLOW_DECORATORS,
        "FlowSpec",
        "step",
        "Parameter",
        "fanout",
    } <= API_NAMES


SYNTAX = [
    ("a = (\n", "1:5 FC001 invalid Python: '(' was never closed"),
    (
        "x = 1\nif x:\npass\n",
        "3:1 FC001 invalid Python: expected an indented block after 'if' statement on line 2",
    ),
    ("é = = 3\n", "1:5 FC001 invalid Python: invalid syntax"),
    ("a = 'x\0'\n", "1:7 FC001 invalid Python: source code string cannot contain null bytes"),
    ("x = " + "(" * 300, "1:205 FC009 Python cannot parse `flow.py`: too many nested parentheses"),
    (
        "y = 1\nx = 1" + "+1" * 30_000,
        "2:1 FC009 `flow.py` nests expressions more deeply than Python's parser can follow",
    ),
]


@pytest.mark.parametrize(("text", "fault"), SYNTAX)
def test_what_cannot_be_parsed(text: str, fault: str) -> None:
    project = written(text)
    assert project.entry is None
    assert described(project.sink) == [fault]


NEWER = [
    ((3, 12), "type Items = list[int]\n", "`type` statements"),
    ((3, 12), "def first[T](items: list[T]) -> T: ...\n", "type parameters"),
    ((3, 12), "class Box[T]: ...\n", "type parameters"),
    ((3, 12), "a = f'{x['k']}'\n", "quotes and backslashes inside the braces of an f-string"),
    ((3, 12), "a = f'{'\\n'.join(x)}'\n", "quotes and backslashes inside the braces of an f-string"),
    ((3, 13), "def first[T = int](items: list[T]) -> T: ...\n", "defaults of type parameters"),
    ((3, 14), "a = t'{x}'\n", "template strings"),
    ((3, 14), "try: pass\nexcept A, B: pass\n", "several exception types without parentheses"),
]


@pytest.mark.parametrize(("version", "text", "construct"), NEWER)
def test_newer_syntax_names_both_versions(version: tuple[int, int], text: str, construct: str) -> None:
    import sys

    project = written(text)
    if sys.version_info[:2] >= version:
        assert project.entry is not None
        return
    assert project.entry is None
    [found] = project.sink
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert found.rule.code == "FC003"
    assert (
        found.message
        == f"{construct} are syntax of Python {version[0]}.{version[1]}, and flowc runs on Python {running}"
    )


@pytest.mark.parametrize(
    "text", ["print 'x'\n", "x = f'{a b}'\n", "class [T]: pass\n", "type type type\n", "except A:\n"]
)
def test_plain_faults_are_no_newer_syntax(text: str) -> None:
    project = written(text)
    assert project.entry is None
    assert [d.rule.code for d in project.sink] == ["FC001"]


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"a = 1\nb = '\xe9'\n")
    for path, reason in (
        ("latin.py", "not utf-8 text: byte 0xe9 in line 2"),
        ("none.py", "there is no such file"),
    ):
        project = Project(Sources(str(tmp_path)), path, Sink())
        assert project.entry is None
        assert described(project.sink) == [f"1:1 FC002 `{path}` cannot be read: {reason}"]
