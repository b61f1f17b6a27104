"""What is wrong with a `self.next`: a step's body and every fault reported for it."""

from __future__ import annotations

import pytest

from tests.resolving import resolved, start_with

FAULTS = [
    ("self.next(self.aa)", ["FC203 the flow has no step `aa`"]),
    ("self.next(self.helper)", ["FC218 `helper` is a method without `@step`"]),
    ("self.next(self.made)", ["FC218 `made` is an attribute of the class, and not a method with `@step`"]),
    ("self.next('a')", ["FC204 `'a'` is text; name the step itself: `self.a`"]),
    (
        "self.next(self.a())",
        ["FC204 `self.a()` is the result of a call: name the step without calling it, `self.a`"],
    ),
    ("self.next(a)", ["FC204 `a` is a local name, not a step: write `self.a`"]),
    ("self.next(self)", ["FC204 `self` is the flow itself, not one of its steps"]),
    (
        "self.next([self.a])",
        ["FC204 `[self.a]` is one value; give the steps one by one: `self.next(self.a)`"],
    ),
    ("self.next(*f())", ["FC204 `*f()` cannot be known without running the step"]),
    ("self.next(self.a, **f())", ["FC204 `**f()` cannot be known without running the step"]),
    (
        "self.next(getattr(self, f()))",
        ["FC204 `getattr(self, f())` cannot be known without running the step"],
    ),
    ("self.next(self.a, for_each='xs')", ["FC205 `self.next` has no keyword `for_each`"]),
    ("self.next(self.a, self.b, foreach='xs')", ["FC206 `foreach` has 2 targets; it takes one"]),
    (
        "self.next(self.a, foreach=self.xs)",
        ["FC207 `foreach` is given the value of `self.xs`; it takes the artifact's name"],
    ),
    ("self.next(self.a, foreach='self.xs')", ["FC207 `'self.xs'` is not the name of an artifact"]),
    ("self.next(self.a, foreach=[1, 2])", ["FC207 `[1, 2]` is not the name of an artifact"]),
    ("self.next(self.a, foreach=None)", ["FC207 `None` is not the name of an artifact"]),
    ("self.next()", ["FC208 `self.next` in `start` names no step"]),
    ("self.next({'x': self.a, 'y': self.b})", ["FC209 a table of cases comes without `condition=`"]),
    (
        "self.next({'x': self.a, 'y': self.b}, condition=self.kind)",
        ["FC210 `condition` is given the value of `self.kind`; it takes the artifact's name"],
    ),
    (
        "self.next({'x': self.a, 'y': self.b}, condition=self.text)",
        ["FC210 `condition` is given the value of `self.text`; it takes the artifact's name"],
    ),
    ("self.next({'x': self.a, 'y': self.b}, condition=3)", ["FC210 `3` is not the name of an artifact"]),
    (
        "self.next({'x': self.a, 'y': self.b}, condition=f())",
        [
            "FC210 the artifact to switch on cannot be known: what `f(…)` gives is known only when the flow runs"
        ],
    ),
    (
        "self.next(f(), condition='k')",
        ["FC211 the table of a switch cannot be read without running the step"],
    ),
    (
        "self.next({**f(), 'x': self.a}, condition='k')",
        ["FC211 the table of a switch cannot be read without running the step"],
    ),
    (
        "self.next(self.a, condition='k')",
        ["FC211 `condition=` comes with a table of cases, and there is none"],
    ),
    (
        "self.next({f(): self.a, 'y': self.b}, condition='k')",
        ["FC211 the key `f()` is not static: what `f(…)` gives is known only when the flow runs"],
    ),
    ("self.next({'x': self.a}, condition='k')", ["FC212 a switch needs at least two cases, and has 1"]),
    ("self.next({}, condition='k')", ["FC212 a switch needs at least two cases, and has none"]),
    (
        "self.next({'x': self.a, 'x': self.b, 'y': self.b}, condition='k')",
        ["FC213 the key `'x'` stands in the table twice; only this one counts"],
    ),
    (
        "self.next({'x': self.aa, 'y': 'b'}, condition='k')",
        ["FC203 the flow has no step `aa`", "FC204 `'b'` is text; name the step itself: `self.b`"],
    ),
    (
        "def go(): self.next(self.a)\ngo()",
        ["FC215 `self.next` is called in a function defined inside the step"],
    ),
    ("f(lambda: self.next(self.a))", ["FC215 `self.next` is called in a function defined inside the step"]),
    ("self.go_on()", ["FC215 `self.next` is called in `go_on`, which the step `start` calls"]),
    ("self.deep()", ["FC215 `self.next` is called in `go_on`, which the step `start` calls"]),
    (
        "self.next(self.a, num_parallel=0)",
        ["FC216 `num_parallel` is 0, and must be a whole number of at least 1"],
    ),
    (
        "self.next(self.a, num_parallel=True)",
        ["FC216 `num_parallel` is True, and must be a whole number of at least 1"],
    ),
    (
        "self.next(self.a, num_parallel='4')",
        ["FC216 `num_parallel` is '4', and must be a whole number of at least 1"],
    ),
    (
        "self.next(self.a, foreach='xs', num_parallel=2)",
        ["FC217 `foreach` and `num_parallel` cannot be combined in one `self.next`"],
    ),
    ("self.next(self.a, self.b, self.a)", ["FC219 the split names the step `a` twice"]),
    ("self.next(self.x1, self.x2)", ["FC203 the flow has no step `x1`", "FC203 the flow has no step `x2`"]),
]

MEMBERS = """\
def helper(self): pass
def go_on(self): self.next(self.end)
def deep(self): self.go_on()
made = make_step()
text = 'kind'
"""


@pytest.mark.parametrize(("body", "faults"), FAULTS)
def test_faults(body: str, faults: list[str]) -> None:
    found = resolved(start_with(body, "a", "b", members=MEMBERS))
    assert [fault.partition(" ")[2] for fault in found.faults] == faults
    assert found.graph is not None
    assert found.graph.broken == ({"start"} if faults[0][:5] != "FC213" else set())


def test_helper_that_nobody_calls_may_go_on() -> None:
    assert resolved(start_with("self.next(self.end)", members=MEMBERS)).faults == []


def test_why_a_method_is_no_step() -> None:
    found = resolved(
        start_with(
            "self.next(self.train)", members="def as_step(f): return f\n@as_step\ndef train(self): pass"
        )
    )
    (diagnostic,) = found.diagnostics
    assert diagnostic.notes == (
        "`@step` must stand in the class: a decorator that applies it is not followed, such as `@as_step`",
    )


def test_the_name_in_a_class_attribute_may_be_meant() -> None:
    found = resolved(
        start_with("self.next({'x': self.a, 'y': self.b}, condition=self.text)", "a", "b", members=MEMBERS)
    )
    (diagnostic,) = found.diagnostics
    assert diagnostic.helps == ("write `condition='text'`, or `condition='kind'`",)
    assert diagnostic.fix is None


def test_misspelt_step_is_mended() -> None:
    found = resolved(start_with("self.next(self.trian)", "train"))
    (diagnostic,) = found.diagnostics
    assert diagnostic.helps == ("did you mean `train`?",)
    assert diagnostic.fix is not None
    (edit,) = diagnostic.fix.edits
    assert (edit.span.text, edit.text) == ("trian", "train")


def test_last_step_has_no_next() -> None:
    found = resolved(
        "from flowc import *\nclass F(FlowSpec):\n"
        "    @step\n    def start(self): self.next(self.end)\n"
        "    @step\n    def end(self):\n        if f(): self.next(self.start)\n"
    )
    assert found.faults == ["7:17 FC214 `end` is the last step, and goes on by `self.next`"]


# --------------------------------------------------------------------------- paths
PATHS = [
    ("pass", "the step `start` has no `self.next`", []),
    ("flow.next(self.a)", "the step `start` has no `self.next`", []),
    (
        "if f(): self.next(self.a)",
        "`start` can end without `self.next`, when `f()` is false",
        ["f() is false"],
    ),
    (
        "if verbose: print()\nif f() and g():\n    self.next(self.a)",
        "`start` can end without `self.next`, when `f() and g()` is false",
        ["f() and g() is false"],
    ),
    (
        "if f():\n    if g(): return\n    self.next(self.a)\nelse: self.next(self.b)",
        "`start` can end without `self.next`, when `g()` is true",
        ["f() is true", "g() is true"],
    ),
    (
        "for x in self.xs:\n    self.next(self.a)\n    break",
        "`start` can end without `self.next`, when `self.xs` has no more items",
        ["self.xs has no more items"],
    ),
    (
        "try:\n    f()\n    self.next(self.a)\nexcept KeyError:\n    print()",
        "`start` can end without `self.next`, when `KeyError` is caught",
        ["KeyError is caught"],
    ),
    (
        "match f():\n    case 1: self.next(self.a)\n    case 2: self.next(self.b)",
        "`start` can end without `self.next`, when `f()` matches no case",
        ["f() matches no case"],
    ),
    (
        "with suppress(OSError):\n    f()\n    self.next(self.a)",
        "`start` can end without `self.next`, when `suppress(OSError)` catches an exception",
        ["suppress(OSError) catches an exception"],
    ),
    (
        "while f():\n    if g(): return self.next(self.a)",
        "`start` can end without `self.next`, when `f()` is false",
        ["f() is false"],
    ),
]


@pytest.mark.parametrize(("body", "message", "decisions"), PATHS)
def test_path_without_next(body: str, message: str, decisions: list[str]) -> None:
    (diagnostic,) = resolved(start_with(body, "a", "b")).diagnostics
    assert diagnostic.rule.code == "FC201"
    assert diagnostic.message == message
    assert [f"{s.span.text} {s.text.removeprefix('when it ')}" for s in diagnostic.secondary] == decisions


TWICE = [
    ("self.next(self.a)\nself.next(self.b)", True),
    ("if f(): self.next(self.a)\nself.next(self.b)", True),
    ("for x in xs: self.next(self.a)\nelse: self.next(self.b)", True),
    ("try:\n    self.next(self.a)\nfinally:\n    self.next(self.b)", True),
    ("try:\n    self.next(self.a)\n    f()\nexcept Exception:\n    self.next(self.b)", False),
    ("if f():\n    self.next(self.a)\n    return\nself.next(self.b)", False),
    ("while True:\n    self.next(self.a)\n    break", False),
]


@pytest.mark.parametrize(("body", "twice"), TWICE)
def test_two_on_one_path(body: str, twice: bool) -> None:
    codes = [d.rule.code for d in resolved(start_with(body, "a", "b")).diagnostics]
    assert ("FC202" in codes) is twice


MISSPELT = [
    ("self.nxt(self.a)", "self.next(self.a)"),
    ("if f(): self.Next(self.a, self.b)\nelse: self.next(self.a)", "self.next(self.a, self.b)"),
    ("self.kind = 'x'\nself.nex({'x': self.a, 'y': self.b}, condition='kind')", "self.next({'x'"),
]


@pytest.mark.parametrize(("body", "mended"), MISSPELT)
def test_misspelt_call_goes_on(body: str, mended: str) -> None:
    (found,) = resolved(start_with(body, "a", "b")).diagnostics
    assert found.rule.code == "FC201"
    assert found.message == f"`start` goes on by `{found.primary.span.text}`, which no flow has"
    assert found.fix is not None
    (edit,) = found.fix.edits
    text = edit.span.file.text
    assert mended in text[: edit.span.start] + edit.text + text[edit.span.end :]


NOT_MISSPELT = [
    "self.text(self.rows)",
    "self.text()",
    "self.train(self.a)",
    "self.nxt = f\nself.nxt(self.rows)",
]


@pytest.mark.parametrize("body", NOT_MISSPELT)
def test_other_calls_do_not_go_on(body: str) -> None:
    found = resolved(start_with(body, "a"))
    assert [fault.partition(" ")[2] for fault in found.faults] == [
        "FC201 the step `start` has no `self.next`"
    ]


CALLED = [
    ("self.a()", ["error start calls a"]),
    ("self.a()\nself.next(self.a)", ["error start calls a"]),
    ("self.a(1)\nself.end()\nself.next(self.a)", ["error start calls a", "warning start calls end"]),
    ("self.end()", ["error start calls end"]),
    ("self.help()", ["error help calls a"]),
    ("go = self.a\ngo()\nself.next(go)", ["error start calls a"]),
    ("self.next(self.a)", []),
]


@pytest.mark.parametrize(("body", "told"), CALLED)
def test_step_called_like_a_function(body: str, told: list[str]) -> None:
    found = resolved(start_with(body, "a", members="def help(self): self.a()"))
    lines = [f"{d.severity.value} {d.message}" for d in found.diagnostics]
    assert [
        line.replace("`", "").replace("calls the step", "calls").removesuffix(" like a function")
        for line in lines
    ] == told


def test_step_called_in_a_transition_is_said_once() -> None:
    found = resolved(start_with("self.next(self.a())", "a"))
    assert [d.rule.code for d in found.diagnostics] == ["FC204"]
