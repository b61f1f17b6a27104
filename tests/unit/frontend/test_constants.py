"""What expressions fold to, one a line: the expression, `=>`, the value or the reason why not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.values import Value

from flowc.frontend.folding.constants import Folder
from flowc.frontend.folding.paths import ANCHOR
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown
from tests.declaring import entry_of, written

MODULE = """
    import math
    import os
    import sys
    from enum import Enum
    from pathlib import Path

    import numpy as np

    import shared
    from shared import LIMIT as RENAMED
    from package import DEEP

    ONE = 1
    TWO: int = ONE + 1
    LEFT, (RIGHT, LAST) = 1, ("r", "l")
    TWICE = 1
    TWICE = 2
    if ONE:
        BRANCHED = 1
    LOOP_A = LOOP_B
    LOOP_B = LOOP_A
    GROWN = [1]
    GROWN.append(2)
    TABLE = {"small": 1, "large": {"memory": 2}}
    LATE = []
    shared.TOUCHED = 3

    class Size:
        SMALL = 1
        LARGE = SMALL * 10
        class Inner:
            DEEPER = "d"

    class Bigger(Size):
        HUGE = 100

    class Kind(Enum):
        RED = "r"

    def doubled(n, by=2):
        "Doubles."
        result = n * by
        if result > 100:
            return 100
        return result

    def packages(*wanted, **pinned):
        return {**{name: "*" for name in wanted}, **pinned}

    def endless(n):
        return endless(n)

    def loops(n):
        for i in range(n):
            pass
        return i

    def beside(name):
        import os
        return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)

    class Flow:
        def step(self):
            LATE.append(1)
"""
FILES = {
    "shared.py": "LIMIT = 10\nTOUCHED = 1\n_HIDDEN = 2\nimport flow\n",
    "package/__init__.py": "from .inner import *\n",
    "package/inner.py": "__all__ = ['DEEP']\nDEEP = 'deep'\n",
}

KNOWN = """
    ONE + 1 => 2
    TWO => 2
    LEFT => 1
    RIGHT + LAST => 'rl'
    RENAMED => 10
    shared.LIMIT => 10
    DEEP => 'deep'
    TABLE["large"]["memory"] => 2
    TABLE.get("none", 7) => 7
    Size.LARGE => 10
    Bigger.LARGE + Bigger.HUGE => 110
    Size.Inner.DEEPER => 'd'
    Kind.RED.value => 'r'
    Kind.RED.name => 'RED'
    doubled(21) => 42
    doubled(21, by=10) => 100
    packages("a", "b", c="1") => {'a': '*', 'b': '*', 'c': '1'}
    packages() => {}
    len((lambda n, *more: more)(1, np.x, 3)) => 2
    (lambda n: n + ONE)(2) => 3
    math.pi => 3.141592653589793
    math.ceil(10 / 4) => 3
    f"{ONE:03d}-{RIGHT!r}" => "001-'r'"
    "{}-{x}".format(ONE, x=2) => '1-2'
    "%s %05.1f" % ("a", 2.5) => 'a 002.5'
    ", ".join(str(n) for n in range(3)) => '0, 1, 2'
    [n * n for n in range(5) if n % 2] => [1, 9]
    [(a, b) for a in "xy" for b in range(2)] => [('x', 0), ('x', 1), ('y', 0), ('y', 1)]
    {k: v for k, v in zip("ab", (1, 2))} => {'a': 1, 'b': 2}
    sorted({3, 1, 2}, reverse=True) => [3, 2, 1]
    sum(range(10)) => 45
    len({"a", "b"}) => 2
    list(map(str, range(3))) => ['0', '1', '2']
    [*range(2), *"ab"] => [0, 1, 'a', 'b']
    {**TABLE, "x": 1}["x"] => 1
    list(dict(a=1).items()) => [('a', 1)]
    1 < TWO <= 2 != 3 => True
    ONE and "yes" or "no" => 'yes'
    "big" if TWO > ONE else np.x => 'big'
    "a,b".split(",")[-1].upper() => 'B'
    "abcdef"[1:-1:2] => 'bd'
    sys.version_info[0] => 3
    os.path.join("a", "b.csv") => 'a/b.csv'
    range(10 ** 12) => range(0, 1000000000000)
    max(range(10 ** 12)) => 999999999999
    LATE => []
"""


def cases(text: str) -> list[tuple[str, str]]:
    lines = (line.strip() for line in text.strip().splitlines())
    return [(left, right) for left, _, right in (line.partition(" => ") for line in lines)]


@pytest.fixture(scope="module")
def folder() -> Folder:
    return Folder(written(MODULE, FILES))


def fold(folder: Folder, text: str, extra: Mapping[str, Value] | None = None) -> Value:
    return folder.fold(ast.parse(text, mode="eval").body, entry_of(folder.project), None, extra)


@pytest.mark.parametrize(("text", "value"), cases(KNOWN))
def test_known(folder: Folder, text: str, value: str) -> None:
    found = fold(folder, text)
    assert isinstance(found, Const), found
    assert repr(found.value) == value


UNKNOWN = """
    TWICE => `TWICE` is assigned more than once, in lines 17 and 18
    BRANCHED => `BRANCHED` is assigned in a branch, a loop or a `try`, in line 20
    LOOP_A => `LOOP_A` is defined by itself
    GROWN => `GROWN` is changed after its assignment, in line 24
    shared.TOUCHED => `shared.TOUCHED` is changed in line 27 of `flow.py`
    missing => `missing` is assigned nowhere at the top level of `flow.py`
    doubled => `doubled` is a function, not a constant
    endless(1) => `endless` calls itself
    loops(3) => what `loops(…)` gives is known only when the flow runs (line 55 does more)
    np.pi => `np.pi` comes from outside the project, and only the running flow knows it
    np.zeros(3) => what `np.zeros(…)` gives is known only when the flow runs
    1 / 0 => it raises `ZeroDivisionError`
    TABLE["none"] => it raises `KeyError`
    [] + () => it raises `TypeError`
    10 ** 10 ** 10 => the number is too large to be computed
    1 << 10 ** 10 => the number is too large to be computed
    "a" * 10 ** 10 => the text is too long to be computed
    f"{1:9999999999}" => the field is too wide to be computed
    "%9999999999d" % 1 => the field is too wide to be computed
    "a".ljust(10 ** 10) => the field is too wide to be computed
    "a" * 1000000 + "b".replace("b", "c" * 1000000) => the text is too long to be computed
    range(10 ** 40) => it raises `OverflowError`
    round(5, -10 ** 9) => it rounds to too many digits
    sum([0.1, 0.2]) => sums of floats differ between versions of Python
    str({"a", "b"}) => the order of a set changes from run to run
    f"{frozenset('ab')}" => the order of a set changes from run to run
    2.5 ** 0.5 => such a power differs from machine to machine
    __file__ => `__file__` differs from place to place
    os.environ["HOME"] + "/x" => it depends on the environment variable `HOME`
    open => `open` is a builtin of Python, not a constant
    "{0.__class__}".format(1) => such a field of `format` is not computed
    () is () => the identity of such values is not defined
    "a" in range(10 ** 12) => only whole numbers are looked for in a range
"""


@pytest.mark.parametrize(("text", "reason"), cases(UNKNOWN))
def test_unknown(folder: Folder, text: str, reason: str) -> None:
    found = fold(folder, text)
    assert isinstance(found, Unknown), found
    assert found.reason == reason


SHAPES = """
    lambda: 1 => lambda
    (n for n in range(3)) => generator
    open("f") => open file
    [np.x, 2] => list of 2
    [np.x] * 3 + [1] => list of 4
    [np.f(n) for n in range(10)] => list of 10
    [np.f(n) for n in range(10) if np.g(n)] => list
    [n for n in range(10 ** 7)] => list of 10000000
    list(range(10 ** 7)) => list of 10000000
    [0] * 10 ** 7 => list of 10000000
    list({"a", "b"}) => list of 2
    [n for n in {"a", "b"}] => list of 2
    sorted(np.x) => list
    {np.x, np.y} => set
    {"a": np.x} => dict
    dict(a=1).keys() => dict keys view of 1
    zip("ab", "cd") => zip of 2
    map(np.f, range(4)) => map of 4
    Kind.RED => member of `Kind`
"""


@pytest.mark.parametrize(("text", "shape"), cases(SHAPES))
def test_shapes(folder: Folder, text: str, shape: str) -> None:
    found = fold(folder, text)
    assert isinstance(found, Shape), found
    assert found.kind + (f" of {found.length}" if found.length is not None else "") == shape


def test_environment_is_never_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/compiler")
    for text in ('os.environ["HOME"]', 'os.environ.get("HOME", "/")', 'os.getenv("HOME")'):
        assert fold(folder, text) == EnvRef("HOME")


HERE = """
    os.environ["HOME"] => '/home/me'
    os.environ.get("HOME", 1) => '/home/me'
    os.getenv("NONE", default=ONE) => 1
    os.environ.get("NONE") => None
    int(os.getenv("CORES")) * 2 => 8
    HOME_OF_MODULE => '/home/me'
    os.environ["NONE"] => the environment variable `NONE` is not set
    os.getenv("NONE", undefined) => `undefined` is assigned nowhere at the top level of `flow.py`
"""


@pytest.mark.parametrize(("text", "value"), cases(HERE))
def test_environment_of_a_run_on_this_machine(text: str, value: str) -> None:
    """What a task computes with it stays unknown: the task may run elsewhere."""
    source = MODULE + '\n    HOME_OF_MODULE = os.environ["HOME"]\n'
    folder = Folder(written(source, FILES, environ={"HOME": "/home/me", "CORES": "4"}))
    found = fold(folder, text)
    assert (found.reason if isinstance(found, Unknown) else repr(getattr(found, "value", found))) == value
    assert not isinstance(fold(folder, text, {}), Const)


def test_variables_that_are_configured() -> None:
    """They are the same on every machine; a run on this machine has its own first."""
    source, given = (
        MODULE + '\n    HOME_OF_MODULE = os.environ["HOME"]\n',
        {"HOME": "/configured", "NONE": "n"},
    )
    folder = Folder(written(source, FILES), given)
    assert fold(folder, "HOME_OF_MODULE + os.getenv('NONE')") == Const("/configuredn")
    assert fold(folder, 'os.environ["CORES"]') == EnvRef("CORES")
    assert not isinstance(fold(folder, "HOME_OF_MODULE", {}), Const)
    here = Folder(written(source, FILES, environ={"HOME": "/home/me"}), given)
    assert fold(here, "HOME_OF_MODULE + os.getenv('NONE')") == Const("/home/men")


def test_names_of_a_method_come_first(folder: Folder) -> None:
    names: dict[str, Value] = {
        "self.xs": Shape("list", 3),
        "ONE": ParamRef("one"),
        "local": Const(5),
        "self.cfg": ConfigRef("cfg", ()),
    }
    assert fold(folder, "len(self.xs) + local", names) == Const(8)
    assert fold(folder, "self.cfg.a['b']", names) == ConfigRef("cfg", ("a", "b"))
    assert fold(folder, "ONE", names) == ParamRef("one")
    doubled = fold(folder, "ONE * 2", names)
    assert isinstance(doubled, Unknown)
    assert doubled.reason == "it depends on the parameter `one`, whose value only a run knows"


def test_methods_may_have_changed_a_list_before_a_task_reads_it(folder: Folder) -> None:
    found = fold(folder, "LATE", {})
    assert isinstance(found, Unknown)
    assert "is changed after its assignment" in found.reason


def test_results_share_nothing(folder: Folder) -> None:
    first, second = fold(folder, "TABLE"), fold(folder, "TABLE")
    assert isinstance(first, Const)
    assert isinstance(first.value, dict)
    first.value.clear()
    assert second == fold(folder, "TABLE")
    assert isinstance(second, Const)
    assert second.value


def test_class_names_are_seen_in_the_class_after_their_line() -> None:
    folder = Folder(written("A = 1\nclass F:\n    early = A\n    A = 2\n    late = A\n"))
    module = entry_of(folder.project)
    owner = module.tree.body[1]
    assert isinstance(owner, ast.ClassDef)
    values = [n.value for n in owner.body if isinstance(n, ast.Assign)]
    assert [folder.fold(v, module, owner) for v in values] == [Const(1), Const(2), Const(2)]


def test_paths_of_the_project(folder: Folder) -> None:
    for text in (
        'beside("m.csv")',
        'Path(__file__).parent / "m.csv"',
        'Path(__file__).resolve().parent.joinpath("m.csv")',
    ):
        expr = ast.parse(text, mode="eval").body
        assert folder.fold_path(expr, entry_of(folder.project)) == Const(f"{ANCHOR}/m.csv")
        assert not isinstance(folder.fold(expr, entry_of(folder.project)), Const)


def test_size_without_end() -> None:
    lines = ["A0 = [1, 1]", *(f"A{n} = [A{n - 1}, A{n - 1}]" for n in range(1, 60))]
    folder = Folder(written("\n".join(lines)))
    for text in ("A59", "A59 == A59", "str(A59)", "[A59 for _ in range(100)]"):
        assert not isinstance(fold(folder, text), Const)


def test_depth_without_end() -> None:
    folder = Folder(written("A = 1\n"))
    assert fold(folder, "+".join(["A"] * 900)) == Const(900)
    assert isinstance(fold(folder, "-" * 200 + "1"), Unknown)
    assert isinstance(fold(folder, "[" * 90 + "]" * 90), Shape | Unknown)


def test_work_without_end(folder: Folder) -> None:
    loops = " ".join("for _ in range(9999)" for _ in range(8))
    assert isinstance(fold(folder, f"[1 {loops}]"), Shape)
