"""Which class is the flow, what its bases bring, and what is wrong with its declarations."""

from __future__ import annotations

import contextlib
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.frontend.declare import declare
from flowc.frontend.flow.flows import flow_names
from tests.declaring import described, written
from tests.resolving import resolved

START = "    @step\n    def start(self): self.next(self.end)\n"
END = "    @step\n    def end(self): pass\n"
BOTH = START + END
API = "from flowc import *\n"


def flow(name: str, base: str = "FlowSpec", body: str = BOTH) -> str:
    return f"class {name}({base}):\n{body}"


# --------------------------------------------------------------------------- the flow
CHOSEN = {
    "import of the module": ("import metaflow as mf\nclass F(mf.FlowSpec):\n" + BOTH.replace("@step", "@mf.step"), "F"),
    "aliases": (
        "from metaflow import FlowSpec as FS, step as s\nclass F(FS):\n" + BOTH.replace("@step", "@s"),
        "F",
    ),
    "alias of the class": (API + "Base = FlowSpec\n" + flow("F", "Base"), "F"),
    "in a branch": (API + "if True:\n" + textwrap.indent(flow("F"), "    "), "F"),
    "in a try": (
        "try:\n    from metaflow import FlowSpec, step\nexcept ImportError:\n    from flowc import FlowSpec, step\n"
        + flow("F"),
        "F",
    ),
    "base with a step": (API + flow("A", body=START) + flow("F", "A", END), "F"),
    "base without steps": (API + flow("A", body="    x = 1\n") + flow("F", "A"), "F"),
    "the last of a name": (API + flow("F", body=END) + flow("F"), "F"),
    "generic": (
        API + "from typing import Generic, TypeVar\nT = TypeVar('T')\n" + flow("F", "FlowSpec, Generic[T]"),
        "F",
    ),
    "parametrised base": (
        API + "from typing import Generic, TypeVar\nT = TypeVar('T')\n"
        + flow("A", "FlowSpec, Generic[T]", START) + flow("F", "A[int]", END),
        "F",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "name"), CHOSEN.values(), ids=CHOSEN.keys())
def test_only_flow_is_taken(source: str, name: str) -> None:
    found = resolved(source)
    assert found.faults == []
    assert found.graph is not None
    assert found.graph.name == name
    assert sorted(found.graph.steps) == ["end", "start"]


def test_bases_in_other_modules() -> None:
    files = {
        "shared/__init__.py": "from .flows import Tracked as Base\n",
        "shared/flows.py": "from metaflow import FlowSpec, step\nfrom mixins import Ends\n"
        "class Tracked(FlowSpec, Ends):\n" + START,
        "mixins.py": "import metaflow\nclass Ends:\n    @metaflow.step\n    def end(self): self.note()\n"
        "    def note(self): self.seen = True\n",
    }
    found = resolved("from shared import Base\nclass F(Base): pass\n", files)
    assert found.faults == []
    assert found.transitions() == "end: (end)\nstart: end"
    assert found.body("note") == "0: write seen=True -> return"


def test_first_base_wins() -> None:
    source = API + (
        "class A:\n    @step\n    def middle(self): self.next(self.end)\n"
        "class B:\n    @step\n    def middle(self): self.next(self.start)\n"
        "class C(A): pass\n"
        "class F(FlowSpec, C, B):\n    @step\n    def start(self): self.next(self.middle)\n" + END
    )
    assert resolved(source).transitions() == "middle: end\nstart: middle\nend: (end)"


def test_override_without_step_is_no_step() -> None:
    source = API + flow("A", body=BOTH) + flow("F", "A", "    def end(self): pass\n")
    assert resolved(source).faults == [
        "4:32 FC218 `end` is a method without `@step`",
        "7:7 FC302 the flow `F` has no last step",
    ]


TWO = API + flow("Small") + flow("Large")


def test_several_flows_need_a_name() -> None:
    assert resolved(TWO).faults == ["7:7 FC005 `flow.py` has 2 flows and none was chosen: `Small`, `Large`"]
    found = resolved(TWO, flow="Large")
    assert found.faults == []
    assert found.graph is not None
    assert found.graph.name == "Large"


def test_flow_the_file_starts_is_suggested() -> None:
    (diagnostic,) = resolved(TWO + "if __name__ == '__main__':\n    Large()\n").diagnostics
    assert diagnostic.helps == ("choose one with `--flow Large`, which the file itself starts",)


def test_names_of_flows() -> None:
    project = written(TWO + flow("Base", body="    x = 1\n") + flow("Tiny", "Base"))
    assert flow_names(project) == ["Small", "Large", "Tiny"]


NOT_FOUND = [
    ("", "1:1 FC004 `flow.py` has no flow: no class derives from `FlowSpec`"),
    (
        "from flowc import step\nclass F:\n" + BOTH,
        "2:7 FC004 `F` has steps but does not derive from `FlowSpec`",
    ),
    (
        "from flowc import step\nclass F(F2):\n" + BOTH + "class F2(F): pass\n",
        "2:7 FC004 the bases of `F` derive from one another: `F` (flow.py) and `F2` (flow.py)",
    ),
    (
        "from flowc import step\nclass F(FlowSpec):\n" + BOTH,
        "2:7 FC004 `F` derives from a `FlowSpec` that is not imported from `flowc` or `metaflow`",
    ),
    (
        API + "def make():\n    class F(FlowSpec): pass\n",
        "3:11 FC004 `F` is a flow inside a function or a class, where it cannot be found",
    ),
]


@pytest.mark.parametrize(("source", "fault"), NOT_FOUND)
def test_no_flow(source: str, fault: str) -> None:
    assert resolved(source).faults == [fault]


def test_a_missing_import_of_flowspec_is_put_right() -> None:
    (diagnostic,) = resolved("from metaflow import step\nclass F(FlowSpec):\n" + BOTH).diagnostics
    assert diagnostic.helps == ("add `FlowSpec` to the import from `metaflow` in line 1",)
    assert diagnostic.fix is not None
    assert [edit.text for edit in diagnostic.fix.edits] == [", FlowSpec"]


def test_a_misspelt_base_is_reported_where_it_is_imported() -> None:
    assert resolved("from metaflow import Flowspec, step\nclass F(Flowspec):\n" + BOTH).faults == [
        "1:22 FC123 `metaflow` has no `Flowspec`, and neither `flowc` nor `metaflow` has one"
    ]


def test_step_is_moved_below_the_decorators_of_steps() -> None:
    text = (
        API + "def mine(f): return f\nclass F(FlowSpec):\n"
        "    @step\n    @mine\n    @retry(\n        times=1)\n    @timeout(seconds=9)\n    def start(self): pass\n"
    )
    found = [d for d in resolved(text).diagnostics if d.rule.code == "FC113"]
    assert [d.fix is not None for d in found] == [True, False]
    edits = {e.span.text: e.text for d in found if d.fix for e in d.fix.edits}
    retry = "retry(\n        times=1)"
    assert edits == {"step": retry, "mine": "timeout(seconds=9)", retry: "step", "timeout(seconds=9)": "mine"}


def test_unknown_flow() -> None:
    (diagnostic,) = resolved(TWO, flow="Lagre").diagnostics
    assert diagnostic.message == "`flow.py` has no flow `Lagre`"
    assert diagnostic.helps == ("did you mean `Large`?",)


# --------------------------------------------------------------------------- declarations
FAULTS = {
    "unseen base": (
        API + "from company import Base\n" + flow("F", "Base, FlowSpec"),
        ["3:9 FC101 the base class `Base` of `F` is not found in the project"],
    ),
    "step twice": (
        API + flow("F", body=START + START + END),
        ["6:9 FC102 the step `start` is defined twice in `F`; only this definition counts"],
    ),
    "step in both branches": (
        API + flow("F", body="    if True:\n" + textwrap.indent(START, "    ") + "    else:\n" + textwrap.indent(START, "    ") + END),
        [],
    ),
    "reserved name": (
        API + flow("F", body="    @step\n    def start(self): self.next(self.cmd)\n    @step\n    def cmd(self): self.next(self.end)\n" + END),
        ["6:9 FC110 `cmd` cannot be a step: `self.cmd` has a meaning of its own in every flow"],
    ),
    "no self": (
        API + flow("F", body=START.replace("(self)", "()") + END),
        ["4:9 FC111 the step `start` does not take `self`"],
    ),
    "surplus": (
        API + flow("F", body=START.replace("(self)", "(self, inputs, x, y=1)") + END),
        ["4:29 FC111 the step `start` takes `x`, which nothing gives it"],
    ),
    "what Metaflow takes": (
        API + flow("F", body=START.replace("(self)", "(self, *args, k=1, **kw)") + END.replace("(self)", "(this)")),
        [],
    ),
    "async": (
        API + flow("F", body=START.replace("def", "async def") + END),
        ["4:15 FC112 the step `start` is an `async def`, which cannot be a step"],
    ),
    "generator": (
        API + flow("F", body="    @step\n    def start(self):\n        yield 1\n        self.next(self.end)\n" + END),
        ["4:9 FC112 the step `start` has a `yield`, so that calling it runs none of its code"],
    ),
    "static method": (
        API + flow("F", body=START.replace("@step", "@staticmethod\n    @step") + END),
        ["5:9 FC112 the step `start` is a `staticmethod`, which cannot be a step"],
    ),
    "below step": (
        API + flow("F", body=START.replace("@step", "@step\n    @retry") + END),
        ["4:6 FC113 `@retry` stands below `@step` of `start`"],
    ),
    "own decorator below step": (
        API + "def mine(f): return f\n" + flow("F", body=START.replace("@step", "@step\n    @mine") + END),
        ["5:6 FC103 flowc does not know the decorator `@mine`; it is kept and acts only when the step runs"],
    ),
    "flow decorator on a step": (
        API + flow("F", body=START.replace("@step", "@project(name='x')\n    @step") + END),
        ["3:6 FC114 `@project` is a flow decorator, and stands on the method `start`"],
    ),
    "step decorator on the flow": (
        API + "@retry\n" + flow("F"),
        ["2:2 FC114 `@retry` is a step decorator, and stands on the flow"],
    ),
    "two starts": (
        API + flow("F", body=START + "    @step(start=True)\n    def a(self): self.next(self.start)\n" + END),
        ["6:9 FC127 `a` and `start` both claim to be the first step"],
    ),
    "two ends": (
        API + flow("F", body=START + END + "    @step(end=True)\n    def last(self): pass\n"),
        ["8:9 FC128 `last` and `end` both claim to be the last step"],
    ),
    "attribute over step": (
        API + flow("F", body=START + END + "    start = 1\n"),
        ["7:5 FC129 `start` replaces the step of that name, which the flow then lacks"],
    ),
    "step over parameter": (
        API + flow("F", body="    start = Parameter('s')\n" + BOTH),
        ["5:9 FC129 the step `start` replaces the `Parameter` of that name, which the flow then lacks"],
    ),
    "attribute over self.next": (
        API + flow("F", body="    next = 1\n" + BOTH),
        ["3:5 FC129 `F` assigns `next`, so that no step can go on by `self.next`"],
    ),
    "artifact like a step": (
        API + flow("F", body="    @step\n    def start(self):\n        self.end = 1\n        self.next(self.end)\n" + END),
        ["5:9 FC129 the artifact `end` is called like a step, and `self.end` means the step in every later one"],
    ),
    "step decorator without step": (
        API + flow("F", body="    @retry\n    def help(self): pass\n" + BOTH),
        ["3:6 FC130 `@retry` is on `help`, which is no step"],
    ),
    "misspelt claim": (
        API + flow("F", body=START.replace("@step", "@step(strat=True)") + END),
        ["3:11 FC105 `@step` has no attribute `strat`"],
    ),
    "no steps": (API + "class F(FlowSpec): pass\n", ["2:7 FC301 the flow `F` has no steps"]),
    "no start": (API + flow("F", body=BOTH.replace("start", "begin")), ["2:7 FC301 the flow `F` has no first step"]),
    "no end": (
        API + flow("F", body=BOTH.replace("end", "last")),
        ["2:7 FC302 the flow `F` has no last step"],
    ),
    "no end, where several steps may be it": (
        API + flow("F", body=BOTH.replace("end", "last") + "    @step\n    def other(self): pass\n"),
        [
            "2:7 FC302 the flow `F` has no last step",
            "6:9 FC201 the step `last` has no `self.next`",
            "8:9 FC201 the step `other` has no `self.next`",
        ],
    ),
    "only step": (API + flow("F", body="    @step\n    def work(self): pass\n"), []),
    "marked": (
        API + flow("F", body=BOTH.replace("self.end", "self.z").replace("@step\n    def start", "@step(start=True)\n    def a").replace("@step\n    def end", "@step(end=True)\n    def z")),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "faults"), FAULTS.values(), ids=FAULTS.keys())
def test_declarations(source: str, faults: list[str]) -> None:
    assert resolved(source).faults == faults


def test_members() -> None:
    source = API + (
        "class Base(FlowSpec):\n"
        "    limit: int = 3\n    label: str\n    a, (b, c) = 1, (2, 3)\n"
        "    class Inner: pass\n    import os.path as p\n"
        "    @property\n    def size(self): return 1\n    @size.setter\n    def size(self, v): pass\n"
        "    def helper(self): pass\n" + START
        + "class F(Base):\n    def helper(self): pass\n" + END
    )  # fmt: skip
    sink = Sink()
    decl = declare(written(source, sink=sink), None, sink)
    assert decl is not None
    assert described(sink) == []
    assert [a.name for a in decl.attributes] == ["limit", "a", "b", "c", "Inner", "p"]
    assert [(m.name, m.owner.name, m.is_property) for m in decl.methods] == [
        ("size", "Base", True),
        ("size.setter", "Base", False),
        ("helper", "F", False),
    ]
    assert {name: [m.owner.name for m in several] for name, several in decl.overridden.items()} == {
        "helper": ["Base"]
    }


def test_docstring_and_order() -> None:
    source = API + 'class F(FlowSpec):\n    """Train.\n\n        Indented.\n    """\n' + END + START
    found = resolved(source)
    assert found.graph is not None
    assert found.graph.doc == "Train.\n\nIndented."
    assert list(found.graph.steps) == ["end", "start"]


@pytest.mark.parametrize("source", [API + "class A(B): pass\nclass B(A): pass\n", API + "class A(A): pass\n"])
def test_bases_in_a_circle_end(source: str) -> None:
    assert resolved(source).faults[0].endswith("has no flow: no class derives from `FlowSpec`")


# --------------------------------------------------------------------------- the order of bases
REFUSED = {
    "a base before what extends it": (
        "class A(FlowSpec): pass\nclass F(FlowSpec, A):\n",
        "3:7 FC135 the class `F` cannot have the bases `FlowSpec`, `A` in this order",
        "`A` extends `FlowSpec` and has to come before it",
        "write `class F(A, FlowSpec)`",
    ),
    "twice": (
        "class F(FlowSpec, FlowSpec):\n",
        "2:7 FC135 the class `F` names its base `FlowSpec` twice",
        "",
        "name each base once",
    ),
    "bases that disagree": (
        "class X: pass\nclass Y: pass\nclass A(X, Y): pass\nclass B(Y, X): pass\nclass F(A, B, FlowSpec):\n",
        "6:7 FC135 the class `F` cannot have the bases `A`, `B`, `FlowSpec` in this order",
        "`A` has `X` before `Y`, `B` the other way round",
        "give these bases the same order in every class, or leave one of them out",
    ),
    "object first": (
        "class F(object, FlowSpec):\n",
        "2:7 FC135 the class `F` cannot have the bases `object`, `FlowSpec` in this order",
        "`FlowSpec` extends `object` and has to come before it",
        "write `class F(FlowSpec)`",
    ),
    "in a base": (
        "class X: pass\nclass Y(X): pass\nclass A(X, Y, FlowSpec): pass\nclass F(A):\n",
        "4:7 FC135 the class `A` cannot have the bases `X`, `Y`, `FlowSpec` in this order",
        "`Y` extends `X` and has to come before it",
        "write `class A(Y, X, FlowSpec)`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("classes", "fault", "why", "remedy"), REFUSED.values(), ids=REFUSED)
def test_bases_that_contradict_one_another(classes: str, fault: str, why: str, remedy: str) -> None:
    found = resolved(API + classes + BOTH)
    assert found.faults == [": ".join(filter(None, (fault, why)))]
    assert found.diagnostics[0].helps == (remedy,)


BASES = st.lists(
    st.lists(st.sampled_from(["object", "FlowSpec", *"ABCDE"]), max_size=4), min_size=1, max_size=6
)


@given(BASES)
def test_python_refuses_the_same_bases(bases: list[list[str]]) -> None:
    classes = [
        f"class {name}({', '.join(b for b in several if b not in 'ABCDEF'[number:])}): pass\n"
        for number, (name, several) in enumerate(zip("ABCDEF", bases, strict=False))
    ]
    classes.append(f"class Flow({'ABCDEF'[len(bases) - 1]}, FlowSpec):\n{BOTH}")
    names = {"FlowSpec": type("FlowSpec", (), {}), "step": lambda method: method}
    for text in classes:
        with contextlib.suppress(TypeError, NameError):
            exec(text, names)  # noqa: S102 - Python itself is the judge
    faults = resolved(API + "".join(classes), flow="Flow").faults
    assert any("FC135" in fault for fault in faults) == ("Flow" not in names)
