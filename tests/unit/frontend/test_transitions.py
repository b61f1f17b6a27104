"""What `self.next` calls mean: a step's body and the transition read from it."""

from __future__ import annotations

import pytest

from tests.resolving import resolved, start_with

STEPS = ("a", "b", "join(inputs)")

TRANSITIONS = [
    # Metaflow's own forms.
    ("self.next(self.a)", "a"),
    ("self.next(self.a, self.b)", "a + b"),
    ("self.next(self.a, foreach='xs')", "a for each of xs"),
    ("self.next(self.a, num_parallel=4)", "a × 4"),
    ("self.next(self.a, num_parallel=self.n)", "a × *"),
    ("self.next({'x': self.a, 'y': self.b}, condition='kind')", "kind: 'x' → a; 'y' → b"),
    ("self.next({1: self.a, None: self.b, 2.5: self.b}, condition='k')", "k: 1 → a; None,2.5 → b"),
    ("self.next({'x': self.a, 'y': self.a}, condition='kind')", "a"),
    ("self.next({'x': self.start, 'y': self.a}, condition='kind')", "kind: 'x' → start; 'y' → a"),
    # Branches of the step's own code.
    ("if f(): self.next(self.a)\nelse: self.next(self.b)", "if: a → a; b → b"),
    ("if f(): return self.next(self.a)\nself.next(self.b)", "if: a → a; b → b"),
    ("if f():\n    self.next(self.a)\n    return\nself.next(self.a, self.b)", "if: a → a; a+b → a + b"),
    ("if f(): self.next(self.a)\nelse: self.next(self.a)", "a"),
    (
        "if f(): self.next(self.a, foreach='xs')\nelse: self.next(self.a, foreach='ys')",
        "a for each of ys, xs",
    ),
    (
        "if f(): self.next(self.a, foreach='xs')\nelse: self.next(self.a)",
        "if: foreach:a → a for each of xs; a → a",
    ),
    ("if f(): self.next(self.a, num_parallel=2)\nelse: self.next(self.a, num_parallel=3)", "a × *"),
    ("match f():\n    case 1: self.next(self.a)\n    case _: self.next(self.b)", "if: a → a; b → b"),
    ("match f():\n    case [x, y]: self.next(self.a)\n    case other: self.next(self.b)", "if: a → a; b → b"),
    ("try:\n    self.next(self.a)\nexcept Exception:\n    self.next(self.b)", "if: a → a; b → b"),
    ("try: f()\nexcept KeyError: self.next(self.a)\nelse: self.next(self.b)", "if: a → a; b → b"),
    ("try: f()\nfinally: self.next(self.a)", "a"),
    ("with f() as x, g():\n    self.next(self.a)", "a"),
    ("while True:\n    if f(): break\nself.next(self.a)", "a"),
    (
        "while f():\n    if g():\n        self.next(self.a)\n        break\nelse:\n    self.next(self.b)",
        "if: a → a; b → b",
    ),
    ("for x in f():\n    if x: return self.next(self.a)\nself.next(self.b)", "if: a → a; b → b"),
    (
        "if f(): self.next({'x': self.a, 'y': self.b}, condition='k')\nelse: self.next({'z': self.b, 'y': self.b}, condition='k')",
        "k: 'x' → a; 'y','z' → b",
    ),
    (
        "if f(): self.next({'x': self.a, 'y': self.b}, condition='k')\nelse: self.next({'x': self.a, 'y': self.b}, condition='m')",
        "if: a → a; b → b",
    ),
    # Paths that need no transition.
    ("if f(): raise ValueError\nself.next(self.a)", "a"),
    ("import sys\nif f(): sys.exit(1)\nelse: self.next(self.a)", "a"),
    ("from os import _exit as leave\nif f(): leave(0)\nelse: self.next(self.a)", "a"),
    ("if f(): exit()\nelse: self.next(self.a)", "a"),
    ("if f(): self.next(self.a)\nelse:\n    while True: g()", "a"),
    ("if f(): self.next(self.a)\nelse: assert False, 'never'", "a"),
    ("if f(): self.fail()\nelse: self.next(self.a)", "a"),
    ("if f(): give_up()\nelse: self.next(self.a)", "a"),
    ("if DEBUG: return\nself.next(self.a)", "a"),
    ("if False: self.next(self.b)\nself.next(self.a)", "a"),
    ("raise NotImplementedError\nself.next(self.b)\n", "b"),
    # Names for the same things.
    ("this = self\nthis.next(this.a)", "a"),
    ("go = self.next\ngo(self.a)", "a"),
    ("target = self.a\nself.next(target)", "a"),
    ("target = self.a if f() else self.b\nself.next(target)", "if: a → a; b → b"),
    ("if f(): target = self.a\nelse: target = self.b\nself.next(target)", "if: a → a; b → b"),
    ("self.next(self.a if f() else self.b)", "if: a → a; b → b"),
    ("self.next(getattr(self, 'a'))", "a"),
    ("self.next(getattr(self, NAME))", "a"),
    ("self.next(*[self.a, self.b])", "a + b"),
    ("options = {'foreach': 'xs'}\nself.next(self.a, **options)", "a for each of xs"),
    ("self.next(self.a, foreach=ITEMS)", "a for each of xs"),
    ("self.which = 'xs'\nself.next(self.a, foreach=self.which)", "a for each of xs"),
    ("name = f()\nself.next(self.a, foreach=name)", "a for each of *"),
    ("table = {'x': self.a, 'y': self.b}\nself.next(table, condition='kind')", "kind: 'x' → a; 'y' → b"),
    ("self.next(dict(x=self.a, y=self.b), condition='kind')", "kind: 'x' → a; 'y' → b"),
    ("self.next({NAME: self.a, self.OTHER: self.b}, condition='kind')", "kind: 'a' → a; 'o' → b"),
    ("self.next(self.ROUTES, condition='kind')", "kind: 'x' → fail; 'y' → end"),
    (
        "self.next({k: getattr(self, v) for k, v in STEPS.items()}, condition='kind')",
        "kind: 'x' → a; 'y' → b",
    ),
    (
        "self.next({self.cfg.small: self.a, self.cfg.large: self.b}, condition='kind')",
        "kind: 's' → a; 'l' → b",
    ),
]

HEAD = """\
DEBUG = False
NAME = 'a'
ITEMS = 'xs'
STEPS = {'x': 'a', 'y': 'b'}
def give_up():
    raise SystemExit(1)
"""
MEMBERS = """\
OTHER = 'o'
cfg = Config('cfg', default_value={'small': 's', 'large': 'l'})
def fail(self):
    raise ValueError
"""


@pytest.mark.parametrize(("body", "transition"), TRANSITIONS)
def test_transition(body: str, transition: str) -> None:
    members = MEMBERS
    if "ROUTES" in body:
        members = "@step\ndef fail(self): self.next(self.end)\nROUTES = {'x': fail, 'y': end}\n"
    found = resolved(start_with(body, *STEPS, head=HEAD, members=members))
    assert found.faults == []
    assert found.transitions().splitlines()[-1 - len(STEPS) - 1] == f"start: {transition}"


def test_join_may_split_again() -> None:
    source = """
        from metaflow import FlowSpec, step
        class F(FlowSpec):
            @step
            def start(self): self.next(self.a, self.b)
            @step
            def a(self): self.next(self.join)
            @step
            def b(self): self.next(self.join)
            @step
            def join(self, inputs):
                self.xs = [i.x for i in inputs]
                self.next(self.each, foreach='xs')
            @step
            def each(self): self.next(self.last)
            @step
            def last(self, ins): self.next(self.end)
            @step
            def end(self): pass
    """
    found = resolved(source)
    assert found.faults == []
    assert found.transitions().splitlines()[3] == "join: each for each of xs"
    assert found.graph is not None
    assert [s.inputs for s in found.graph.steps.values()] == [None, None, None, "inputs", None, "ins", None]


def test_switch_stands_as_one_event_an_arm() -> None:
    found = resolved(start_with("self.next({'x': self.a, 'y': self.b}, condition='k')", "a", "b"))
    assert found.body() == "0: next a; next b -> return"
